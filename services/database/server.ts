/** Where the database is, for those on the runtime's internal network. */
export const database = { host: 'postgres', port: 5432 } as const;

/** Where the server keeps its data and its socket (Docker Official Image "postgres", Dockerfile). */
export const dataFolder = '/var/lib/postgresql/data';
export const socketFolder = '/var/run/postgresql';

/** What the image declares as volumes: whoever runs it mounts something there, or Docker makes an anonymous volume each time. */
export const imageVolumes = [dataFolder] as const;
