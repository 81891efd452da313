import { planImageRelease } from '../../../../deploy/image-release/plan';
import { releaseImage } from '../../../../deploy/image-release/release';
import { runnerRelease, type RunnerBuild } from '../../../../deploy/image-release/runner';
import { planText } from '../../../../deploy/plan-text';
import { Failure } from '../../../../foundation/failure';
import { fakeTransport, type Answer, type FakeTransport } from '../fake-transport';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const build: RunnerBuild = {
  repository: 'ghcr.test/cogni/runner',
  tag: 'sc0.11.2-node18-2026-11-21',
  context: '/checkout/services/sourcecred/runner',
  base: `docker.io/library/node@${digest('a')}`,
  buildBase: `docker.io/library/node@${digest('b')}`,
  sourcecred: '0.11.2',
  again: './cogni sourcecred release sc0.11.2-node18-2026-11-21',
};

/** A machine on which all goes well, but for what is given. */
const machine = (...others: (readonly [string, Answer])[]): FakeTransport =>
  fakeTransport([
    ...others,
    ['sourcecred.js --version', { stdout: 'sourcecred v0.11.2\n' }],
    ['docker run', { code: 2 }],
    [
      'docker image inspect',
      { stdout: `other/name@${digest('c')}\nghcr.test/cogni/runner@${digest('e')}\n` },
    ],
  ]);

/** What was run of docker, be it in a script. */
const ran = ({ log }: FakeTransport): string[] => log.map((line) => /docker \w+/.exec(line)?.[0] ?? line);

async function failureOn(transport: FakeTransport): Promise<Failure> {
  try {
    await releaseImage(runnerRelease(build), { transport });
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
  }
  throw new Error('it did not fail');
}

describe('releasing the runner', () => {
  it('looks at the login first, then at the tag; builds, tries and pushes; and gives the digest', async () => {
    const transport = machine();
    await expect(releaseImage(runnerRelease(build), { transport })).resolves.toBe(digest('e'));
    expect(ran(transport)).toEqual([
      'docker login',
      'docker pull',
      'docker build',
      'docker run',
      'docker run',
      'docker push',
      'docker image',
    ]);
  });

  it('builds from images by digest, for the platform of the hosts', async () => {
    const transport = machine();
    await releaseImage(runnerRelease(build), { transport });
    expect(transport.log[2]).toBe(
      `docker build --platform=linux/amd64 --build-arg=BUILD_BASE=${build.buildBase} --build-arg=BASE=${build.base}` +
        ` --label=org.opencontainers.image.version=${build.tag} --tag=${build.repository}:${build.tag} ${build.context}`,
    );
  });

  it('is refused where docker is not logged in, before anything else is done', async () => {
    const transport = machine(['docker login', { code: 3, stderr: 'cannot perform an interactive login' }]);
    const { exitCode, next, message } = await failureOn(transport);
    expect(exitCode).toBe(3);
    expect(next).toMatch(/^docker login ghcr\.test /);
    expect(message).toContain('no image was pushed');
    expect(ran(transport)).toEqual(['docker login']);
  });

  it('fails when it cannot be known whether docker is logged in', async () => {
    const transport = machine(['docker login', { code: 4, stderr: 'no such host' }]);
    const { exitCode, next, message } = await failureOn(transport);
    expect(exitCode).toBe(1);
    expect(message).toContain('no such host');
    expect(next).toContain('see that docker runs and the registry can be reached');
    expect(ran(transport)).toEqual(['docker login']);
  });

  it('is refused when the tag is there already', async () => {
    const transport = machine(['docker pull', { code: 3, stderr: 'it is there already' }]);
    expect((await failureOn(transport)).exitCode).toBe(3);
    expect(ran(transport)).toEqual(['docker login', 'docker pull']);
  });

  it('fails when it cannot be known whether the tag is there', async () => {
    const transport = machine(['docker pull', { code: 4, stderr: 'connection refused' }]);
    const { exitCode, message } = await failureOn(transport);
    expect(exitCode).toBe(1);
    expect(message).toContain('connection refused');
  });

  it.each([
    ['is another version than the tag says', ['--version', { stdout: 'sourcecred v0.10.0' }]],
    ['does not start', ['--version', { code: 1, stderr: 'better_sqlite3.node: NODE_MODULE_VERSION' }]],
    ['starts without its settings', ['docker run', { code: 0, stdout: 'sourcecred v0.11.2' }]],
  ] as const)('pushes nothing that %s, and takes the image back', async (_what, rule) => {
    const transport = machine(rule);
    expect((await failureOn(transport)).exitCode).toBe(1);
    expect(transport.log.some((line) => line.startsWith('docker push'))).toBe(false);
    expect(transport.log.at(-1)).toBe(`docker image rm --force ${build.repository}:${build.tag}`);
  });

  it('says what is left when the registry told no digest', async () => {
    const transport = machine(['docker image inspect', { stdout: '' }]);
    expect((await failureOn(transport)).state).toContain('was pushed; the lock does not have it yet');
  });

  it('puts no value into a shell’s text: each is an argument of its own', () => {
    const plan = planImageRelease(runnerRelease({ ...build, repository: 'ghcr.test/x$(id)', tag: '`id`' }));
    const scripts = plan.steps
      .flatMap(({ actions }) => actions)
      .flatMap((action) => (action.do === 'run' ? [action.command.argv] : []))
      .filter(([program]) => program === 'sh');
    expect(scripts.map((argv) => argv[4])).toEqual(['ghcr.test', 'ghcr.test/x$(id):`id`']);
    for (const [, , script] of scripts) expect(script).not.toMatch(/\bid\b/);
  });

  it('prints as the steps that it would run, with what each refuses', () => {
    const text = planText(planImageRelease(runnerRelease(build)));
    expect(text).toContain(`release ${build.repository}:${build.tag}: 5 steps`);
    expect(text).toContain('docker login "$1"');
    expect(text).toContain('refuses with exit code 3');
    expect(text).toContain(`$ docker push ${build.repository}:${build.tag}`);
  });
});
