/** Where the database is, for those on the runtime's internal network. */
export const database = { host: 'postgres', port: 5432 } as const;

/** Where the server keeps its data and its socket (Docker Official Image "postgres", Dockerfile). */
export const dataFolder = '/var/lib/postgresql/data';
export const socketFolder = '/var/run/postgresql';

/** What the image declares as volumes: whoever runs it mounts something there, or Docker makes an anonymous volume each time. */
export const imageVolumes = [dataFolder] as const;

/**
 * Asks the server, from its own container, whether it lets anybody in. Over TCP: while the data folder is made, the entrypoint's
 * first server answers on the socket only. As nobody: the question ends where a password is asked for, and is not logged, while
 * the administrator is refused over every network, which is.
 */
export const readinessQuestion = [
  'pg_isready',
  '-q',
  '-h',
  '127.0.0.1',
  '-U',
  'nobody',
  '-d',
  'postgres',
] as const;
