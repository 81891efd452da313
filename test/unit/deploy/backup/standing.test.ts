import type { JudgedBackup } from '../../../../deploy/backup/judge';
import { standingOf } from '../../../../deploy/backup/standing';
import { archive } from '../../services/archive/archive';

const now = new Date('2026-11-21T12:00:00Z');
const hours = (count: number): Date => new Date(now.getTime() - count * 60 * 60_000);
const backup = (age: number): JudgedBackup => ({
  label: '20261121-060000F',
  type: 'full',
  at: hours(age),
  reference: [],
  size: { database: 1, archive: 1 },
  log: { start: 'A', stop: 'A' },
  damaged: false,
  readBack: hours(age),
  database: 1,
  good: true,
  why: undefined,
  until: hours(0.01),
  keptBy: ['daily'],
});

describe('what a guard makes of backups', () => {
  it('is that there is one when the newest was read back, is young, and nothing is wrong with the archive', () => {
    expect(standingOf({ newestGood: backup(6), alarms: [] }, archive, now)).toMatchObject({
      kind: 'verified',
      description: '20261121-060000F, 6 h old and read back, to any moment until 2026-11-21T11:59:24.000Z',
    });
  });

  it('is that there is none as long as none was read back', () => {
    expect(standingOf({ newestGood: undefined, alarms: ['x'] }, archive, now)).toEqual({
      kind: 'none',
      newest: undefined,
      why: 'none was read back',
    });
  });

  it('is none as soon as the newest is older than the rhythm of the archive, and two hours', () => {
    expect(standingOf({ newestGood: backup(25.9), alarms: [] }, archive, now).kind).toBe('verified');
    expect(standingOf({ newestGood: backup(26.1), alarms: [] }, archive, now)).toMatchObject({
      kind: 'none',
      why: 'the newest that was read back, 20261121-060000F, is 26 h old',
    });
    const often = { ...archive, every: { hours: 1 } };
    expect(standingOf({ newestGood: backup(3.1), alarms: [] }, often, now).kind).toBe('none');
  });

  it('is none with whatever else is wrong, and says what', () => {
    const alarms = ['3 segments of the log are missing', 'the archive has not taken log for 900 s'];
    expect(standingOf({ newestGood: backup(1), alarms }, archive, now)).toMatchObject({
      kind: 'none',
      why: alarms.join('; '),
    });
  });
});
