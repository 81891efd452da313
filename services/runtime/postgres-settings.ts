import { Bytes } from '../../compose';
import { generatedBy } from '../defaults';
import { socketFolder } from '../database/server';

/** Logins at once: the application's pool, LiteLLM's 10, jobs, and people. Each needs memory of its own. */
const connections = 100;

/**
 * What the server may use of its host: a quarter, and at least 512 MiB. The other services of the runtime and the
 * system need the rest; what nobody uses becomes the system's cache, which the server profits from.
 *
 * @param host memory of the machine, in bytes
 * @returns the server's limit, in bytes
 */
export const memoryOnHost = (host: number): number => Math.max(512 * mebibyte, Math.floor(host / 4));

/**
 * The server's settings for the memory that it may use. Pure: the same memory gives the same settings.
 *
 * - A quarter is its own cache (`shared_buffers`: PostgreSQL documentation, 20.4 "Resource Consumption").
 * - Three quarters are what the planner takes for cached, by it or the system (`effective_cache_size`: 20.7, "Query
 *   Planning").
 * - A sixteenth, at most 1 GiB, is for one maintenance task (`maintenance_work_mem`: 20.4); autovacuum may have three.
 * - A quarter is divided by all connections, two sorts each (`work_mem`: 20.4); never below 1 MB.
 *
 * @param memory most memory of the container, in bytes; below 64 MiB the server would not start well
 * @returns name to value as `postgresql.conf` takes them, sizes in MB of 1024² bytes (20.1, "Setting Parameters")
 * @throws RangeError for less memory
 */
export function memorySettings(memory: number): Readonly<Record<string, string>> {
  if (!(memory >= 64 * mebibyte)) {
    throw new RangeError(`the database server needs 64 MiB at least, not ${memory} bytes`);
  }
  return {
    shared_buffers: megabytes(memory / 4),
    effective_cache_size: megabytes((memory * 3) / 4),
    maintenance_work_mem: megabytes(Math.min(memory / 16, 1024 * mebibyte)),
    work_mem: megabytes(memory / 4 / connections / 2),
  };
}

const mebibyte = 1024 ** 2;
const megabytes = (bytes: number): string => `${Math.max(1, Math.floor(bytes / mebibyte))}MB`;

/** What is the same on every host; section numbers are those of PostgreSQL 15's documentation. */
const fixedSettings: Readonly<Record<string, string>> = {
  // Who may come in is decided in pg_hba.conf (20.3).
  listen_addresses: '*',
  unix_socket_directories: socketFolder,
  max_connections: String(connections),
  password_encryption: 'scram-sha-256',
  // A client whose host went away is noticed in minutes, not hours.
  tcp_keepalives_idle: '60s',
  tcp_keepalives_interval: '10s',
  tcp_keepalives_count: '6',
  // Rented machines have solid-state disks: reading here costs hardly more than reading on (20.7).
  random_page_cost: '1.1',
  // Compiling pays for reports only, and takes memory by the connection (32.2, "When to JIT?").
  jit: 'off',
  // Fewer, smoother checkpoints (20.5, "Write Ahead Log").
  max_wal_size: '1GB',
  min_wal_size: '80MB',
  wal_compression: 'on',
  // To the container's log; who and from where, and what was slow or stuck. Parameters could hold what people wrote.
  log_destination: 'stderr',
  logging_collector: 'off',
  log_line_prefix: '%m [%p] %q%u@%d/%a ',
  log_timezone: 'UTC',
  log_checkpoints: 'on',
  log_lock_waits: 'on',
  log_temp_files: '10MB',
  log_autovacuum_min_duration: '1min',
  log_min_duration_statement: '1s',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  // A server that is stuck waiting for a client gives the locks back.
  idle_in_transaction_session_timeout: '5min',
  timezone: 'UTC',
  datestyle: 'iso, mdy',
  lc_messages: 'C.UTF-8',
  lc_monetary: 'C.UTF-8',
  lc_numeric: 'C.UTF-8',
  lc_time: 'C.UTF-8',
  default_text_search_config: 'pg_catalog.english',
};

/**
 * `postgresql.conf` for a server that may use this much memory.
 *
 * @param more settings that not every server has
 * @throws RangeError as {@link memorySettings} does
 */
export function postgresConf(memory: Bytes, more: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ ...fixedSettings, ...memorySettings(memory.toBytes()), ...more }).map(
    // In quotes, with a quote doubled and a backslash escaped (20.1.2, "Parameter Interaction via the Configuration File").
    ([name, value]) => `${name} = '${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'\n`,
  );
  return `# ${generatedBy}\n${lines.join('')}`;
}

/** The same for a server that stands by itself, such as a copy: with as many connections as the log of the living one expects. */
export const postgresConfOf = (mebibytes: number): string => postgresConf(Bytes.mebibytes(mebibytes));
