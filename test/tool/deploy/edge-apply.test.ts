import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { dump, load } from 'js-yaml';
import { applyEdge, type EdgeResult } from '../../../deploy/edge/apply';
import type { EdgeRequest } from '../../../deploy/edge/request';
import { localTransport } from '../../../deploy/local';
import { ConnectionLost, type RemoteCommand, type Transport } from '../../../deploy/transport';
import { ExitCode, Failure } from '../../../foundation/failure';
import type { Https } from '../../../foundation/https';
import { run } from '../../../foundation/process';
import { progressTo, silent } from '../../../foundation/progress';
import { systemClock, type Clock } from '../../../foundation/clock';
import type { Docker } from '../../../sandbox/docker';
import { ensureEngine } from '../../../sandbox/engine';
import { caddyImage } from '../../../sandbox/images/caddy';
import { edgePages, renderEdge, type EdgeProps, type RenderedFile } from '../../../services';
import { freePort } from '../services/app-double';
import { composeProgram } from '../services/compose-program';
import { domain, edgeProps } from '../services/running-edge';

const name = `cogni-edge-apply-${randomBytes(4).toString('hex')}`;
let docker: Docker;
let program: string;
let image: string;
let port: number;
let top: string;

/** The rendered files, with names, image and port of this test. */
function files(props: Partial<EdgeProps> = {}, memory = '256m'): readonly RenderedFile[] {
  return renderEdge({ ...edgeProps, ...props }).map((file) => {
    if (file.path !== 'compose.yaml') return file;
    const compose = load(file.content) as {
      services: Record<string, Record<string, unknown>>;
      networks: unknown;
      volumes: unknown;
    };
    Object.assign(compose.services['caddy'] ?? {}, {
      image,
      ports: [`127.0.0.1:${port}:80`],
      mem_limit: memory,
    });
    compose.networks = { edge: { name, external: true } };
    compose.volumes = { caddy_data: { name: `${name}_data` }, caddy_config: { name: `${name}_config` } };
    return { ...file, content: dump(compose) };
  });
}

const caddyfile = (change: (text: string) => string): readonly RenderedFile[] =>
  files().map((file) =>
    file.path === 'caddy/Caddyfile' ? { ...file, content: change(file.content) } : file,
  );
const withHeader = (value: string): readonly RenderedFile[] => files({ headers: { 'X-Edge': value } });

/** This machine as the host: its folders below one of this test, its project under a name of its own. */
function host(onCommand: (line: string) => void = () => undefined): Transport {
  const local = localTransport({ env: { DOCKER_HOST: docker.host } });
  const placed = (text: string): string =>
    text
      .replaceAll('/opt/cogni/edge', join(top, 'edge'))
      .replaceAll('/var/lib/cogni', join(top, 'state'))
      .replaceAll('--project-name=cogni-edge', `--project-name=${name}`)
      .replaceAll('cogni-edge-caddy-1', `${name}-caddy-1`)
      .replaceAll('compose.project=cogni-edge', `compose.project=${name}`);
  const here = (command: RemoteCommand): RemoteCommand => {
    onCommand(command.argv.join(' '));
    const words = command.argv.map(placed);
    // Also behind the lock under which it works.
    const at = words.findIndex((word, index) => word === 'docker' && words[index + 1] === 'compose');
    const argv = at === -1 ? words : [...words.slice(0, at), program, ...words.slice(at + 2)];
    return { ...command, argv: argv as unknown as RemoteCommand['argv'] };
  };
  return {
    ...local,
    // What is thrown for a command must become a rejection.
    run: async (command, options) => {
      const output = await local.run(here(command), options);
      return { ...output, stdout: output.stdout.replaceAll(join(top, 'edge'), '/opt/cogni/edge') };
    },
    hold: async (command, options) => local.hold(here(command), options),
  };
}

const asked = (path: string): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }> =>
  new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      headers: { host: domain },
      agent: false,
      timeout: 5_000,
    };
    const request = http.get(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    request.on('timeout', () => request.destroy(new Error('no answer within 5 s')));
    request.on('error', reject);
  });

/** The site from outside. Until there is a certificate, plain HTTP answers the same. */
const https: Https = ({ url }) => asked(new URL(url).pathname);

/** Ten times as fast: waiting for a gate that fails takes seconds. */
const clock: Clock = {
  ...systemClock,
  monotonic: () => systemClock.monotonic() * 10,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 10, signal),
};

const request = (rendered: readonly RenderedFile[], replaceContainer = false): EdgeRequest => ({
  environment: 'preview',
  domain,
  files: rendered,
  by: { who: 'ada', from: 'laptop' },
  replaceContainer,
  at: new Date('2026-11-21T08:15:00Z'),
});

const site = {
  host: { environment: 'preview', address: '127.0.0.1', user: 'deploy', knownHosts: '', hostKeyAlias: '' },
};

function apply(
  what: EdgeRequest,
  onCommand?: (line: string) => void,
  notes: string[] = [],
): Promise<EdgeResult> {
  const progress = progressTo((event) => {
    if (event.kind === 'note') notes.push(event.text);
  });
  const connect = (): Promise<Transport> => Promise.resolve(host(onCommand));
  return applyEdge(what, site, { connect, https, clock, progress });
}

const failure = (attempt: Promise<unknown>): Promise<Failure> =>
  attempt.then(
    () => Promise.reject(new Error('it did not fail')),
    (thrown: unknown) =>
      thrown instanceof Failure ? thrown : Promise.reject(new Error('not a Failure', { cause: thrown })),
  );

const served = async (): Promise<unknown> => (await asked('/')).headers['x-edge'];
const onDisk = (path: string): string => readFileSync(join(top, 'edge', path), 'utf8');
const contentOf = (rendered: readonly RenderedFile[], path: string): string =>
  rendered.find((file) => file.path === path)?.content ?? '';
const waiting = (): boolean => existsSync(join(top, 'edge/caddy/.Caddyfile.next'));
const containerId = (): Promise<string> =>
  docker.docker(['ps', '--quiet', `--filter=label=com.docker.compose.project=${name}`]);

/** The rename that ends a change. */
const keeping = '.Caddyfile.next /opt/cogni/edge/caddy/Caddyfile';

beforeAll(async () => {
  ({ docker } = await ensureEngine(silent));
  image = (await caddyImage(docker, silent)).reference;
  program = await composeProgram();
  port = await freePort();
  top = mkdtempSync(join(tmpdir(), 'cogni-edge-apply-'));
  mkdirSync(join(top, 'state/deploy'), { recursive: true });
  for (const { path, content } of withHeader('one')) {
    mkdirSync(dirname(join(top, 'edge', path)), { recursive: true });
    writeFileSync(join(top, 'edge', path), content);
  }
  await docker.docker(['network', 'create', name]);
  const up = await run({
    argv: [program, '-p', name, '-f', 'compose.yaml', 'up', '--detach', '--wait', '--pull=never'],
    cwd: join(top, 'edge'),
    env: { DOCKER_HOST: docker.host },
    deadline: 90_000,
  });
  if (up.code !== 0) throw new Error(up.stderr);
}, 900_000);

afterAll(async () => {
  await run({
    argv: [program, '-p', name, 'down', '--volumes', '--timeout', '2'],
    env: { DOCKER_HOST: docker.host },
    deadline: 60_000,
  });
  await docker.tryDocker(['network', 'rm', name]);
  rmSync(top, { recursive: true, force: true });
}, 120_000);

describe('a change of a running edge', () => {
  test('is announced with what it costs, served by the same container, and there after a restart', async () => {
    const [container, notes] = [await containerId(), [] as string[]];
    const result = await apply(request(withHeader('two')), undefined, notes);
    expect(result).toMatchObject({ outcome: 'applied', files: ['caddy/Caddyfile'], closedAtMost: 0 });
    expect(notes).toEqual([expect.stringContaining('idle connections of clients')]);
    expect(await served()).toBe('two');
    expect(await containerId()).toBe(container);
    expect(onDisk('caddy/Caddyfile')).toBe(contentOf(withHeader('two'), 'caddy/Caddyfile'));
    expect(waiting()).toBe(false);
    expect(readFileSync(join(top, 'state/deploy/journal.jsonl'), 'utf8')).toContain('"command":"edge apply"');
  }, 60_000);

  test('that was cut off and is not wanted any more is tidied up by the next one, which finds nothing else to do', async () => {
    const left = ['.compose.next.yaml', 'caddy/.Caddyfile.next'];
    for (const path of left) writeFileSync(join(top, 'edge', path), 'of a run that was killed');
    const container = await containerId();
    expect(await apply(request(withHeader('two')))).toMatchObject({
      outcome: 'unchanged',
      removed: left.map((path) => `/opt/cogni/edge/${path}`),
    });
    expect(left.filter((path) => existsSync(join(top, 'edge', path)))).toEqual([]);
    expect([await containerId(), await served()]).toEqual([container, 'two']);
    expect(await apply(request(withHeader('two')))).toMatchObject({ outcome: 'unchanged', steps: [] });
  });

  test('has nothing to do where the edge is as rendered', async () => {
    expect(await apply(request(withHeader('two')))).toMatchObject({ outcome: 'unchanged', steps: [] });
  }, 60_000);

  test('that Caddy refuses is never loaded, and the old one serves', async () => {
    const commands: string[] = [];
    const thrown = await failure(
      apply(request(caddyfile((text) => `${text}\nnonsense.test {\n\tno_such_directive\n}\n`)), (line) => {
        commands.push(line);
      }),
    );
    expect(thrown.what).toContain('have Caddy judge the configuration');
    expect(thrown.output).toContain('no_such_directive');
    expect(commands.filter((line) => line.includes('caddy reload'))).toEqual([]);
    expect(await served()).toBe('two');
    expect(waiting()).toBe(false);
  }, 60_000);

  test('that loads and does not answer as it must is taken back', async () => {
    const wrong = caddyfile((text) => text.replaceAll(edgePages.noRelease, 'Something else.'));
    const thrown = await failure(apply(request(wrong)));
    expect(thrown).toMatchObject({ exitCode: ExitCode.failed, state: expect.stringContaining('taken back') });
    expect(thrown.faults.join()).toContain('Something else.');
    expect((await asked('/')).body.toString()).toBe(edgePages.noRelease);
    expect(await served()).toBe('two');
    expect(onDisk('caddy/Caddyfile')).toBe(contentOf(withHeader('two'), 'caddy/Caddyfile'));
    expect(waiting()).toBe(false);
  }, 120_000);

  test.each([
    ['between writing and loading', 'caddy validate', 'two'],
    ['between loading and keeping', keeping, 'three'],
  ])(
    'that was cut off %s is completed by the same command',
    async (_, at, meanwhile) => {
      const cut = (line: string): void => {
        if (line.includes(at)) throw new ConnectionLost({ what: 'the connection is gone', next: 'again' });
      };
      await failure(apply(request(withHeader('three')), cut));
      expect(await served()).toBe(meanwhile);
      expect(onDisk('caddy/Caddyfile')).toBe(contentOf(withHeader('two'), 'caddy/Caddyfile'));

      expect(await apply(request(withHeader('three')))).toMatchObject({ outcome: 'applied' });
      expect(await served()).toBe('three');
      expect(waiting()).toBe(false);
      await apply(request(withHeader('two')));
    },
    120_000,
  );

  test('that was cut off after loading is undone by applying what the disk still holds', async () => {
    const cut = (line: string): void => {
      if (line.includes(keeping)) throw new ConnectionLost({ what: 'gone', next: 'again' });
    };
    await failure(apply(request(withHeader('three')), cut));
    expect(await served()).toBe('three');
    expect(await apply(request(withHeader('two')))).toMatchObject({ outcome: 'applied', files: [] });
    expect(await served()).toBe('two');
  }, 120_000);

  test('waits for nobody: of two at once the second is told who is first', async () => {
    let second: Promise<Failure> | undefined;
    const first = apply(request(withHeader('four')), (line) => {
      if (line.includes('caddy validate')) second ??= failure(apply(request(withHeader('five'))));
    });
    expect(await first).toMatchObject({ outcome: 'applied' });
    const thrown = await second;
    // It found the lock taken; or, where it came late, another edge than it had planned for.
    expect(thrown?.exitCode).toBe(ExitCode.locked);
    expect(thrown?.what).toContain('take the deploy lock');
    expect(await served()).toBe('four');
  }, 120_000);

  test('of what its container is made of needs a word, and says how long the site was closed', async () => {
    const more = files({ headers: { 'X-Edge': 'six' } }, '300m');
    const before = await containerId();
    const refused = await failure(apply(request(more)));
    expect(refused).toMatchObject({
      exitCode: ExitCode.refused,
      next: expect.stringContaining('--replace-container'),
    });
    expect(await containerId()).toBe(before);

    const result = await apply(request(more, true));
    expect(result).toMatchObject({ outcome: 'applied', files: ['compose.yaml', 'caddy/Caddyfile'] });
    expect(result.closedAtMost).toBeGreaterThan(0);
    expect(await served()).toBe('six');
    const after = await containerId();
    expect(after).not.toBe(before);
    const memory = await docker.docker(['inspect', '--format={{.HostConfig.Memory}}', after.trim()]);
    expect(Number(memory)).toBe(300 * 1024 * 1024);
    expect(await apply(request(more))).toMatchObject({ outcome: 'unchanged' });
  }, 180_000);

  test('of a container that does not answer in the end gives back the old one', async () => {
    const wrong = files({}, '280m').map((file) =>
      file.path === 'caddy/Caddyfile'
        ? { ...file, content: file.content.replaceAll(edgePages.noRelease, 'Something else.') }
        : file,
    );
    const thrown = await failure(apply(request(wrong, true)));
    expect(thrown.state).toContain('taken back');
    expect(await served()).toBe('six');
    const id = (await containerId()).trim();
    expect(Number(await docker.docker(['inspect', '--format={{.HostConfig.Memory}}', id]))).toBe(
      300 * 1024 * 1024,
    );
    expect(existsSync(join(top, 'edge/.compose.next.yaml'))).toBe(false);
  }, 180_000);
});
