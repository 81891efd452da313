import { generatedBy } from '../defaults';

/** A memory-backed folder of the container: where the server finds what {@link startScript} writes. */
export const writtenFolder = '/run/cogni-postgres';
/** Where the rendered files are. */
export const configFolder = '/etc/cogni-postgres';

/**
 * Who may come in, first fitting line wins (PostgreSQL documentation, 21.1 "The pg_hba.conf File"):
 *
 * - the administrator through the socket, as the system's user `postgres` (or root) in a container that mounts it;
 * - the administrator over a network: never, with no password;
 * - everybody else with their password, from the networks that the server itself is on: the runtime's internal one.
 *
 * Which other roles there are, with a password, is what db-provision decides; replication is let in nowhere.
 *
 * @param administrator the role's name, or what the shell puts there
 */
export const hostBasedAccess = (administrator: string): string =>
  [
    '# type  database  user  address  method',
    `local  all  "${administrator}"  peer map=administrator`,
    'local  all  all  scram-sha-256',
    `host  all  "${administrator}"  all  reject`,
    'host  all  all  samenet  scram-sha-256',
    '',
  ].join('\n');

/** Which users of the system are the administrator (21.2, "User Name Maps"). */
export const userNames = (administrator: string): string =>
  ['postgres', 'root'].map((user) => `administrator  ${user}  "${administrator}"\n`).join('');

/**
 * The server's entrypoint: it writes who may come in, by the administrator's name, and hands over to the image's own.
 * The name is a setting, and those files know no variables.
 */
export const startScript = `#!/bin/sh
# ${generatedBy}
set -eu
case \${POSTGRES_USER:-} in
  '' | *[!a-z0-9_]*)
    echo 'postgres: POSTGRES_USER is not set, or not of lower-case letters, digits and _' >&2
    exit 2
    ;;
esac
cat >${writtenFolder}/pg_hba.conf <<END
${hostBasedAccess('$POSTGRES_USER')}END
cat >${writtenFolder}/pg_ident.conf <<END
${userNames('$POSTGRES_USER')}END
exec docker-entrypoint.sh postgres \\
  -c config_file=${configFolder}/postgresql.conf \\
  -c hba_file=${writtenFolder}/pg_hba.conf \\
  -c ident_file=${writtenFolder}/pg_ident.conf
`;
