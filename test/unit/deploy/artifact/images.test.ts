import { buildCommands, buildImages, checkImage, pushImages } from '../../../../deploy/artifact/images';
import type { ArtifactProps } from '../../../../deploy/artifact/promote';
import { ExitCode } from '../../../../foundation/failure';
import type { Command, Output, Run } from '../../../../foundation/process';
import { Secret } from '../../../../foundation/secret';
import { failureOf } from '../../../failure-of';
import { fakeClock } from '../fake-clock';
import { digestOf, registryDouble, type RegistryDouble } from './registry-double';

const commit = 'a'.repeat(40);
const props: ArtifactProps = {
  repository: 'ghcr.test/cogni/app',
  prefix: 'preview',
  commit,
  tree: 'c'.repeat(40),
  login: { username: 'ada', password: Secret.of('REGISTRY_TOKEN', 'p1anted') },
};
const tag = `preview-${commit}`;

/** Docker as far as it is asked; what it was asked, in order. */
function docker(answers: (words: string) => Partial<Output> | undefined = () => undefined): {
  readonly run: Run;
  readonly asked: Command[];
} {
  const asked: Command[] = [];
  const run: Run = (command) => {
    asked.push(command);
    const answer = answers(command.argv.slice(1).join(' ')) ?? {};
    return Promise.resolve({
      code: 0,
      signal: null,
      stdout: '',
      stderr: '',
      timedOut: false,
      milliseconds: 1,
      ...answer,
    });
  };
  return { run, asked };
}

describe('building the images of a commit', () => {
  it('builds the migrator and the application from one Dockerfile, with the commit in both', () => {
    expect(buildCommands(props, '/checkout').map(({ argv }) => argv.join(' '))).toEqual([
      `docker build --file Dockerfile --target migrator --label dev.cogni.commit=${commit} --build-arg BUILD_SHA=${commit} --tag ghcr.test/cogni/app:${tag}-migrate .`,
      `docker build --file Dockerfile --target runner --label dev.cogni.commit=${commit} --build-arg BUILD_SHA=${commit} --tag ghcr.test/cogni/app:${tag} .`,
    ]);
  });

  it('stops at the first that fails, with what Docker said', async () => {
    const { run, asked } = docker(() => ({ code: 1, stderr: 'no such target' }));
    expect((await failureOf(buildImages(props, '/checkout', { run }))).message).toContain('no such target');
    expect(asked).toHaveLength(1);
  });
});

describe('checking a built image', () => {
  const answers = (words: string): Partial<Output> | undefined => {
    if (words.startsWith('run ')) return { stdout: 'c0ffee\n' };
    if (words.startsWith('port ')) return { stdout: '127.0.0.1:49153\n' };
    return words.startsWith('logs ') ? { stdout: 'cannot start\n' } : undefined;
  };
  const site =
    (buildSha: string) =>
    (url: string): Promise<{ status: number; text: () => Promise<string> }> =>
      Promise.resolve({
        status: 200,
        text: () => Promise.resolve(url.endsWith('/version') ? JSON.stringify({ buildSha }) : 'ok'),
      });

  it('starts it without any secret, asks it, and ends the container', async () => {
    const { run, asked } = docker(answers);
    await checkImage(props, { run, clock: fakeClock(), fetch: site(commit) });
    const lines = asked.map(({ argv }) => argv.join(' '));
    expect(lines[0]).toMatch(/^docker run --detach --publish 127\.0\.0\.1::3000 --env /);
    expect(lines.at(-1)).toBe('docker rm --force c0ffee');
    expect(lines.join('\n')).not.toContain('p1anted');
  });

  it('fails with the log when it says another commit, and ends the container all the same', async () => {
    const { run, asked } = docker(answers);
    const failure = await failureOf(checkImage(props, { run, clock: fakeClock(), fetch: site('old') }));
    expect(failure.faults.join('\n')).toContain(`said buildSha "old", not "${commit}"`);
    expect(failure.output).toContain('cannot start');
    expect(asked.at(-1)?.argv).toContain('rm');
  });

  it('fails when nothing answers within the time', async () => {
    const { run } = docker(answers);
    const fetch = () => Promise.reject(new Error('connection refused'));
    const failure = await failureOf(checkImage(props, { run, clock: fakeClock(), fetch }));
    expect(failure.faults).toEqual([expect.stringMatching(/^\d+ times, 0 s to \d+ s: connection refused$/)]);
  });
});

describe('pushing the images of a commit', () => {
  let registry: RegistryDouble;
  beforeEach(() => (registry = registryDouble()));

  /** Pushing puts the image whose configuration is the id into the registry. */
  const engine = (ids: Readonly<Record<string, string>>) =>
    docker((words) => {
      const image = words.split(' ').at(-1) ?? '';
      const name = image.slice(image.indexOf(':') + 1);
      if (words.startsWith('image inspect')) return { stdout: `${ids[name] ?? ''}\n` };
      if (words.startsWith('push')) {
        registry.manifests.set(name, JSON.stringify({ config: { digest: ids[name] }, layers: [] }));
      }
      return undefined;
    });
  const ids = { [tag]: digestOf('app'), [`${tag}-migrate`]: digestOf('migrator') };
  const push = (run: Run) => pushImages(props, { https: registry.https, clock: fakeClock(), run });

  it('logs in through standard input with a configuration of its own, and pushes the migrator first', async () => {
    const { run, asked } = engine(ids);
    expect(await push(run)).toEqual({
      pushed: [`ghcr.test/cogni/app:${tag}-migrate`, `ghcr.test/cogni/app:${tag}`],
      there: [],
    });
    const login = asked.find(({ argv }) => argv[1] === 'login');
    expect(login?.argv.join(' ')).toBe('docker login --username ada --password-stdin ghcr.test');
    expect(asked.flatMap(({ argv }) => argv)).not.toContain('p1anted');
    const configurations = asked.filter(({ argv }) => ['login', 'push'].includes(argv[1] ?? ''));
    expect(new Set(configurations.map(({ env }) => env?.['DOCKER_CONFIG'])).size).toBe(1);
  });

  it('pushes nothing that is there already', async () => {
    await push(engine(ids).run);
    const { run, asked } = engine(ids);
    expect((await push(run)).there).toHaveLength(2);
    expect(asked.filter(({ argv }) => argv[1] === 'push')).toEqual([]);
  });

  it('is refused before it pushes anything when a tag means another image', async () => {
    registry.image(tag, commit);
    const { run, asked } = engine(ids);
    const failure = await failureOf(push(run));
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.faults).toEqual([expect.stringContaining(`${tag} means sha256:`)]);
    expect(asked.filter(({ argv }) => argv[1] === 'push')).toEqual([]);
  });

  it('reads back what it pushed: another image under the tag is a failure', async () => {
    const { run } = docker((words) => {
      const name = (words.split(' ').at(-1) ?? '').replace(/^[^:]*:/, '');
      if (words.startsWith('image inspect')) return { stdout: ids[name] ?? '' };
      if (words.startsWith('push')) registry.image(name, 'somebody else');
      return undefined;
    });
    expect((await failureOf(push(run))).what).toContain('does not have this image under that tag');
  });
});
