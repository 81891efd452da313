import { choose, parseTarget, reachOf, targetText, targetWord } from '../../../../deploy/backup/choose';
import type { JudgedBackup } from '../../../../deploy/backup/judge';
import { ExitCode, Failure } from '../../../../foundation/failure';
import { alone } from './log';

const now = new Date('2026-11-22T12:00:00Z');
const at = (time: string): Date => new Date(`2026-11-21T${time}Z`);
const segment = (timeline: number, position: number): string =>
  [timeline, 0, position].map((part) => part.toString(16).toUpperCase().padStart(8, '0')).join('');

const backup = (
  label: string,
  time: string,
  log: string,
  more: Partial<JudgedBackup> = {},
): JudgedBackup => ({
  label,
  type: 'full',
  at: at(time),
  reference: [],
  size: { database: 1, archive: 1 },
  log: { start: log, stop: log },
  damaged: false,
  readBack: at(time),
  database: 1,
  good: true,
  why: undefined,
  until: at('12:00:00'),
  keptBy: [],
  ...more,
});
const segments = [3, 4, 5, 6].map((position) => alone(segment(1, position), at(`0${position}:00:00`)));
const early = backup('early', '03:00:00', segment(1, 3));
const late = backup('late', '05:00:00', segment(1, 5));

function thrownBy(work: () => unknown): Failure {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
  }
  throw new Error('it did not fail');
}

describe('what a person writes as a target', () => {
  it('is a moment with its zone, or the name of a restore point', () => {
    expect(parseTarget('2026-11-21T12:00:00Z', now)).toEqual({ kind: 'time', at: at('12:00:00') });
    expect(parseTarget('2026-11-21T13:00:00.25+01:00', now)).toEqual({
      kind: 'time',
      at: at('12:00:00.250'),
    });
    expect(parseTarget('before-20261121T115900Z-0123abc', now)).toEqual({
      kind: 'name',
      name: 'before-20261121T115900Z-0123abc',
    });
  });

  it('is a backup by its label, or the newest moment, and is written the same way again', () => {
    for (const text of ['20261121-213822F', '20261121-213822F_20261122-080000I', 'newest']) {
      expect(targetWord(parseTarget(text, now))).toBe(text);
    }
    expect(parseTarget('newest', now)).toEqual({ kind: 'end' });
  });

  it.each([
    ['2026-11-21', /no moment with date, time and zone/],
    ['2026-11-21T12:00:00', /no moment with date, time and zone/],
    ['2026-11-31T99:00:00Z', /no moment/],
    ['2026-11-23T12:00:00Z', /has not come yet/],
    ["it's", /neither a moment nor a backup nor the name/],
  ])('is refused as %s', (text, what) => {
    expect(() => parseTarget(text, now)).toThrow(what);
  });
});

describe('the backup that a copy is made from', () => {
  it('is the newest good one, for the newest moment', () => {
    const bad = backup('bad', '06:00:00', segment(1, 6), { good: false });
    expect(choose({ backups: [bad, late, early] }, segments, { kind: 'end' }, 'preview')).toMatchObject({
      backup: { label: 'late' },
      timeline: 1,
    });
  });

  it('is the newest one before a moment, which it must reach', () => {
    const to = (time: string): string =>
      choose({ backups: [late, early] }, segments, { kind: 'time', at: at(time) }, 'preview').backup.label;
    expect(to('04:59:00')).toBe('early');
    expect(to('05:30:00')).toBe('late');
  });

  it('is the very one that was named, on its own timeline, and is refused where it is not good', () => {
    const named = (label: string): unknown =>
      choose(
        { backups: [{ ...late, good: false, why: 'it was not read back' }, early] },
        segments,
        {
          kind: 'backup',
          label,
        },
        'preview',
      );
    expect(named('early')).toMatchObject({ backup: { label: 'early' }, timeline: 1 });
    expect(thrownBy(() => named('late')).what).toBe(
      'the backup late of preview cannot be restored: it was not read back',
    );
    expect(thrownBy(() => named('gone')).what).toBe('the backup gone of preview is not there');
  });

  it('is found for a restore point by the time in its name', () => {
    const target = { kind: 'name', name: 'before-20261121T043000Z-0123abc' } as const;
    expect(choose({ backups: [late, early] }, segments, target, 'preview').backup.label).toBe('early');
    expect(targetText(target)).toBe(target.name);
  });

  it('is refused for a moment that none reaches, with all that can be reached', () => {
    const torn = { ...early, until: at('03:30:00') };
    const to = (time: string): unknown =>
      choose({ backups: [late, torn] }, segments, { kind: 'time', at: at(time) }, 'preview');
    expect(to('03:30:00.900')).toMatchObject({ backup: { label: 'early' } });
    const refused = thrownBy(() => to('04:00:00'));
    expect(refused.exitCode).toBe(ExitCode.refused);
    expect(refused.faults).toEqual([
      'can be reached: from 2026-11-21T05:00:00.000Z to 2026-11-21T12:00:00.000Z',
      'can be reached: from 2026-11-21T03:00:00.000Z to 2026-11-21T03:30:00.000Z',
    ]);
  });

  it('is refused for a restore point in or behind a gap, and not for one named by a clock that is a little ahead', () => {
    const torn = { ...early, until: at('03:30:00') };
    const to = (name: string): unknown =>
      choose({ backups: [late, torn] }, segments, { kind: 'name', name }, 'preview');
    expect(to('before-20261121T034459Z-0123abc')).toMatchObject({ backup: { label: 'early' } });
    const refused = thrownBy(() => to('before-20261121T040000Z-0123abc'));
    expect(refused.exitCode).toBe(ExitCode.refused);
    expect(refused.faults).toContain(
      'can be reached: from 2026-11-21T03:00:00.000Z to 2026-11-21T03:30:00.000Z',
    );
    expect(to('before-20261121T050100Z-0123abc')).toMatchObject({ backup: { label: 'late' } });
  });

  it('is one of the history that is lived since a restore, or of what both have in common', () => {
    // Gone back to before segment 5 at seven: timeline 2 begins in the middle of 4.
    const after = [...segments, alone(segment(2, 4), at('07:00:00'))];
    expect(choose({ backups: [late, early] }, after, { kind: 'end' }, 'preview')).toMatchObject({
      backup: { label: 'early' },
      timeline: 2,
    });
    const anew = backup('anew', '08:00:00', segment(2, 5));
    expect(choose({ backups: [anew, late, early] }, after, { kind: 'end' }, 'preview')).toMatchObject({
      backup: { label: 'anew' },
      timeline: 2,
    });
  });

  it('gives the data back up to where log follows it without a break, or to what was asked for', () => {
    const reached = (target: Parameters<typeof choose>[2]): Date | undefined =>
      reachOf(choose({ backups: [late, early] }, segments, target, 'preview'));
    expect(reached({ kind: 'end' })).toEqual(at('12:00:00'));
    expect(reached({ kind: 'time', at: at('05:30:00') })).toEqual(at('05:30:00'));
    expect(reached({ kind: 'name', name: 'before-20261121T043000Z-0123abc' })).toEqual(at('04:30:00'));
    expect(reached({ kind: 'backup', label: 'early' })).toEqual(at('03:00:00'));
  });

  it('still leads to what was abandoned, by the history that was lived then', () => {
    const after = [...segments, alone(segment(2, 4), at('07:00:00'))];
    const target = { kind: 'time', at: at('05:30:00') } as const;
    expect(choose({ backups: [late, early] }, after, target, 'preview')).toMatchObject({
      backup: { label: 'late' },
      timeline: 1,
    });
  });
});
