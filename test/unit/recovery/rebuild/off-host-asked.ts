import { lookOffHost, type OffHostQuestions } from '../../../../recovery/rebuild/off-host';
import type { CopiedRecords } from '../../../../recovery/rebuild/copy';
import { archive } from '../../services/archive/archive';
import { Bucket, days, now } from '../../deploy/backup/bucket';

export const records: CopiedRecords = { serving: undefined, releases: [] };

/** A good backup of yesterday with all its log, and a whole copy. */
export const whole = new Bucket(
  [{ label: '20261120-120000F', type: 'full', at: days(1), start: 4 }],
  ['20261121-020000'],
);

/** Looks at a bucket as a rebuild does. */
export const ask = (bucket: Bucket, more: Partial<OffHostQuestions> = {}): ReturnType<typeof lookOffHost> =>
  lookOffHost({
    environment: 'preview',
    archive: { ...archive, copies: { recipients: ['age1…'] } },
    target: { kind: 'end' },
    pgbackrest: bucket.run,
    records: () => Promise.resolve(records),
    check: () => Promise.resolve(),
    withoutFiles: false,
    now,
    again: './cogni rebuild preview',
    ...more,
  });
