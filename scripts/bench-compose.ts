import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { synthesize } from '../compose';
import { Failure } from '../foundation/failure';
import { run } from '../foundation/process';
import { beyondBounds } from './bench-compose-bounds';
import { composeReport, type Figures, type Measured, type Writers } from './bench-compose-report';
import { inTurns, madeBy } from './figures';
import { manyServices } from './bench-compose-services';

/**
 * The figures of `compose/` beside other writers of YAML, as a report for docs/reports/. Every run is a process of its own, the
 * writers take turns. It fails once the report is written where ours is beyond its bounds.
 *
 * Usage: `npm run bench:compose -- [path of a cdk8s installation] [turns] [--services 1000,10000] [--out FILE]`; without the path the
 * column of cdk8s is left out.
 */
const checkout = resolve(__dirname, '..', '..');
const main = join(checkout, 'dist', 'cli', 'main.js');
/** Beyond any sensible run: what hangs is told from what is slow. */
const deadline = 10 * 60_000;

async function output(
  argv: readonly [string, ...string[]],
): Promise<{ stdout: string; stderr: string; milliseconds: number }> {
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

/** Every writer on so many services, in turns; all get the document that ours makes. */
async function compared(count: number, installation: string | undefined, turns: number): Promise<Writers> {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-bench-'));
  try {
    const document = join(folder, 'document.json');
    const { load } = await import('js-yaml');
    writeFileSync(document, JSON.stringify(load(synthesize(manyServices(count))[0]!.content)));
    return await inTurns(turns, {
      compose: subject('compose', String(count)),
      ...(installation === undefined ? {} : { cdk8s: subject('cdk8s', document, installation) }),
      'js-yaml': subject('js-yaml', document),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `cogni --help` as it is, and with `compose/` loaded beside it; and how many of its modules the command loads by itself. */
async function startUp(turns: number): Promise<Measured['startUp']> {
  const timed = (argv: readonly [string, ...string[]]) => async () => (await output(argv)).milliseconds;
  const library = join(checkout, 'dist', 'compose', 'index.js');
  const times = await inTurns(turns * 3, {
    bare: timed([process.execPath, '-e', '0']),
    without: timed([process.execPath, main, '--help']),
    with: timed([process.execPath, '--require', library, main, '--help']),
  });
  const listing = `process.on('exit', () => console.error(Object.keys(require.cache).filter((path) => path.startsWith(${JSON.stringify(dirname(library))})).length)); process.argv.splice(1, 0, ${JSON.stringify(main)}); require(${JSON.stringify(main)})`;
  const { stderr } = await output([process.execPath, '-e', listing, '--', '--help']);
  return {
    bare: times['bare'] ?? [],
    without: times['without'] ?? [],
    with: times['with'] ?? [],
    modules: Number(stderr.trim()),
  };
}

function versionOf(installation: string): string {
  const manifest = readFileSync(join(installation, 'node_modules', 'cdk8s', 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

const wholeNumber = (text: string, what: string): number => {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error(`${what} "${text}" is not a whole number from 1 to 999999`);
};

async function bench(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      services: { type: 'string', default: '1000,2000,5000,10000' },
      out: { type: 'string', default: join(checkout, 'docs', 'reports', 'compose.md') },
    },
  });
  const [given = '', wantedTurns = '7'] = positionals;
  const installation = given === '' ? undefined : resolve(given);
  const turns = wholeNumber(wantedTurns, 'the number of turns');
  const amounts = values.services.split(',').map((each) => wholeNumber(each, 'the number of services'));

  const beforehand = {
    madeBy: madeBy('npm run bench:compose', checkout),
    load: loadavg()[0] ?? Number.NaN,
    cores: cpus().length,
    ...(installation === undefined ? {} : { cdk8s: versionOf(installation) }),
  };
  const byAmount = new Map<number, Writers>();
  for (const count of amounts) byAmount.set(count, await compared(count, installation, turns));
  const report = composeReport({ ...beforehand, byAmount, startUp: await startUp(turns) });
  mkdirSync(dirname(resolve(values.out)), { recursive: true });
  writeFileSync(values.out, report);
  process.stdout.write(report);
  const faults = beyondBounds(byAmount);
  if (faults.length === 0) return;
  throw new Failure({
    what: 'compose is beyond its bounds',
    faults,
    state: `the report is written: ${values.out}`,
    next: 'npm run bench:compose, on a machine that does nothing else; where it fails there too, node --cpu-prof says what takes the time',
  });
}

bench().catch((thrown: unknown) => {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
});
