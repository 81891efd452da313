import { backupGuardOf, backupsOf, type LookAdapters } from '../../../cli/known-backups';
import { Failure } from '../../../foundation/failure';
import { loadEnvironment } from '../../../stacks/load';
import { alone, listed } from '../deploy/backup/log';
import { fakeTransport, type Answer } from '../deploy/fake-transport';
import { archive } from '../services/archive/archive';
import { record, surroundings } from '../stacks/example';

const now = new Date('2026-11-21T12:00:00Z');
const plain = loadEnvironment('preview', [record()], surroundings());
const archived = { ...plain, archive };
const segment = '000000010000000000000004';

/** What a host says whose backup was made so many hours ago, and read back or not. */
const answers = (hours: number, readBack = true): readonly (readonly [string, Answer])[] => [
  [
    'psql',
    {
      stdout: JSON.stringify({
        now: now.toISOString(),
        version: '15.20',
        current: '000000010000000000000005',
        waiting: [],
        lastSent: now.toISOString(),
        lastFailed: null,
      }),
    },
  ],
  [
    ' info',
    {
      stdout: JSON.stringify([
        {
          backup: [
            {
              label: '20261121-060000F',
              type: 'full',
              timestamp: { stop: now.getTime() / 1000 - hours * 3600 },
              info: { size: 1, repository: { delta: 1 } },
              archive: { start: segment, stop: segment },
              ...(readBack ? { annotation: { 'read-back': '2026-11-21T06:01:00Z' } } : {}),
              database: { id: 1 },
            },
          ],
          db: [{ id: 1, version: '15' }],
          status: { code: 0, message: 'ok' },
        },
      ]),
    },
  ],
  ['repo-ls', { stdout: listed(alone(segment, new Date(1000))) }],
];
const host = (rules: readonly (readonly [string, Answer])[]): LookAdapters => ({
  open: () => Promise.resolve(fakeTransport([...rules])),
  clock: { now: () => now },
  signal: new AbortController().signal,
});

describe('what is known of the backups of an environment', () => {
  it('is the newest that was read back, with its age', async () => {
    const { standing, newest } = await backupsOf(archived, host(answers(6)));
    expect(standing).toMatchObject({ kind: 'verified', description: expect.stringContaining('6 h old') });
    expect(newest).toEqual(new Date('2026-11-21T06:00:00Z'));
  });

  it('is none where none was read back, and an old one is told with its age', async () => {
    expect(await backupsOf(archived, host(answers(6, false)))).toMatchObject({
      standing: { kind: 'none', why: 'none was read back' },
      newest: null,
    });
    expect(await backupsOf(archived, host(answers(30)))).toMatchObject({
      standing: { kind: 'none', why: expect.stringContaining('30 h old') },
      newest: new Date(now.getTime() - 30 * 60 * 60_000),
    });
  });

  it('is none where nothing is archived, and nobody is asked', async () => {
    const open = jest.fn();
    expect(await backupsOf(plain, { open })).toEqual({
      standing: { kind: 'none', why: 'preview has no archive: nothing of it is backed up' },
      newest: null,
    });
    expect(open).not.toHaveBeenCalled();
  });

  it('is not known, and never fresh, where the host cannot be reached or the archive does not answer', async () => {
    const unreachable: LookAdapters = {
      open: () => Promise.reject(new Failure({ what: 'no key of the agent is let in', next: 'ssh-add' })),
    };
    expect(await backupsOf(archived, unreachable)).toEqual({
      standing: { kind: 'unknown', why: 'this machine cannot ask: no key of the agent is let in' },
      newest: undefined,
    });
    const silent = host([...answers(1).slice(0, 1), [' info', { code: 1, stderr: 'timeout' }]]);
    expect((await backupsOf(archived, silent)).standing).toMatchObject({ kind: 'unknown' });
    const strange = host([[' info', { stdout: '{}' }], ...answers(1)]);
    expect((await backupsOf(archived, strange)).standing).toMatchObject({ kind: 'unknown' });
  });

  it('is not known when it took too long, and says that', async () => {
    const signal = AbortSignal.abort();
    const open = (): Promise<never> => Promise.reject(new Error('aborted'));
    expect((await backupsOf(archived, { open, signal })).standing).toEqual({
      kind: 'unknown',
      why: 'the archive could not be asked in time (aborted)',
    });
  });

  it('leaves no connection open, however it ends', async () => {
    for (const rules of [answers(1), [[' info', { code: 1 }]] as const]) {
      const transport = fakeTransport([...rules]);
      const close = jest.spyOn(transport, 'close');
      await backupsOf(archived, { ...host([]), open: () => Promise.resolve(transport) });
      expect(close).toHaveBeenCalledTimes(1);
    }
  });
});

describe('the guard of backups', () => {
  it('says of its own host what is known, and of another one that nothing is', async () => {
    expect(await backupGuardOf(archived, host(answers(6)))('preview-cogni')).toMatchObject({
      kind: 'verified',
    });
    expect(await backupGuardOf(archived, host(answers(6)))('production-cogni')).toEqual({
      kind: 'unknown',
      why: 'it is not the host of preview',
    });
  });
});
