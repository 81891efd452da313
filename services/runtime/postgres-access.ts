import { received, receiverPolicyOf, type Receiver } from '../archive/receiver';
import type { EnvironmentValue } from '../../compose';
import { database } from '../database/server';
import { generatedBy } from '../defaults';
import { startCheck } from '../settings/start-check';

/** A memory-backed folder of the container: where the server finds what {@link startScript} writes. */
export const writtenFolder = '/run/cogni-postgres';
/** Where the rendered files are. */
export const configFolder = '/etc/cogni-postgres';
/** Says what commits wait for, where that depends on whether the receiver is there. */
export const watchedFile = `${writtenFolder}/synchronous.conf`;

/**
 * Who may come in, first fitting line wins (PostgreSQL documentation, 21.1 "The pg_hba.conf File"):
 *
 * - the administrator through the socket, as the system's user `postgres` (or root) in a container that mounts it;
 * - the administrator over a network: never, with no password;
 * - everybody else with their password, from the networks that the server itself is on: the runtime's internal one;
 * - replication: the receiver alone, where there is one, through the socket, as a user of the system of its own.
 *
 * Which other roles there are, with a password, is what db-provision decides.
 *
 * @param administrator the role's name, or what the shell puts there
 * @param receiver of the log
 */
export const hostBasedAccess = (administrator: string, receiver?: Receiver): string =>
  [
    '# type  database  user  address  method',
    `local  all  "${administrator}"  peer map=administrator`,
    ...(receiver ? [`local  replication  ${received.role}  peer map=receiver`] : []),
    'local  all  all  scram-sha-256',
    `host  all  "${administrator}"  all  reject`,
    'host  all  all  samenet  scram-sha-256',
    '',
  ].join('\n');

/** Which users of the system are the administrator, and the receiver (21.2, "User Name Maps"). */
export const userNames = (administrator: string, receiver?: Receiver): string =>
  [
    ...['postgres', 'root'].map((user) => `administrator  ${user}  "${administrator}"\n`),
    ...(receiver ? [`receiver  ${received.user}  ${received.role}\n`] : []),
  ].join('');

/**
 * The server's entrypoint: it writes who may come in, by the administrator's name, and hands over to the image's own.
 * The name is a setting, and those files know no variables.
 *
 * @param environment of the container
 */
export const startScript = (
  environment: Readonly<Record<string, EnvironmentValue>>,
  receiver?: Receiver,
): string => `#!/bin/sh
# ${generatedBy}
set -eu
${startCheck(database.host, environment)}
told
cat >${writtenFolder}/pg_hba.conf <<END
${hostBasedAccess('$POSTGRES_USER', receiver)}END
cat >${writtenFolder}/pg_ident.conf <<END
${userNames('$POSTGRES_USER', receiver)}END
${receiver && receiverPolicyOf(receiver).synchronous === 'while-there' ? watching : ''}exec docker-entrypoint.sh postgres \\
  -c config_file=${configFolder}/postgresql.conf \\
  -c hba_file=${writtenFolder}/pg_hba.conf \\
  -c ident_file=${writtenFolder}/pg_ident.conf
`;

/** From the very start commits wait. The watcher is no child of the server, which would take its end for a crash of its own. */
const watching = `echo "synchronous_standby_names = '${received.role}'" >${watchedFile}
(/bin/sh ${configFolder}/${received.watcher} &)
`;
