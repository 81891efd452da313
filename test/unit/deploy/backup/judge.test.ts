import type { Backup, ServerFacts } from '../../../../deploy/backup/facts';
import { parseInfo, parseServer } from '../../../../deploy/backup/facts';
import { judge, type JudgedFacts } from '../../../../deploy/backup/judge';
import { archive } from '../../services/archive/archive';
import { alone } from './log';

const now = new Date('2026-11-21T12:00:00Z');
const before = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);
const segment = (number: number): string =>
  `0000000100000000000000${number.toString(16).toUpperCase().padStart(2, '0')}`;

const full: Backup = {
  label: '20261121-060000F',
  type: 'full',
  at: before(360),
  reference: [],
  size: { database: 1e9, archive: 2e8 },
  log: { start: segment(3), stop: segment(4) },
  damaged: false,
  readBack: before(359),
  database: 1,
};
const incremental: Backup = {
  ...full,
  label: '20261121-060000F_20261121-110000I',
  type: 'incr',
  at: before(60),
  reference: [full.label],
  log: { start: segment(8), stop: segment(8) },
  readBack: before(59),
};
const server: ServerFacts = {
  now,
  version: '15.20',
  current: segment(11),
  waiting: [],
  lastSent: before(0.1),
  lastFailed: undefined,
};
const facts = (
  changes: Partial<JudgedFacts> & { readonly backups?: readonly Backup[] } = {},
): JudgedFacts => {
  const { backups = [full, incremental], ...rest } = changes;
  return {
    info: { backups, versions: new Map([[1, '15']]), problem: undefined, underWay: false },
    runs: Array.from({ length: 10 }, (_, index) => alone(segment(index + 1), before(600 - index * 60))),
    server,
    archive,
    now,
    ...rest,
  };
};
const without = (...gone: readonly number[]): JudgedFacts['runs'] =>
  facts().runs.filter(({ first }) => !gone.map(segment).includes(first));

describe('what is to be thought of backups', () => {
  it('is well where they were read back, are young, and log follows them to the end', () => {
    const { backups, alarms, newestGood } = judge(facts());
    expect(alarms).toEqual([]);
    expect(newestGood?.label).toBe(incremental.label);
    expect(backups.map(({ good, until }) => [good, until])).toEqual([
      [true, before(60)],
      [true, before(60)],
    ]);
  });

  it.each([
    [-7200, 'the clock of the host is 7200 s behind the one here'],
    [61, 'the clock of the host is 61 s ahead of the one here'],
  ])('alarms where the clock of the host is off by %i s, and not for a moment', (seconds, alarm) => {
    const at = (off: number): ServerFacts => ({ ...server, now: new Date(now.getTime() + off * 1000) });
    expect(judge(facts({ server: at(seconds) })).alarms.join()).toContain(alarm);
    for (const little of [-60, 60]) expect(judge(facts({ server: at(little) })).alarms).toEqual([]);
  });

  it('keeps one that can be restored by the rules, also where a newer one that cannot has taken its place', () => {
    const unread: Backup = { ...full, label: 'unread', at: before(30), readBack: undefined };
    const { backups } = judge(facts({ backups: [full, unread], archive: { ...archive, keep: { last: 1 } } }));
    expect(backups.map(({ label, keptBy }) => [label, keptBy])).toEqual([
      ['unread', ['last']],
      [full.label, ['last']],
    ]);
  });

  it('keeps what a kept backup stands on, also where no rule keeps that itself', () => {
    const keep = { last: 1 };
    const { backups } = judge(facts({ archive: { ...archive, keep } }));
    expect(backups.map(({ label, keptBy }) => [label, keptBy])).toEqual([
      [incremental.label, ['last']],
      [full.label, ['needed']],
    ]);
    const older: Backup = { ...full, label: 'older', at: before(5000) };
    const [, , oldest] = judge(
      facts({ backups: [older, full, incremental], archive: { ...archive, keep } }),
    ).backups;
    expect(oldest).toMatchObject({ label: 'older', keptBy: [] });
  });

  it('does not count a backup that was not read back, nor one that stands on such a one', () => {
    const { backups, newestGood, alarms } = judge(
      facts({ backups: [{ ...full, readBack: undefined }, incremental] }),
    );
    expect(backups.map(({ why }) => why)).toEqual([
      `it stands on ${full.label}, which was not read back`,
      'it was not read back',
    ]);
    expect(newestGood).toBeUndefined();
    expect(alarms).toContain('there is no backup that was read back: nothing can be restored');
  });

  it('does not count a backup that stands on one that is gone, or had a damaged page', () => {
    expect(judge(facts({ backups: [incremental] })).backups[0]?.why).toBe(
      `it stands on ${full.label}, which is not there`,
    );
    expect(judge(facts({ backups: [{ ...full, damaged: true }] })).backups[0]?.why).toMatch(/wrong checksum/);
  });

  it('does not count a backup of another major version than the server’s', () => {
    const other = facts();
    const { backups } = judge({ ...other, info: { ...other.info, versions: new Map([[1, '14']]) } });
    expect(backups[0]?.why).toBe('it is of PostgreSQL 14, and the server is 15.20');
  });

  it('offers no moment behind a gap, names it, and alarms until a full backup has closed it', () => {
    const { backups, gaps, alarms } = judge(facts({ backups: [full], runs: without(6, 7) }));
    expect(gaps).toEqual([
      {
        after: segment(5),
        before: segment(8),
        missing: 2,
        from: before(360),
        to: before(180),
        closed: false,
      },
    ]);
    expect(backups[0]).toMatchObject({ good: true, until: before(360) });
    expect(alarms).toEqual([
      `2 segments of the log are missing or damaged between ${segment(5)} and ${segment(8)}: no later moment can be restored until a full backup is made`,
    ]);

    const later: Backup = {
      ...full,
      label: 'later',
      at: before(30),
      log: { start: segment(9), stop: segment(9) },
    };
    const closed = judge(facts({ backups: [full, later], runs: without(6, 7) }));
    expect(closed.gaps).toMatchObject([{ closed: true }]);
    expect(closed.alarms).toEqual([]);
    expect(closed.backups.map(({ label, until }) => [label, until])).toEqual([
      ['later', before(60)],
      [full.label, before(360)],
    ]);
  });

  it('does not count a backup that lacks log of its own time', () => {
    const torn: Backup = { ...full, log: { start: segment(5), stop: segment(8) } };
    expect(judge(facts({ backups: [torn], runs: without(6) })).backups[0]).toMatchObject({
      good: false,
      why: `log is missing that it needs, between ${segment(5)} and ${segment(7)}`,
      until: undefined,
    });
  });

  it.each([
    ['its first piece', 6, [6], `between ${segment(5)} and ${segment(7)}`],
    ['its last piece', 6, [8], `between ${segment(7)} and ${segment(9)}`],
    ['all that there was before it', 1, [1, 2], `before ${segment(3)}`],
    ['its last piece, and nothing came after that', 6, [8, 9, 10], `behind ${segment(7)}`],
    ['all of its own', 6, [6, 7, 8, 9, 10], `behind ${segment(5)}`],
  ])('does not count a backup where %s is not in the archive', (_what, start, gone, place) => {
    const torn: Backup = { ...full, log: { start: segment(start), stop: segment(8) } };
    expect(judge(facts({ backups: [torn], runs: without(...gone) })).backups[0]).toMatchObject({
      good: false,
      why: `log is missing that it needs, ${place}`,
    });
  });

  it('does not let an incremental backup close a gap: it stands on what is before it', () => {
    const { gaps } = judge(facts({ runs: without(6) }));
    expect(gaps).toMatchObject([{ closed: false }]);
  });

  describe('after an earlier moment was restored', () => {
    /** The second timeline begins in the place of the sixth segment. */
    const second = (number: number): string => segment(number).replace(/^00000001/, '00000002');
    const restored: JudgedFacts['runs'] = [
      ...facts().runs,
      ...[6, 7].map((number) => alone(second(number), before(20 - number))),
    ];
    const now2 = { ...server, current: second(8) };
    const safety: Backup = {
      ...full,
      label: 'safety',
      at: before(40),
      log: { start: segment(8), stop: segment(9) },
    };

    it.each([
      ['the server says so', now2],
      ['only the archive is known', undefined],
    ])(
      'does not take a backup for the newest good one that leads to what was left, where %s',
      (_how, known) => {
        const { backups, newestGood } = judge(
          facts({ backups: [full, safety], runs: restored, server: known }),
        );
        expect(newestGood?.label).toBe(full.label);
        expect(backups.map(({ label, good, until }) => [label, good, until])).toEqual([
          // It can still be had, up to where that history ended.
          ['safety', true, before(60)],
          [full.label, true, before(13)],
        ]);
      },
    );

    it('says so where none leads to the present', () => {
      expect(judge(facts({ backups: [safety], runs: restored, server: now2 })).alarms).toEqual([
        'no backup that was read back leads to what is written now: an earlier moment was restored, and nothing was backed up since',
      ]);
    });

    it('counts one that was made since', () => {
      const later: Backup = {
        ...full,
        label: 'later',
        at: before(5),
        log: { start: second(7), stop: second(7) },
      };
      const { newestGood, alarms } = judge(
        facts({ backups: [full, safety, later], runs: restored, server: now2 }),
      );
      expect([newestGood?.label, alarms]).toEqual(['later', []]);
    });

    it('counts what leads there again when the restore was taken back', () => {
      const back = { ...server, current: segment(11) };
      expect(judge(facts({ backups: [full, safety], runs: restored, server: back })).newestGood?.label).toBe(
        'safety',
      );
    });

    describe('and the older history got log since', () => {
      const late = [...restored, alone(segment(11), before(12)), alone(segment(12), before(1))];
      const onSecond = (at: Date): Backup => ({
        ...full,
        label: 'later',
        at,
        log: { start: second(7), stop: second(7) },
      });

      it('alarms on the living host: a machine that was given up may write again', () => {
        const { alarms, gaps, newestGood } = judge(facts({ backups: [full], runs: late, server: now2 }));
        expect([gaps, newestGood?.label]).toEqual([[], full.label]);
        expect(alarms).toEqual([
          `log of timeline 1 arrived at ${before(1).toISOString()}, after timeline 2, which is written now, had begun at ${before(14).toISOString()}: a machine that was given up may be switched on, and write again`,
        ]);
      });

      it('says off the host that what came last may not be of the living one', () => {
        const { alarms } = judge(
          facts({ backups: [full, onSecond(before(11))], runs: late, server: undefined }),
        );
        expect(alarms).toEqual([
          'the database did not answer: what waits there is not known',
          `what arrived last is of timeline 1, at ${before(1).toISOString()}, and timeline 2 had begun at ${before(14).toISOString()}: either a restore was taken back, or a machine that was given up is switched on, and its log is taken for the newest`,
        ]);
      });

      it('says nothing once a good backup of what is written now is newer than that log, nor where the server has gone back to it', () => {
        const settled = judge(facts({ backups: [full, onSecond(before(0.5))], runs: late, server: now2 }));
        expect(settled.alarms).toEqual([]);
        const unread = { ...onSecond(before(0.5)), readBack: undefined };
        expect(judge(facts({ backups: [full, unread], runs: late, server: now2 })).alarms).toHaveLength(1);
        const back = { ...server, current: segment(13) };
        expect(judge(facts({ backups: [full], runs: late, server: back })).alarms).toEqual([]);
      });
    });
  });

  it('alarms when the newest good one is older than it may be', () => {
    const later = new Date(now.getTime() + 48 * 3600_000);
    const old = facts({ now: later, server: { ...server, now: later, lastSent: later } });
    expect(judge(old).alarms).toEqual([
      'the newest backup that was read back is 49 h old; one is due every 24 h',
    ]);
  });

  it('alarms when the archive takes nothing any more, long before anything is dropped', () => {
    const late = { ...server, waiting: [segment(10)], lastSent: before(5), lastFailed: before(1) };
    expect(judge(facts({ server: late })).alarms).toEqual([
      'the archive has not taken log for 300 s; 16 MiB wait, and from 8192 MiB on all of it is dropped',
    ]);
    expect(judge(facts({ server: { ...late, lastSent: undefined } })).alarms[0]).toMatch(
      /has never taken log/,
    );
    // A single failure that was made good since is none.
    expect(judge(facts({ server: { ...server, lastFailed: before(5) } })).alarms).toEqual([]);
  });

  it('alarms when log waits though no attempt has failed: what sends it may hang, or be too slow', () => {
    const waiting = [segment(9), segment(10)];
    const since = (minutes: number): ServerFacts => ({ ...server, waiting, waitingSince: before(minutes) });
    expect(judge(facts({ server: since(5) })).alarms).toEqual([
      'log waits for the archive for 300 s, 32 MiB of it, though no attempt has failed: it would be lost with the host',
    ]);
    expect(judge(facts({ server: since(2) })).alarms).toEqual([]);
  });

  it('says when no backup can be made because the clock ran ahead when the newest was, and until when', () => {
    const future: Backup = { ...full, label: 'ahead', at: new Date(now.getTime() + 600_000) };
    expect(judge(facts({ backups: [full, future] })).alarms).toEqual([
      'the clock of the host ran ahead when the newest backup, ahead, was made: no other one can be made before 2026-11-21T12:10:00.000Z, in 600 s. Log is archived meanwhile; wait until then',
    ]);
    const justMade: Backup = { ...full, at: new Date(now.getTime() + 5_000) };
    expect(judge(facts({ backups: [justMade] })).alarms).toEqual([]);
  });

  it('alarms when half of what may wait is waiting', () => {
    const waiting = Array.from({ length: 256 }, (_, index) => segment(index));
    expect(judge(facts({ server: { ...server, waiting } })).alarms).toEqual([
      '4096 MiB of log wait for the archive; from 8192 MiB on it is dropped',
    ]);
  });

  it('says what is not known where the database does not answer', () => {
    const { log, alarms } = judge(facts({ server: undefined }));
    expect(log).toBeUndefined();
    expect(alarms).toEqual(['the database did not answer: what waits there is not known']);
  });
});

describe('what pgBackRest and the server print', () => {
  const printed = {
    label: '20261121-213822F',
    type: 'full',
    timestamp: { start: 1795297102, stop: 1795297104 },
    reference: null,
    prior: null,
    info: { delta: 24114776, repository: { delta: 2903168, size: 2903168 }, size: 24114776 },
    archive: { start: segment(4), stop: segment(5) },
    annotation: { 'read-back': '2026-11-21T21:38:30Z' },
    database: { id: 1, 'repo-key': 1 },
    error: false,
  };
  const info = (status: object, backup: readonly object[] = [printed]): string =>
    JSON.stringify([{ backup, db: [{ id: 1, version: '15' }], status, repo: [] }]);

  it('is read with everything that the judgement needs', () => {
    expect(parseInfo(info({ code: 0, message: 'ok', lock: { backup: { held: true } } }))).toEqual({
      backups: [
        {
          label: '20261121-213822F',
          type: 'full',
          at: new Date(1795297104000),
          begun: new Date(1795297102000),
          reference: [],
          size: { database: 24114776, archive: 2903168 },
          log: { start: segment(4), stop: segment(5) },
          damaged: false,
          readBack: new Date('2026-11-21T21:38:30Z'),
          database: 1,
        },
      ],
      versions: new Map([[1, '15']]),
      problem: undefined,
      underWay: true,
    });
  });

  it('is no problem where a new archive has no backup yet, and is one where it cannot be read', () => {
    expect(parseInfo(info({ code: 2, message: 'no valid backups' }, [])).problem).toBeUndefined();
    expect(parseInfo(info({ code: 99, message: 'other' }, [])).problem).toBe('other');
  });

  it('is refused with what it was, where it is something else', () => {
    expect(() => parseInfo('[]')).toThrow(/the answer of info cannot be read/);
    expect(() => parseServer('psql: error')).toThrow(/the answer of the database cannot be read/);
  });
});
