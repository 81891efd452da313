import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { worldOf } from '../sandbox/world';
import { BenchServer } from './bench-archive-server';
import { inTurns, madeBy, median, range, table } from './figures';

/**
 * What an archive costs, as a report for docs/reports/: how fast a backup is beside PostgreSQL's own programs to the same place, how long it takes to have
 * it back, and what becomes of queries under load. Nothing is judged here.
 *
 * Usage: `npm run bench:archive -- [scale] [seconds]` (pgbench's scale: 70 are about 1 GB; seconds of load in a turn: 30; makes containers of its own
 * and removes them).
 */
const checkout = resolve(__dirname, '..', '..');
const turns = 5;
const clients = 8;
/** Seconds of load after each start that do not count. */
const warmUp = 5;

const user = 'cogni_root';
const put = (name: string): string => `pgbackrest repo-put plain/${name}`;
/** The same database to the same bucket over the same line, encrypted: by us, and by PostgreSQL's own programs with one stream each. */
const ways = {
  'pgBackRest, as rendered': 'pgbackrest --type=full --no-expire-auto backup',
  pg_basebackup: `pg_basebackup -U ${user} --format=tar --pgdata=- --wal-method=none --checkpoint=fast --no-manifest | ${put('base.tar')}`,
  'pg_basebackup, compressed by the server (zstd)': `pg_basebackup -U ${user} --format=tar --pgdata=- --wal-method=none --checkpoint=fast --no-manifest --compress=server-zstd:3 | ${put('base.tar.zst')}`,
  'pg_dump (custom format)': `pg_dump -U ${user} --format=custom postgres | ${put('postgres.dump')}`,
} as const;

/** Of one run of pgbench. */
interface Queries {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** @param rate transactions a second; 0: as many as there can be */
async function underLoad(server: BenchServer, seconds: number, rate: number): Promise<Queries> {
  const { stdout } = await server.inside(
    `cd /tmp && rm -f run.*
     pgbench -U ${user} -n -c ${clients} -j 2 -T ${seconds} ${rate > 0 ? `-R ${rate}` : ''} --log --log-prefix=run postgres >said
     cat run.* | awk '{ print $3 }' | sort -n >times
     count=$(wc -l <times)
     sed -n "$((count / 2 + 1))p;$((count * 99 / 100 + 1))p" times
     sed -n 's/^tps = \\([0-9.]*\\).*/\\1/p' said`,
  );
  const [p50 = Number.NaN, p99 = Number.NaN, perSecond = Number.NaN] = stdout.trim().split('\n').map(Number);
  return { p50: p50 / 1000, p99: p99 / 1000, perSecond };
}

/** With and without an archive in turns, each after a start of its own and some seconds that do not count. */
function loads(
  server: BenchServer,
  seconds: number,
  rate: number,
): Readonly<Record<'without' | 'with', () => Promise<Queries>>> {
  const turn = (archiving: boolean) => async (): Promise<Queries> => {
    await server.start(archiving);
    await underLoad(server, warmUp, rate);
    return underLoad(server, seconds, rate);
  };
  return { without: turn(false), with: turn(true) };
}

const seconds = (milliseconds: readonly number[]): string =>
  `${(median(milliseconds) / 1000).toFixed(1)} s (${range(
    milliseconds.map((value) => value / 1000),
    1,
  )})`;

const figure = (values: readonly number[], unit: string): string =>
  `${median(values).toFixed(1)}${unit} (${range(values, 1)})`;

function latencyRows(
  name: string,
  { without = [], with: archived = [] }: Record<string, readonly Queries[]>,
): string[][] {
  const row = (what: string, of: (one: Queries) => number, unit: string): string[] => {
    const [off, on] = [without.map(of), archived.map(of)];
    return [`${name}: ${what}`, figure(off, unit), figure(on, unit), (median(on) / median(off)).toFixed(2)];
  };
  return [
    row('transactions a second', ({ perSecond }) => perSecond, ''),
    row('p50', ({ p50 }) => p50, ' ms'),
    row('p99', ({ p99 }) => p99, ' ms'),
  ];
}

async function main(): Promise<void> {
  const [scale = 70, loaded = 30] = process.argv.slice(2).map(Number);
  if (![scale, loaded].every((number) => Number.isInteger(number) && number > 0))
    throw new Error(`${process.argv.slice(2).join(' ')}: scale and seconds are whole numbers from 1 on`);
  const server = await BenchServer.prepare(worldOf(checkout, 'bench-archive'));
  try {
    const text = await measured(server, scale, loaded);
    mkdirSync(join(checkout, 'docs', 'reports'), { recursive: true });
    writeFileSync(join(checkout, 'docs', 'reports', 'archive.md'), text);
    process.stdout.write(text);
  } finally {
    await server.remove();
  }
}

async function measured(server: BenchServer, scale: number, loaded: number): Promise<string> {
  await server.start(true);
  await server.inside('pgbackrest stanza-create');
  await server.inside(`pgbench -U ${user} -i -q -s ${scale} postgres`);
  const megabytes = Number(await server.sql("SELECT pg_database_size('postgres')")) / 1e6;
  const copied = await inTurns(
    turns,
    Object.fromEntries(
      Object.entries(ways).map(([name, script]) => [
        name,
        async () => (await server.inside(script)).milliseconds,
      ]),
    ),
  );
  const restored = await inTurns(turns, { restore: () => server.restore() });
  const full = await inTurns(turns, loads(server, loaded, 0));
  const rate = Math.max(1, Math.round(median((full['without'] ?? []).map(({ perSecond }) => perSecond)) / 2));
  const half = await inTurns(turns, loads(server, loaded, rate));

  const [ours = []] = Object.values(copied);
  const copyRows = Object.entries(copied).map(([name, times]) => [
    name,
    seconds(times),
    (megabytes / (median(times) / 1000)).toFixed(0),
    (median(times) / median(ours)).toFixed(2),
  ]);
  const restores = restored['restore'] ?? [];
  return [
    '# What an archive costs',
    '',
    madeBy(`npm run bench:archive -- ${scale} ${loaded}`, checkout),
    `Database, object storage and clients are on the same machine, so all of them share its processors. A database of ${megabytes.toFixed(0)} MB (pgbench, scale ${scale}); medians of ${turns} runs in turns, with the range in parentheses.`,
    '',
    '## Backups',
    '',
    'Everything goes through TLS into the same bucket and is encrypted. How fast is counted in megabytes of the database, not of what is stored; the ratio is how many times as long as pgBackRest it took, so that more than 0.9 of their speed is a ratio of at least 0.9.',
    '',
    table(['way', 'time', 'MB/s', 'ratio'], copyRows),
    '',
    '## Restores',
    '',
    table(
      ['part', 'time'],
      [
        ['files out of the archive', seconds(restores.map(({ files }) => files))],
        ['start, and log up to the newest moment', seconds(restores.map(({ start }) => start))],
        ['together', seconds(restores.map(({ files, start }) => files + start))],
      ],
    ),
    '',
    '## Queries',
    '',
    `pgbench (TPC-B-like, ${clients} clients) for ${loaded} s a turn, after a start and ${warmUp} s that do not count; with a rate, what a client waited for its turn is counted as well.`,
    '',
    table(
      ['load', 'without an archive', 'with it', 'ratio'],
      [...latencyRows('as much as there can be', full), ...latencyRows(`${rate} a second`, half)],
    ),
    '',
  ].join('\n');
}

void main();
