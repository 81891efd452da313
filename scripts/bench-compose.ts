import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { synthesize } from '../compose';
import { run } from '../foundation/process';
import { inMilliseconds, inTurns, madeBy, median, range, table } from './figures';
import { manyServices } from './bench-compose-services';

/**
 * The figures of `compose/` beside other writers of YAML, as a report for docs/reports/. Every run is a process of its own, the
 * writers take turns, and nothing is judged here.
 *
 * Usage: `npm run bench:compose -- [path of a cdk8s installation] [turns]`; without the path the column of cdk8s is left out.
 */
const checkout = resolve(__dirname, '..', '..');
const main = join(checkout, 'dist', 'cli', 'main.js');
const amounts = [1_000, 2_000, 5_000, 10_000] as const;
/** Beyond any sensible run: what hangs is told from what is slow. */
const deadline = 10 * 60_000;

interface Figures {
  /** Milliseconds by the clock, from data to text. */
  readonly milliseconds: number;
  /** Milliseconds of processor for the same, all threads together: other work on the machine does not count. */
  readonly processor: number;
  readonly bytes: number;
  /** Kibibytes of memory at the most, of the whole process. */
  readonly peak: number;
}

async function output(
  argv: readonly [string, ...string[]],
): Promise<{ stdout: string; milliseconds: number }> {
  const result = await run({ argv, cwd: checkout, deadline });
  if (result.code !== 0) throw new Error(`${argv.join(' ')} ended with ${result.code}\n${result.stderr}`);
  return result;
}

const subject =
  (...words: readonly string[]) =>
  async (): Promise<Figures> => {
    const program = join(__dirname, 'bench-compose-subject.js');
    return JSON.parse((await output([process.execPath, program, ...words])).stdout) as Figures;
  };

type Writers = Readonly<Record<string, readonly Figures[]>>;

/** Every writer on so many services, in turns; all get the document that ours makes. */
async function compared(count: number, installation: string | undefined, turns: number): Promise<Writers> {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-bench-'));
  try {
    const document = join(folder, 'document.json');
    const made = join(folder, 'compose.yaml');
    writeFileSync(made, synthesize(manyServices(count))[0]!.content);
    const { load } = await import('js-yaml');
    writeFileSync(document, JSON.stringify(load(readFileSync(made, 'utf8'))));
    return await inTurns(turns, {
      compose: subject('compose', String(count)),
      ...(installation === undefined ? {} : { cdk8s: subject('cdk8s', document, installation) }),
      'js-yaml': subject('js-yaml', document),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const figure = (runs: readonly Figures[], of: keyof Figures): readonly number[] =>
  runs.map((each) => each[of]);

function rowsOf(count: number, writers: Writers): readonly (readonly string[])[] {
  const ours = writers['compose'] ?? [];
  return Object.entries(writers).map(([writer, runs]) => {
    const processor = figure(runs, 'processor');
    const mebibytes = figure(runs, 'peak').map((kibibytes) => kibibytes / 1024);
    const ratios = processor.map((each, turn) => each / (ours[turn]?.processor ?? Number.NaN));
    return [
      count.toLocaleString('en'),
      writer,
      inMilliseconds(figure(runs, 'milliseconds')),
      inMilliseconds(processor),
      writer === 'compose' ? '1' : `${median(ratios).toFixed(2)} (${range(ratios, 2)})`,
      `${median(mebibytes).toFixed(0)} MiB (${range(mebibytes)})`,
    ];
  });
}

/** What each further service costs, which is the same for every amount where the growth is linear. */
function growth(byAmount: ReadonlyMap<number, Writers>): readonly (readonly string[])[] {
  return [...byAmount].map(([count, writers]) => [
    count.toLocaleString('en'),
    ...Object.values(writers).map((runs) => {
      const each = figure(runs, 'processor').map((milliseconds) => milliseconds / count);
      return `${median(each).toFixed(2)} ms (${range(each, 2)})`;
    }),
  ]);
}

/** `cogni --help` as it is, and with `compose/` loaded beside it; and how many of its modules the command loads by itself. */
async function startUp(turns: number): Promise<readonly (readonly string[])[]> {
  const timed = (argv: readonly [string, ...string[]]) => async () => (await output(argv)).milliseconds;
  const library = join(checkout, 'dist', 'compose', 'index.js');
  const times = await inTurns(turns * 3, {
    bare: timed([process.execPath, '-e', '0']),
    without: timed([process.execPath, main, '--help']),
    with: timed([process.execPath, '--require', library, main, '--help']),
  });
  const listing = `process.on('exit', () => console.error(Object.keys(require.cache).filter((path) => path.startsWith(${JSON.stringify(join(checkout, 'dist', 'compose'))})).length)); process.argv.splice(1, 0, ${JSON.stringify(main)}); require(${JSON.stringify(main)})`;
  const { stderr } = await run({
    argv: [process.execPath, '-e', listing, '--', '--help'],
    cwd: checkout,
    deadline,
  });
  return [
    ['bare `node -e 0`', inMilliseconds(times['bare'] ?? [])],
    ['`cogni --help`', inMilliseconds(times['without'] ?? [])],
    ['`cogni --help` with `compose/` loaded beside it', inMilliseconds(times['with'] ?? [])],
    ['modules of `compose/` that `cogni --help` loads', stderr.trim()],
  ];
}

async function report(installation: string | undefined, turns: number): Promise<string> {
  const load = loadavg()[0] ?? Number.NaN;
  const byAmount = new Map<number, Writers>();
  for (const count of amounts) byAmount.set(count, await compared(count, installation, turns));
  const columns = Object.keys(byAmount.get(1_000) ?? {});
  const other =
    installation === undefined
      ? ''
      : ` cdk8s is version ${(JSON.parse(readFileSync(join(installation, 'node_modules', 'cdk8s', 'package.json'), 'utf8')) as { readonly version: string }).version}.`;
  return [
    '# Figures of the compose library',
    '',
    madeBy('npm run bench:compose', checkout),
    `The load of the machine was ${load.toFixed(1)} at the start, on ${cpus().length} cores.${other}`,
    '',
    'Medians of the runs, with the range in parentheses. Every run is a process of its own, and the writers take turns.',
    '',
    '## One document, several writers',
    '',
    'A service has 20 keys: it waits for two others, is on two networks, has a volume of its own and reads a config; ten services',
    'share a network and a config. `compose` builds the constructs, checks every rule and the schema, and writes. `cdk8s` makes one',
    'object of each service, network, volume and config from the same data, with its dependencies, and writes. `js-yaml` writes the same',
    'data, with nothing built or checked (`noRefs`, no line folding: the quickest that it can be). Time is from data to text in a fresh',
    'process, without loading the code of the writer but with whatever it loads or compiles on first use. Bound: 1,000 services in 1 s.',
    '',
    table(
      [
        'services',
        'writer',
        'by the clock',
        'processor time',
        'processor time against compose',
        'peak memory',
      ],
      [...byAmount].flatMap(([count, writers]) => rowsOf(count, writers)),
    ),
    '',
    '## Growth: processor time of one service',
    '',
    table(['services', ...columns], growth(byAmount)),
    '',
    '## Start-up of the command line',
    '',
    table(['what', 'figure'], await startUp(turns)),
    '',
    '## Once more',
    '',
    '```',
    'npm install --prefix /tmp/cdk8s cdk8s constructs   # optional: the column of cdk8s; it is no dependency of the project',
    'npm run bench:compose -- /tmp/cdk8s',
    '```',
    '',
  ].join('\n');
}

async function bench(installation: string | undefined, turns = '7'): Promise<void> {
  const written = await report(installation === '' ? undefined : installation, Number(turns));
  mkdirSync(join(checkout, 'docs', 'reports'), { recursive: true });
  writeFileSync(join(checkout, 'docs', 'reports', 'compose.md'), written);
  process.stdout.write(written);
}

void bench(...(process.argv.slice(2) as [string | undefined, string?]));
