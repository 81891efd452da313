import { dataMarker, markerQuestion, runtimeServices } from '../../services';
import { layout } from '../rolling/layout';

/**
 * Words for a POSIX shell on a host that print what tells its disk and its data from any others. Fixed: no value gets
 * into them.
 */

/**
 * Generation of the disk: a hash of the machine's id, which each first boot of an installation makes anew, and of the
 * number of the root file system, which each formatting does. Only a hash of the id may leave a machine
 * (machine-id(5)).
 */
export const askDisk = `{ cat /etc/machine-id; findmnt --noheadings --output UUID / || true; } | sha256sum | cut -c 1-64`;

const container = `${layout.runtime.project}-${runtimeServices.postgres}-1`;

/**
 * Id of the data, `none` where they have no marker; fails, saying why, when the database does not answer within so many seconds.
 * What asks inside of the container outlives a client that was ended (`docker exec`), so the server gives it up as well: a
 * watch that asks every few seconds would use up its connections otherwise.
 */
export const askData = (
  seconds: number,
): string => `printf '%s' '${markerQuestion.replaceAll("'", `'\\''`)}' |
  timeout --kill-after=2 ${seconds} docker exec --interactive --env=PGCONNECT_TIMEOUT=5 --env='PGOPTIONS=-c statement_timeout=${seconds}s' ${container} \\
    sh -c 'exec psql --no-psqlrc --quiet --tuples-only --no-align --no-password --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=${dataMarker.database}' 2>&1`;
