import { backupText } from '../../../cli/backup-text';
import type { BackupReport } from '../../../deploy/backup/report';

const now = new Date('2026-11-21T12:00:00Z');
const report: BackupReport = {
  environment: 'preview',
  place: 's3.cogni.test/cogni-preview',
  backups: [
    {
      label: '20261121-060000F',
      type: 'full',
      at: new Date('2026-11-21T06:00:00Z'),
      reference: [],
      size: { database: 3 * 1024 ** 3, archive: 200 * 1024 ** 2 },
      log: { start: 'A', stop: 'A' },
      damaged: false,
      readBack: new Date('2026-11-21T06:01:00Z'),
      database: 1,
      good: true,
      why: undefined,
      until: new Date('2026-11-21T11:59:50Z'),
      keptBy: ['daily', 'weekly'],
    },
    {
      label: '20261119-060000F',
      type: 'full',
      at: new Date('2026-11-19T06:00:00Z'),
      reference: [],
      size: { database: 1024, archive: 1024 },
      log: { start: 'A', stop: 'A' },
      damaged: false,
      readBack: undefined,
      database: 1,
      good: false,
      why: 'it was not read back',
      until: undefined,
      keptBy: [],
    },
  ],
  gaps: [
    {
      after: 'S1',
      before: 'S4',
      missing: 2,
      from: new Date('2026-11-20T01:00:00Z'),
      to: new Date('2026-11-20T02:00:00Z'),
      closed: true,
    },
  ],
  newestGood: undefined,
  log: { age: 9_400, waitingMebibytes: 16 },
  alarms: ['something is wrong'],
};

describe('the list of backups', () => {
  it('says of each whether it is good, until when it reaches, and what keeps it; then gaps, log and alarms', () => {
    expect(backupText(report, now)).toBe(
      [
        'preview: 2 backups in s3.cogni.test/cogni-preview',
        'backup            type  age  database  archive  good                                          kept as',
        '20261121-060000F  full  6 h  3.0 GiB   200 MiB  yes, to any moment until 2026-11-21 11:59:50  daily, weekly',
        '20261119-060000F  full  2 d  1 KiB     1 KiB    no: it was not read back                      nothing: may be removed',
        'gap  2 segments missing between S1 and S4 (2026-11-20 01:00:00 to 2026-11-20 02:00:00), closed by a later full backup',
        'log  last taken 9 s ago, 16 MiB waiting',
        '! something is wrong',
        '',
      ].join('\n'),
    );
  });

  it('says of each portable copy whether it is whole, and what keeps it', () => {
    const copy = {
      name: '20261121-020013',
      at: new Date('2026-11-21T02:00:13Z'),
      bytes: 5 * 1024 ** 2,
      parts: ['roles.sql.age', 'cogni.dump.age'],
      whole: true,
      keptBy: ['daily', 'newest'] as const,
    };
    const half = { ...copy, name: '20261120-020013', whole: false, keptBy: [] };
    const text = backupText({ ...report, backups: [], gaps: [], alarms: [], copies: [copy, half] }, now);
    expect(text).toContain(
      [
        '2 portable copies',
        'copy             age  size   parts  whole                                kept as',
        '20261121-020013  10 h  5 MiB  2      yes                                  daily, newest',
        '20261120-020013  10 h  5 MiB  2      no: it was not read back to its end  nothing: may be removed',
      ]
        .join('\n')
        .replace('age  size   parts', 'age   size   parts'),
    );
  });

  it('has no table where there is none yet, and says what is not known', () => {
    expect(backupText({ ...report, backups: [], gaps: [], alarms: [], log: undefined }, now)).toBe(
      'preview: 0 backups in s3.cogni.test/cogni-preview\nlog  not known: the database did not answer\n',
    );
  });
});
