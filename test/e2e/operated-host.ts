import type { Output } from '../../foundation/process';
import type { DeployedWorld } from './deployed-world';
import { secretsIn } from './planted-secrets';
import { textOf } from './sandbox-cli';

/** `./cogni status` of a host where nothing is amiss, and the lock that nobody holds. */
export async function expectToBeWell(world: DeployedWorld, tag: string): Promise<void> {
  const output = await world.cogni('status', 'preview', '--json');
  const status = JSON.parse(output.stdout) as { readonly services: readonly { readonly service: string }[] };
  expect(status).toMatchObject({
    verdict: 'well',
    release: { tag },
    lock: { state: 'free' },
    maintenance: { state: 'off' },
    leftovers: [],
    findings: [],
  });
  expect(output.code).toBe(0);
  expect(status.services.map(({ service }) => service.replace(/^app-[ab]$/, 'app')).sort()).toEqual([
    'app',
    'caddy',
    'litellm',
    'postgres',
  ]);
  for (const service of status.services)
    expect(service).toMatchObject({ state: 'running', health: 'healthy', asRecorded: true });
  const person = await world.cogni('status', 'preview');
  expect(textOf(person)).toContain(tag);
  const lock = await world.cogni('lock', 'status', 'preview', '--json');
  expect(JSON.parse(lock.stdout)).toMatchObject({ state: 'free' });
}

/** `./cogni logs` and `./cogni exec`. */
export async function expectToBeEntered(world: DeployedWorld): Promise<void> {
  const logs = await world.cogni('logs', 'preview', 'app', '--tail=5', '--json');
  expect(logs.code).toBe(0);
  const lines = logs.stdout.split('\n').filter(Boolean);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThanOrEqual(5);
  for (const line of lines) {
    expect(JSON.parse(line)).toMatchObject({
      service: expect.stringMatching(/^app-[ab]$/) as string,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      text: expect.any(String) as string,
    });
  }
  const all = await world.cogni('logs', 'preview', '--tail=20');
  expect({ code: all.code, secrets: secretsIn(textOf(all)) }).toEqual({ code: 0, secrets: [] });
  for (const service of ['caddy', 'postgres', 'litellm']) expect(all.stdout).toContain(` ${service} `);

  const exec = (...words: readonly string[]): Promise<Output> =>
    world.cogni('exec', 'preview', 'postgres', '--', ...words);
  // Words arrive as they are: a shell anywhere on the way would make something else of them.
  const words = 'two  words; $(id) "quoted" \'also\' *';
  expect(await exec('printf', '%s', words)).toMatchObject({ code: 0, stdout: words });
  expect(await exec('sh', '-c', 'echo to the error output >&2; exit 7')).toMatchObject({
    code: 7,
    stderr: expect.stringContaining('to the error output') as string,
  });
  const unknown = await world.cogni('exec', 'preview', 'nobody', '--', 'true');
  expect(unknown.code).toBe(2);
  expect(textOf(unknown)).toContain('there is: postgres');
}

/** `./cogni maintenance on`, what visitors and health checks get, and `off`. */
export async function expectMaintenance(world: DeployedWorld): Promise<void> {
  const state = async (): Promise<unknown> =>
    JSON.parse((await world.cogni('maintenance', 'status', 'preview', '--json')).stdout);
  expect((await world.ask('/')).status).toBe(200);
  const on = await world.cogni('maintenance', 'on', 'preview', '--reason', 'new disk');
  expect({ code: on.code, said: on.code === 0 ? '' : textOf(on) }).toEqual({ code: 0, said: '' });
  try {
    const { status, headers, body } = await world.ask('/');
    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('30');
    expect(body.toString()).not.toContain('new disk');
    for (const path of ['/livez', '/readyz', '/version']) expect((await world.ask(path)).status).toBe(200);
    expect(await state()).toMatchObject({ state: 'on', note: { reason: 'new disk' } });
    const asked = await world.cogni('status', 'preview', '--json');
    expect(JSON.parse(asked.stdout)).toMatchObject({ maintenance: { state: 'on' } });
  } finally {
    expect((await world.cogni('maintenance', 'off', 'preview')).code).toBe(0);
  }
  expect(await state()).toEqual({ state: 'off' });
  const after = await world.ask('/');
  expect({ status: after.status, page: after.body.toString() }).toEqual({
    status: 200,
    page: expect.stringContaining('<h1>Cogni demo</h1>') as string,
  });
}
