import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { run } from '../foundation/process';
import { silent } from '../foundation/progress';
import { findTerraform } from '../sandbox/terraform/binary';
import { productName } from '../sandbox/terraform/version';
import { takeComments } from './bench-review-github';
import { planOfServers } from './bench-review-plan';
import { reviewSpeedReport, type Measured, type Run } from './bench-review-report';
import { inTurns, madeBy } from './figures';

/**
 * How long a review takes, and what it adds to a plan, as a report for docs/reports/. Every run is a process of its own,
 * the commands take turns, and nothing is judged here.
 *
 * Usage: `npm run bench:review -- [--turns 7] [--resources 100,1000] [--out FILE]`
 */
const checkout = resolve(__dirname, '..', '..');
const main = join(checkout, 'dist', 'cli', 'main.js');
/** Beyond any sensible run: what hangs is told from what is slow. */
const deadline = 10 * 60_000;

/** Runs the words after it, and ends with what the shell counted for them. Exit codes of a review are no failures. */
const counted = '"$@" > out 2>&1; times';
/** The same for the way from a plan to its comment; $1 Terraform, $2 Node, $3 the command line. */
const reviewing = [
  '"$1" plan -json -input=false -out=plan.bin > messages.jsonl',
  '"$1" show -json plan.bin > plan.json',
  '"$2" "$3" review plan.json --diagnostics messages.jsonl --comment comment.md --json > out 2>&1',
  '"$2" "$3" comment comment.md --pull-request 1 > posted 2>&1 || cat posted >&2',
  'times',
].join('\n');

/** Where a script runs. */
interface Place {
  readonly folder: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A shell script with its words: by the clock, and its children's processor time. */
async function timed(
  { folder, variables }: Place,
  script: string,
  ...words: readonly string[]
): Promise<Run> {
  const plain = { CHECKPOINT_DISABLE: '1', TF_CLI_ARGS: undefined, TF_DATA_DIR: undefined, NO_COLOR: '1' };
  const { code, stdout, stderr, milliseconds } = await run({
    argv: ['sh', '-c', script, 'sh', ...words],
    cwd: folder,
    env: { ...plain, ...variables },
    deadline,
  });
  const children = stdout.trim().split('\n').at(-1) ?? '';
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  if (code !== 0 || parts.length !== 2) throw new Error(`${words.join(' ')}: ${stdout}\n${stderr}`);
  const processor = parts.reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
  return { milliseconds, processor: processor * 1000 };
}

/** `cogni review` on a plan file of so many changes, beside a command that only starts. */
async function reports(resources: number, turns: number): Promise<Measured['report'][number]> {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-bench-'));
  try {
    const plan = join(folder, 'plan.json');
    writeFileSync(plan, JSON.stringify(planOfServers(resources)));
    const forms = ['--json', '--comment', 'comment.md', '--summary', 'summary.md'];
    const review = async (): Promise<Run> => {
      rmSync(join(folder, 'summary.md'), { force: true });
      return timed({ folder }, counted, process.execPath, main, 'review', plan, ...forms);
    };
    const runs = await inTurns(turns, {
      review,
      start: () => timed({ folder }, counted, process.execPath, main, '--help'),
    });
    await review();
    mustCount(join(folder, 'out'), resources);
    return {
      resources,
      bytes: statSync(plan).size,
      review: runs['review'] ?? [],
      start: runs['start'] ?? [],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A figure of a command that did not do its work would be worth nothing. */
function mustCount(file: string, resources: number): void {
  const { changes } = JSON.parse(readFileSync(file, 'utf8')) as { readonly changes: readonly unknown[] };
  if (changes.length !== resources)
    throw new Error(`the review has ${changes.length} changes, not ${resources}`);
}

/** `terraform plan` of so many changed resources, and all the way from there to the comment on a pull request. */
async function pipelines(
  terraform: string,
  resources: number,
  turns: number,
): Promise<Measured['pipeline'][number]> {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-bench-'));
  const github = await takeComments();
  const variables = {
    GITHUB_API_URL: github.url,
    GITHUB_REPOSITORY: 'cogni-dao/example',
    GITHUB_TOKEN: 'of-nobody',
  };
  const reviewed = async (): Promise<Run> => {
    github.forget();
    const took = await timed({ folder, variables }, reviewing, terraform, process.execPath, main);
    mustHavePosted(github.requests, github.comments);
    return took;
  };
  const configuration = (input: string): void =>
    writeFileSync(
      join(folder, 'main.tf.json'),
      JSON.stringify({ resource: { terraform_data: { each: { count: resources, input } } } }),
    );
  try {
    configuration('first');
    await timed({ folder }, counted, terraform, 'init', '-input=false');
    await timed({ folder }, counted, terraform, 'apply', '-auto-approve', '-input=false');
    configuration('second');
    const runs = await inTurns(turns, {
      plan: () => timed({ folder }, counted, terraform, 'plan', '-input=false', '-out=alone.bin'),
      reviewed,
    });
    mustCount(join(folder, 'out'), resources);
    return { resources, plan: runs['plan'] ?? [], reviewed: runs['reviewed'] ?? [] };
  } finally {
    await github.stop();
    rmSync(folder, { recursive: true });
  }
}

function mustHavePosted(requests: readonly string[], comments: readonly string[]): void {
  const [comment = ''] = comments;
  if (comments.length !== 1 || !comment.includes('Verdict **UPDATE**'))
    throw new Error(
      `no report was posted: ${requests.join(', ') || 'nobody asked'}; ${comment.slice(0, 200)}`,
    );
}

const wholeNumber = (text: string): number => {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error(`"${text}" is not a whole number from 1 to 999999`);
};

async function bench(): Promise<void> {
  const { values } = parseArgs({
    options: {
      turns: { type: 'string', default: '7' },
      resources: { type: 'string', default: '1,100,1000,3000' },
      out: { type: 'string', default: join(checkout, 'docs', 'reports', 'review-speed.md') },
    },
  });
  const turns = wholeNumber(values.turns);
  const amounts = values.resources.split(',').map(wholeNumber);
  const { path, product, version } = await findTerraform(silent);
  const beforehand = {
    madeBy: madeBy('npm run bench:review', checkout),
    load: loadavg()[0] ?? Number.NaN,
    cores: cpus().length,
    terraform: `${productName[product]} ${version}`,
  };
  const report: Measured['report'][number][] = [];
  const pipeline: Measured['pipeline'][number][] = [];
  for (const amount of amounts) report.push(await reports(amount, turns));
  for (const amount of amounts) pipeline.push(await pipelines(path, amount, turns));
  const page = await format(reviewSpeedReport({ ...beforehand, report, pipeline }), {
    parser: 'markdown',
    printWidth: 130,
  });
  mkdirSync(dirname(resolve(values.out)), { recursive: true });
  writeFileSync(values.out, page);
  process.stdout.write(page);
}

bench().catch((thrown: unknown) => {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
});
