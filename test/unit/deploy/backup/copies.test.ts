import {
  judgeCopies,
  listCopies,
  makeCopy,
  oldRecords,
  parseCopies,
  parseSentRecords,
  type Copy,
  type SentRecords,
} from '../../../../deploy/backup/copies';
import { planCopy } from '../../../../deploy/backup/plan';
import { lookAtBackups } from '../../../../deploy/backup/report';
import { archive } from '../../services/archive/archive';
import { fakeTransport } from '../fake-transport';

const now = new Date('2026-11-22T12:00:00Z');
const copied = { ...archive, copies: { recipients: ['age1…'] } };
const file = (size: number): object => ({ type: 'file', size, time: 1 });
const folder = { type: 'path' };
const listed = JSON.stringify({
  '.': folder,
  '20261122-020013': folder,
  '20261122-020013/SHA256SUMS': file(300),
  '20261122-020013/roles.sql.age': file(700),
  '20261122-020013/cogni.dump.age': file(4000),
  '20261121-020010': folder,
  '20261121-020010/roles.sql.age': file(700),
  notes: folder,
  'notes/README': file(1),
  '20261399-020013/SHA256SUMS': file(1),
});
const copyAt = (hoursAgo: number, whole = true): Copy => {
  const at = new Date(now.getTime() - hoursAgo * 60 * 60_000);
  return { name: at.toISOString(), at, bytes: 1, parts: ['roles.sql.age'], whole };
};

describe('the list of portable copies', () => {
  it('has each with its parts and size, and takes one without checksums for what it is: not whole', () => {
    expect(parseCopies(listed)).toEqual([
      {
        name: '20261121-020010',
        at: new Date('2026-11-21T02:00:10Z'),
        bytes: 700,
        parts: ['roles.sql.age'],
        whole: false,
      },
      {
        name: '20261122-020013',
        at: new Date('2026-11-22T02:00:13Z'),
        bytes: 5000,
        parts: ['cogni.dump.age', 'roles.sql.age'],
        whole: true,
      },
    ]);
    expect(parseCopies('{}')).toEqual([]);
    expect(() => parseCopies('nothing')).toThrow('cannot be read');
  });

  it('is asked for, and a copy made, by fixed words without a secret', () => {
    expect(listCopies.argv.join(' ')).toBe(
      'docker exec cogni-runtime-copies-1 pgbackrest --output=json --recurse repo-ls',
    );
    expect(makeCopy.argv.join(' ')).toBe(
      'docker exec cogni-runtime-copies-1 /bin/sh /etc/cogni-copies/copies.sh make',
    );
    expect(planCopy('preview').steps[0]?.diagnose?.[0]?.argv.join(' ')).toContain('copies');
  });
});

describe('what is to be thought of portable copies', () => {
  it('is well with one of this night', () => {
    const { copies, alarms } = judgeCopies([copyAt(34), copyAt(10)], copied, now);
    expect(alarms).toEqual([]);
    expect(copies.map(({ keptBy }) => keptBy)).toEqual([['daily', 'weekly', 'newest'], ['daily']]);
  });

  it('is an alarm where there is none that is whole, or the newest is more than a day and two hours old', () => {
    expect(judgeCopies([], copied, now).alarms).toHaveLength(1);
    expect(judgeCopies([copyAt(1, false)], copied, now).alarms).toEqual([
      'there is no portable copy that was read back (copies/)',
    ]);
    expect(judgeCopies([copyAt(25.9)], copied, now).alarms).toEqual([]);
    expect(judgeCopies([copyAt(27), copyAt(1, false)], copied, now).alarms).toEqual([
      'the newest portable copy is 27 h old; one is due every 24 h',
    ]);
  });

  it('counts none for the rules that is not whole, and keeps such a one only while it may be under way', () => {
    const all = [copyAt(300), copyAt(100, false), copyAt(50), copyAt(1, false)];
    const keep = { ...copied, copies: { ...copied.copies, keep: { last: 1 } } };
    expect(judgeCopies(all, keep, now).copies.map(({ keptBy }) => keptBy)).toEqual([
      ['newest'],
      ['last', 'newest'],
      [],
      [],
    ]);
  });

  it('never gives the newest whole one free, whatever the rules are', () => {
    const none = { ...copied, copies: { ...copied.copies, keep: { weekly: 0 } } };
    const { copies } = judgeCopies([copyAt(40), copyAt(30)], none, now);
    expect(copies.map(({ keptBy }) => keptBy)).toEqual([['newest'], []]);
  });
});

describe('a report of backups', () => {
  const host = (answer: object) =>
    fakeTransport([
      ['copies-1', answer],
      ['psql', { code: 1 }],
      [' info', { stdout: JSON.stringify([{ backup: [], db: [], status: { code: 2, message: 'none' } }]) }],
      ['repo-ls', { stdout: 'end\n' }],
    ]);
  const clock = { now: () => now };

  it('has the copies where some are made, and what is wrong with them', async () => {
    const { report } = await lookAtBackups(host({ stdout: listed }), 'preview', copied, clock);
    expect(report.copies?.map(({ name }) => name)).toEqual(['20261122-020013', '20261121-020010']);
    expect(report.alarms).not.toContainEqual(expect.stringContaining('copies'));
  });

  it('has an alarm where what makes them does not run, and says of the backups what there is to say', async () => {
    const { report } = await lookAtBackups(
      host({ code: 1, stderr: 'Error: No such container: cogni-runtime-copies-1\n' }),
      'preview',
      copied,
      clock,
    );
    expect(report.copies).toEqual([]);
    expect(report.alarms).toContain(
      'the portable copies could not be looked at: Error: No such container: cogni-runtime-copies-1',
    );
  });

  it('asks nothing of copies where none are made', async () => {
    const transport = host({ stdout: listed });
    const { report } = await lookAtBackups(transport, 'preview', archive, clock);
    expect(report.copies).toBeUndefined();
    expect(transport.log.some((command) => command.includes('copies'))).toBe(false);
  });
});

describe('the records that a deploy sends by themselves', () => {
  const at = 1_795_300_000;
  const file = (seconds: number): object => ({ type: 'file', size: 700, time: seconds });
  const files = (name: string, seconds: number): Readonly<Record<string, object>> => ({
    [`${name}/host.tar.age`]: file(seconds),
    [`${name}/SHA256SUMS`]: file(seconds + 1),
  });
  const sent = (listed: Readonly<Record<string, object>>): readonly SentRecords[] =>
    parseSentRecords(JSON.stringify({ '.': { type: 'path' }, ...listed }));
  const [first, second] = ['records/20261122-080000', 'records/20261122-090000'];

  it('are listed by the time of the storage, and count when their list of checksums is there', () => {
    expect(sent({ ...files(first, at), ...files(second, at - 60) })).toEqual([
      { name: first, at: new Date((at + 1) * 1000), whole: true },
      { name: second, at: new Date((at - 59) * 1000), whole: true },
    ]);
    expect(sent({ [`${first}/host.tar.age`]: file(at) })).toMatchObject([{ whole: false }]);
    expect(sent({ 'records/notes': file(at) })).toEqual([]);
  });

  it('are left as they were where a later run was cut off in the middle', () => {
    const cutOff = { ...files(first, at), [`${second}/host.tar.age`]: file(at + 60) };
    expect(sent(cutOff).find(({ whole }) => whole)?.name).toBe(first);
  });

  it('are needed no more when three whole ones have come after them, or when they were cut off a day ago', () => {
    const one = (name: string, hoursAgo: number, whole = true): SentRecords => ({
      name,
      at: new Date(now.getTime() - hoursAgo * 3_600_000),
      whole,
    });
    const all = [
      one('f', 0.1, false),
      one('e', 1),
      one('d', 2),
      one('c', 3),
      one('b', 4),
      one('a', 30, false),
    ];
    expect(oldRecords(all, now)).toEqual(['a', 'b']);
  });

  it('are no copy: they take no place among those that rules keep or remove', () => {
    expect(parseCopies(JSON.stringify(files(first, at)))).toEqual([]);
  });
});
