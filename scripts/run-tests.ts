import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, Failure } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
import { run, type RunOptions } from '../foundation/process';

/** The tiers of docs/architecture.md, "Tests", in the order in which they run: the quick and telling ones first. */
const usualTiers = ['static', 'unit', 'contract', 'tool', 'e2e'] as const;
/** The long runs come last, and only where they are asked for by name. */
export const tiers = [...usualTiers, 'nightly'] as const;
export type Tier = (typeof tiers)[number];

/** Tests of the static tier: each is a program that reads the sources and says what is wrong with them. */
const staticChecks: readonly { name: string; argv: readonly [string, ...string[]] }[] = [
  { name: 'types', argv: ['node_modules/.bin/tsc', '--noEmit', '-p', '.'] },
  { name: 'lint and import directions', argv: ['node_modules/.bin/eslint', '.', '--max-warnings', '0'] },
  { name: 'format', argv: ['node_modules/.bin/prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'dead code and unused dependencies', argv: ['node_modules/.bin/knip'] },
];

const minute = 60_000;

/** Milliseconds that one tier may take: far beyond what it needs, so that a hanging one is told from a slow one. */
const deadlines: Readonly<Record<Tier, number>> = {
  static: 40 * minute,
  unit: 40 * minute,
  contract: 40 * minute,
  tool: 40 * minute,
  // One file after the other: on a machine that does much else beside, it was seen to need more than forty.
  e2e: 60 * minute,
  nightly: 8 * 60 * minute,
};

export interface TierResult {
  readonly tier: Tier;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly milliseconds: number;
  /** One line each: what failed, or what was skipped and why. */
  readonly remarks: readonly string[];
}

export interface RunTestsProps {
  readonly checkout: string;
  readonly tiers: readonly Tier[];
  /** Passed to jest: only tests whose path matches. */
  readonly pathPattern?: string;
  /** Makes what the tiers beyond `unit` stand on (engine, images, programs); called once, before the first of them. */
  readonly prepare: () => Promise<Readonly<Record<string, string>>>;
  readonly print: (text: string) => void;
  /** Aborted: the tier under way is ended with all that it has begun, and no other one follows. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the tiers, prints each one's output as it comes, and gives their results in the same order.
 *
 * @throws what the signal was aborted with
 */
export async function runTests(props: RunTestsProps): Promise<TierResult[]> {
  const results: TierResult[] = [];
  let environment: Readonly<Record<string, string>> | undefined;
  for (const tier of props.tiers) {
    props.print(`\n── ${tier} ──\n`);
    const started = performance.now();
    const standsOnParts = tier !== 'static' && tier !== 'unit';
    if (standsOnParts) environment ??= await prepareFor(tier, props, results);
    const counts = tier === 'static' ? await runStatic(props) : await runJest(tier, props, environment ?? {});
    // What was ended by us has not failed.
    props.signal?.throwIfAborted();
    results.push({ tier, ...counts, milliseconds: performance.now() - started });
  }
  return withUnmatched(results, props.pathPattern);
}

/** Where it fails, the tiers that have ended are still told: they may have taken an hour. */
async function prepareFor(
  tier: Tier,
  { prepare, print }: RunTestsProps,
  ended: readonly TierResult[],
): Promise<Readonly<Record<string, string>>> {
  try {
    return await prepare();
  } catch (thrown) {
    const remarks = ['failed: what it stands on could not be made'];
    print(`${summaryOf([...ended, { tier, passed: 0, failed: 1, skipped: 0, milliseconds: 0, remarks }])}\n`);
    throw thrown;
  }
}

/** A pattern that chooses no test counts as a failure of the last tier: a mistyped one would pass otherwise. */
function withUnmatched(results: TierResult[], pattern: string | undefined): TierResult[] {
  const ran = results.some(
    ({ tier, passed, failed, skipped }) => tier !== 'static' && passed + failed + skipped > 0,
  );
  const last = results.at(-1);
  if (pattern === undefined || ran || last === undefined) return results;
  const remark = `failed: no test file of ${results.map(({ tier }) => tier).join(', ')} has a path that matches "${pattern}"`;
  return [...results.slice(0, -1), { ...last, failed: last.failed + 1, remarks: [...last.remarks, remark] }];
}

/** The table at the end of a run; its last line is the sum over all tiers, alone on its line. */
export function summaryOf(results: readonly TierResult[]): string {
  const sum = (of: (result: TierResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const row = (name: string, milliseconds: number, counts: string): string =>
    `${name.padEnd(10)} ${`${(milliseconds / 1000).toFixed(1)} s`.padStart(9)}   ${counts}`;
  const counts = (passed: number, failed: number, skipped: number): string =>
    `${passed} passed, ${failed} failed, ${skipped} skipped`;
  return [
    '',
    ...results.flatMap((result) => result.remarks.map((remark) => `${result.tier}: ${remark}`)),
    '',
    ...results.map((result) =>
      row(result.tier, result.milliseconds, counts(result.passed, result.failed, result.skipped)),
    ),
    row(
      'all',
      sum((result) => result.milliseconds),
      '',
    ).trimEnd(),
    '',
    counts(
      sum((result) => result.passed),
      sum((result) => result.failed),
      sum((result) => result.skipped),
    ),
  ].join('\n');
}

type Counts = Omit<TierResult, 'tier' | 'milliseconds'>;

/** Programs run in groups of their own: a Ctrl-C in the terminal does not come to them by itself. */
const ending = ({ signal }: RunTestsProps): RunOptions => ({ tied: true, ...(signal ? { signal } : {}) });

async function runStatic(props: RunTestsProps): Promise<Counts> {
  const remarks: string[] = [];
  for (const check of staticChecks) {
    if (props.signal?.aborted) break;
    const output = await run(
      { argv: check.argv, cwd: props.checkout, deadline: deadlines.static },
      ending(props),
    );
    const ok = output.code === 0;
    props.print(`${ok ? '✓' : '✗'} ${check.name} (${(output.milliseconds / 1000).toFixed(1)} s)\n`);
    if (ok) continue;
    props.print(`${output.stdout}${output.stderr}\n`);
    remarks.push(`${check.name} failed: run ${check.argv.join(' ')}`);
  }
  return { passed: staticChecks.length - remarks.length, failed: remarks.length, skipped: 0, remarks };
}

/** The part of jest's `--json` report that is read here. */
interface JestReport {
  readonly numFailedTestSuites: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

async function runJest(
  tier: Tier,
  props: RunTestsProps,
  environment: Readonly<Record<string, string>>,
): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-test-'));
  const reportFile = join(folder, 'report.json');
  try {
    const output = await run(
      {
        argv: [
          process.execPath,
          'node_modules/jest/bin/jest.js',
          '--selectProjects',
          tier,
          '--json',
          `--outputFile=${reportFile}`,
          '--passWithNoTests',
          // End-to-end tests and long runs share one machine's ports, memory and engine: one file at a time. The others wait
          // for containers much of their time: two at once, also where jest would leave one of two processors free.
          ...(tier === 'e2e' || tier === 'nightly'
            ? ['--runInBand', '--verbose']
            : [`--maxWorkers=${Math.max(2, availableParallelism() - 1)}`]),
          ...(props.pathPattern === undefined ? [] : ['--testPathPatterns', props.pathPattern]),
        ],
        cwd: props.checkout,
        env: { ...environment, FORCE_COLOR: undefined },
        deadline: deadlines[tier],
      },
      // The report goes to the file and, with --json, to standard output too; what a person reads is on standard error.
      {
        ...ending(props),
        onOutput: (chunk, stream) => (stream === 'stderr' ? props.print(chunk) : undefined),
      },
    );
    const text = tryReadFile(reportFile);
    if (text === undefined) {
      const why = output.timedOut
        ? `did not end within ${deadlines[tier] / minute} min`
        : 'ended without a report';
      return { passed: 0, failed: 1, skipped: 0, remarks: [`jest ${why}: ${output.stderr.slice(-2000)}`] };
    }
    return countsOf(JSON.parse(text) as JestReport, reasonsToSkip(props.checkout));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Counts a report. A skipped test without a written reason is a failed one, and so is a file that broke before its
 * first test.
 */
export function countsOf(report: JestReport, reasons: Readonly<Record<string, string>>): Counts {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  const remarks: string[] = [];
  for (const file of report.testResults) {
    for (const { fullName, status } of file.assertionResults) {
      const reason = reasons[fullName];
      if (status === 'passed') passed++;
      else if (status === 'failed') {
        failed++;
        remarks.push(`failed: ${fullName}`);
      } else if (reason === undefined) {
        failed++;
        remarks.push(`skipped without a reason in test/skips.json, which counts as failed: ${fullName}`);
      } else {
        skipped++;
        remarks.push(`skipped: ${fullName}: ${reason}`);
      }
    }
    if (file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed')) {
      failed++;
      remarks.push(`failed: ${file.name} broke outside its tests`);
    }
  }
  return { passed, failed, skipped, remarks };
}

/** test/skips.json: full test title -> the reason why it cannot run here. The one list of them. */
function reasonsToSkip(checkout: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(join(checkout, 'test', 'skips.json'), 'utf8')) as Record<string, string>;
}

/** Reads tier names from a command line. */
export function parseTiers(names: readonly string[]): readonly Tier[] {
  const unknown = names.filter((name) => !(tiers as readonly string[]).includes(name));
  if (unknown.length > 0) {
    throw new Failure({
      what: `unknown test tier: ${unknown.join(', ')}; allowed: ${tiers.join(', ')}`,
      next: './cogni test unit',
      exitCode: ExitCode.usage,
    });
  }
  return names.length === 0 ? usualTiers : tiers.filter((tier) => names.includes(tier));
}
