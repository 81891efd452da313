import { maintenanceText } from '../../../cli/maintenance-text';
import {
  parseMaintenance,
  planMaintenanceOff,
  planMaintenanceOn,
  readMaintenance,
  type MaintenanceRequest,
  type MaintenanceState,
} from '../../../deploy/maintenance';
import { planText } from '../../../deploy/plan-text';
import { runPlan } from '../../../deploy/run-plan';
import type { Plan } from '../../../deploy/step';
import { Failure } from '../../../foundation/failure';
import { silent } from '../../../foundation/progress';
import { edgePages } from '../../../services';
import { fakeClock } from './fake-clock';
import { fakeTransport } from './fake-transport';

const file = '/opt/cogni/edge/caddy/upstream/maintenance';
type Rules = Parameters<typeof fakeTransport>[0];
/** A run that is cut off leaves it, and no deploy looks for it. */
const forgets = 'rm --recursive --force -- /opt/cogni/edge/caddy/upstream/.maintenance.next';
const request: MaintenanceRequest = {
  environment: 'preview',
  domain: 'preview.cogni.test',
  by: { who: 'ada', from: 'laptop' },
  reason: 'new disk',
  at: new Date('2026-11-21T08:15:00Z'),
};
const note = { since: '2026-11-20T01:00:00.000Z', by: { who: 'bob', from: 'ci' } };
const on: MaintenanceState = { state: 'on', note };

const carryOut = async (plan: Plan, site: { status: number; body: string }, rules: Rules = []) => {
  const transport = fakeTransport(rules);
  const asked: string[] = [];
  const thrown: unknown = await runPlan(plan, {
    transport,
    https: ({ url }) => {
      asked.push(url);
      return Promise.resolve({ status: site.status, headers: {}, body: Buffer.from(site.body) });
    },
    clock: fakeClock(),
    progress: silent,
    redact: (text) => text,
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { transport, asked, thrown };
};
const page = { status: 503, body: edgePages.maintenance };

describe('switching maintenance on', () => {
  test('renames a file into the folder that the edge mounts, with who, when and why, and asks the site', async () => {
    const { transport, asked, thrown } = await carryOut(planMaintenanceOn(request, { state: 'off' }), page);
    expect(thrown).toBeUndefined();
    const folder = '/opt/cogni/edge/caddy/upstream';
    expect(transport.log.slice(-4)).toEqual([
      `sync -- ${folder}/.maintenance.next ${folder}`,
      `mv --force --no-target-directory -- ${folder}/.maintenance.next ${file}`,
      `sync -- ${folder}`,
      forgets,
    ]);
    expect(transport.inputs.join()).toContain(
      '{"since":"2026-11-21T08:15:00.000Z","by":{"who":"ada","from":"laptop"},"reason":"new disk"}',
    );
    expect(asked).toEqual(['https://preview.cogni.test/']);
  });

  test.each([
    ['the application', { status: 200, body: 'hello' }],
    ['another 503', { status: 503, body: edgePages.noRelease }],
  ])('is taken back when visitors get %s instead', async (_, site) => {
    const { transport, thrown } = await carryOut(planMaintenanceOn(request, { state: 'off' }), site);
    expect(transport.log.at(-1)).toBe(`rm --force -- ${file}`);
    expect(thrown).toBeInstanceOf(Failure);
    expect(thrown).toMatchObject({
      next: expect.stringContaining('./cogni edge apply preview --dry-run'),
    });
  });

  test('keeps the time since when where it is on, and stays on when that fails', async () => {
    const { transport, thrown } = await carryOut(planMaintenanceOn(request, on), { status: 200, body: '' });
    expect(thrown).toBeInstanceOf(Failure);
    expect(transport.inputs.join()).toContain('{"since":"2026-11-20T01:00:00.000Z","by":{"who":"ada"');
    expect(transport.log.filter((line) => line.startsWith('rm '))).toEqual([forgets]);
  });

  test.each([{ state: 'off' } as const, on])(
    'leaves no file on its way where it does not get onto the disk, maintenance being $state before',
    async (before) => {
      const { transport, thrown } = await carryOut(planMaintenanceOn(request, before), page, [
        ['sync -- /opt/cogni/edge/caddy/upstream/.maintenance.next', { code: 1 }],
      ]);
      expect(thrown).toBeInstanceOf(Failure);
      expect(transport.log).toContain(forgets);
    },
  );

  test('shows in a dry run what visitors must get', () => {
    expect(planText(planMaintenanceOn(request, { state: 'off' }))).toContain(
      `GET https://preview.cogni.test/ answers 503 with "${edgePages.maintenance}"`,
    );
  });
});

test('switching maintenance off removes the file, and sees that it is gone', async () => {
  const { transport, asked } = await carryOut(planMaintenanceOff(request), page);
  expect(transport.log).toEqual([
    `rm --force -- ${file}`,
    `test ! -e ${file}`,
    forgets,
    'sync -- /opt/cogni/edge/caddy/upstream',
  ]);
  expect(asked).toEqual([]);
});

describe('the state of the maintenance', () => {
  const read = (stdout: string) => readMaintenance(fakeTransport([['find', { stdout }]]), 'preview');

  test('is off without the file', async () => {
    expect(await read('')).toEqual({ state: 'off' });
    expect(maintenanceText(parseMaintenance(''))).toBe('off');
  });

  test('is on with it, since when, by whom and why', async () => {
    const state = await read(`on\n${JSON.stringify({ ...note, reason: 'new disk' })}\n`);
    expect(maintenanceText(state)).toBe('on since 2026-11-20T01:00:00.000Z, by bob on ci: new disk');
  });

  test.each(['', 'x', '{}', '{"since":1}'])('is on when the file says %j', async (content) => {
    expect(await read(`on\n${content}`)).toEqual({ state: 'on', note: undefined });
  });

  test('is not guessed at on a host without an edge', async () => {
    const none = fakeTransport([['find', { code: 1, stderr: 'No such file or directory' }]]);
    await expect(readMaintenance(none, 'preview')).rejects.toThrow('No such file or directory');
  });
});
