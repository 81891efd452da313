import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import type { Docker } from '../../../sandbox/docker';
import { ensureEngine } from '../../../sandbox/engine';
import { caddyImage } from '../../../sandbox/images/caddy';
import { demoImages } from '../../../sandbox/images/demo-app';
import { app, edgePages, hostLayout, renderEdge } from '../../../services';
import { composeProgram, writeFiles } from './compose-program';
import { domain, edgeProps } from './running-edge';

describe('the edge in a container', () => {
  const name = `cogni-edge-test-${randomBytes(4).toString('hex')}`;
  let docker: Docker;
  let folder: string;
  let program: string;
  let images: { readonly caddy: string; readonly app: string };

  const compose = (...argv: readonly string[]): Promise<Output> =>
    run({
      argv: [program, '-p', name, '-f', 'compose.yaml', '-f', 'test.yaml', ...argv],
      cwd: folder,
      env: { DOCKER_HOST: docker.host },
      deadline: 90_000,
    });
  /** Status and body of the site over plain HTTP, asked for by another container; or why there was none. */
  const ask = async (path: string, port = 80): Promise<string> => {
    const question = `{ host: 'caddy', port: ${port}, path: '${path}', headers: { host: '${domain}' } }`;
    const script = `require('http').get(${question}, (answer) =>
      answer.setEncoding('utf8').on('data', (body) => console.log(answer.statusCode, body))).on('error', ({ code }) => console.log(code))`;
    const node = ['--entrypoint', 'node', images.app, '-e', script];
    return (await docker.docker(['run', '--rm', '--network', name, ...node])).trim();
  };

  beforeAll(async () => {
    ({ docker } = await ensureEngine(silent));
    images = {
      caddy: (await caddyImage(docker, silent)).reference,
      app: (await demoImages(docker, silent)).app.reference,
    };
    program = await composeProgram();
    const changes = [
      'services:',
      '  caddy:',
      `    image: ${images.caddy}`,
      // The host's own ports may be in use.
      '    ports: !reset []',
      `networks: { edge: { name: ${name} } }`,
      `volumes: { caddy_data: { name: ${name}_data }, caddy_config: { name: ${name}_config } }`,
    ];
    folder = writeFiles([
      ...renderEdge(edgeProps),
      { path: 'test.yaml', content: `${changes.join('\n')}\n` },
    ]);
    await docker.docker(['network', 'create', name]);
  }, 900_000);
  afterAll(async () => {
    await docker.tryDocker(['rm', '--force', `${name}-app`]);
    await compose('down', '--volumes', '--timeout', '2');
    await docker.tryDocker(['network', 'rm', name]);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('gets healthy with the rights that it keeps, and answers that no release is deployed yet', async () => {
    expect(await compose('up', '--detach', '--wait', '--pull', 'never')).toMatchObject({ code: 0 });
    expect(await ask('/')).toBe(`503 ${edgePages.noRelease}`);
  });

  it('refuses other containers its administration, which asks for no login', async () => {
    expect(await ask('/config/', 2019)).toBe('ECONNREFUSED');
  });

  it('sees a new upstream in the mounted folder as soon as the file is renamed into it', async () => {
    await docker.docker([
      ...[
        'run',
        '--detach',
        '--name',
        `${name}-app`,
        '--network',
        name,
        '--network-alias',
        app.slots.a.upstream,
      ],
      ...[images.caddy, 'caddy', 'respond', '--listen', `:${app.port}`, 'hello from the app'],
    ]);
    const file = join(folder, hostLayout.activeUpstream);
    writeFileSync(`${file}.new`, `${app.slots.a.upstream}\n`);
    renameSync(`${file}.new`, file);
    expect(await ask('/')).toBe('200 hello from the app');
  });

  it('says that the application does not answer when it is gone', async () => {
    await docker.docker(['rm', '--force', `${name}-app`]);
    expect(await ask('/')).toBe(`502 ${edgePages.notAnswering}`);
  });

  it('serves as before after it was started again', async () => {
    writeFileSync(join(folder, hostLayout.activeUpstream), 'none\n');
    expect(await compose('restart')).toMatchObject({ code: 0 });
    expect(await compose('up', '--detach', '--wait', '--pull', 'never')).toMatchObject({ code: 0 });
    expect(await ask('/')).toBe(`503 ${edgePages.noRelease}`);
  });

  it('logs requests where `docker logs` and the collector find them', async () => {
    const { stdout } = await compose('logs', '--no-log-prefix', '--no-color');
    // The health check, every few seconds, would drown them.
    expect(stdout).not.toContain('"logger":"admin.api","msg":"received request"');
    const requests = stdout
      .split('\n')
      .filter((line) => line.includes('"logger":"http.log.access'))
      .map((line) => JSON.parse(line) as { status: number; request: { host: string } });
    expect(requests.map(({ status, request }) => [status, request.host])).toEqual([
      [503, domain],
      [200, domain],
      [502, domain],
      [503, domain],
    ]);
  });
});
