import { layout } from '../../deploy/rolling/layout';
import type { RemoteCommand } from '../../deploy/transport';
import { migrationsQuestion, newestQuestion, runtimeServices } from '../../services';
import { migrationCheck, readFound, type WantedMigrations } from '../drill/found';

/** Asks the database that serves which migrations it has, and whether it archives; {@link proofOf} reads the answer. */
export const askServing = (database: string): RemoteCommand => ({
  argv: [
    'docker',
    ...['exec', '--interactive', `${layout.runtime.project}-${runtimeServices.postgres}-1`, 'sh', '-c'],
    'exec psql --no-psqlrc --quiet --tuples-only --no-align --no-password --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$0"',
    database,
  ],
  stdin: `${newestQuestion}\n${migrationsQuestion}\n`,
  deadline: 60_000,
});

/** What a rehearsal has shown of the database that it made. */
export interface Proof {
  readonly says: string;
  /** Each is a reason why a rebuild would not have given back what was lost. */
  readonly faults: readonly string[];
}

/**
 * Judges what {@link askServing} was answered. Pure.
 *
 * @param wanted migrations of the release that serves there; not known is a fault, since the machine is there to be asked
 */
export function proofOf(printed: string, wanted: WantedMigrations): Proof {
  const found = readFound(printed);
  const { newest } = found;
  const migrations = migrationCheck(found, wanted);
  return {
    says: `${newest === undefined ? '' : `${newest.databases} databases of ${newest.bytes} bytes; `}migrations: ${migrations.says}`,
    faults: [
      ...(newest === undefined
        ? ['it does not say what it holds']
        : newest.archiving === 'off'
          ? []
          : [
              `it archives (archive_mode is ${newest.archiving}): what it writes would get among the log of the living one`,
            ]),
      ...(migrations.outcome === 'passed' ? [] : [`migrations: ${migrations.says}`]),
    ],
  };
}
