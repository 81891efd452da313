import type { ArchivedRun } from '../../../../deploy/backup/segment';

/** A segment of an archive by itself. */
export const alone = (name: string, at: Date): ArchivedRun => ({ first: name, last: name, from: at, to: at });

/** What the program prints that lists the log of an archive. */
export const listed = (...runs: readonly ArchivedRun[]): string =>
  [
    ...runs.map(({ first, last, from, to }) => `${first} ${last} ${+from / 1000} ${+to / 1000}`),
    'end',
    '',
  ].join('\n');
