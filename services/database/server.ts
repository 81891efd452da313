import { Bytes, type Value } from '../../compose';

/** Where the database is, for those on the runtime's internal network. */
export const database = { host: 'postgres', port: 5432 } as const;

/** Where the server keeps its data and its socket (Docker Official Image "postgres", Dockerfile). */
export const dataFolder = '/var/lib/postgresql/data';
export const socketFolder = '/var/run/postgresql';

/**
 * The server's command, tuned for the memory that it may use (PostgreSQL documentation, "Resource Consumption": a
 * quarter for its own cache, and the planner told of what the system caches as well).
 */
export function serverCommand(memory: Bytes): readonly [Value, ...Value[]] {
  const settings: Readonly<Record<string, string>> = {
    shared_buffers: megabytes(memory.times(0.25)),
    effective_cache_size: megabytes(memory.times(0.6)),
    maintenance_work_mem: megabytes(memory.times(0.0625)),
    work_mem: megabytes(memory.times(0.0078125)),
    max_connections: '100',
    // A slow statement is worth a line; parameters could hold what people wrote.
    log_min_duration_statement: '1s',
    log_parameter_max_length: '0',
    // A server that is stuck waiting for a client gives the locks back.
    idle_in_transaction_session_timeout: '5min',
  };
  return ['postgres', ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** PostgreSQL's `MB` is 1024² bytes, like a mebibyte (its documentation, "Numeric with Unit"). */
const megabytes = (size: Bytes): string => `${size.toBytes() / 1024 ** 2}MB`;
