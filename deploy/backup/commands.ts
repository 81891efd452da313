import { backup, listLogProgram } from '../../services';
import { layout } from '../rolling/layout';
import type { RemoteCommand } from '../transport';
import { drillFolder } from './drill-report';
import { serverQuestion } from './facts';
import { receiverQuestion } from './receiver';

/** Of a backup that is made at once; a differential one holds all changes since the last full one. */
export const backupTypes = ['full', 'diff', 'incr'] as const;
export type BackupType = (typeof backupTypes)[number];

/** Milliseconds: nothing is asked beyond the container. */
const short = 30_000;

/** Milliseconds: a question about an archive of years, over a slow line. */
const question = 2 * 60_000;

/** Milliseconds: a storage lists a thousand objects at a time, and a piece of log is one. */
const listing = 10 * 60_000;

/** Milliseconds for a backup, and for reading all of an archive. */
const work = 6 * 60 * 60_000;

/** Runs a program in the container that makes backups, which has all that it needs in its environment. */
const inBackup = (argv: readonly string[], deadline: number, stdin?: string): RemoteCommand => ({
  argv: [
    'docker',
    'exec',
    ...(stdin === undefined ? [] : ['--interactive']),
    `${layout.runtime.project}-${backup.host}-1`,
    ...argv,
  ],
  ...(stdin === undefined ? {} : { stdin }),
  deadline,
});

/** Asks the server as its administrator, through the socket. */
const askServer = (statement: string): RemoteCommand =>
  inBackup(
    [
      'sh',
      '-c',
      'exec psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres',
    ],
    question,
    statement,
  );

/** The questions behind a judgement. The server is asked first: what it waits to send then is no gap of a later list. */
export const questions = {
  server: askServer(serverQuestion),
  /** Only where the archive has one. */
  receiver: askServer(receiverQuestion),
  info: inBackup(['pgbackrest', '--output=json', 'info'], question),
  /** Ends with 1 where the last backup or look was no success, and says why. */
  complaint: inBackup(['/bin/sh', backup.program, 'healthy'], short),
  log: inBackup(['/bin/sh', '-c', listLogProgram], listing),
} as const;

/** Which drills there were: names of their reports. */
export const listDrills: RemoteCommand = inBackup(['pgbackrest', 'repo-ls', drillFolder], question);

/** A file of the archive beside what pgBackRest keeps there itself. Fixed but for the path. */
export const readStored = (path: string): RemoteCommand =>
  inBackup(
    [
      'sh',
      '-c',
      'PGBACKREST_CIPHER_PASS="$PGBACKREST_REPO1_CIPHER_PASS" exec pgbackrest --log-level-console=off repo-get "$1"',
      'sh',
      path,
    ],
    question,
  );

/** Makes a backup and reads it back. */
export const makeBackup = (type: BackupType): RemoteCommand =>
  inBackup(['/bin/sh', backup.program, 'run', type], work);

/** Does what the host does by itself every few minutes: a backup that is due, and what the newest one holds, where that is not recorded. */
export const lookNow: RemoteCommand = inBackup(['/bin/sh', backup.program, 'look'], work);

/** Reads everything in the archive back. */
export const readBack: RemoteCommand = inBackup(['/bin/sh', backup.program, 'read-back'], work);
