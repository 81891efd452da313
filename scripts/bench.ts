import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run, type Command } from '../foundation/process';
import { tryReadUp } from '../sandbox/up';
import { worldOf } from '../sandbox/world';
import { inMilliseconds, inTurns, madeBy, median, table } from './figures';

/**
 * The figures of the spine, as a report for docs/reports/: medians over several runs, and ratios between commands that take
 * turns in one run, so that a machine whose speed drifts still gives a fair comparison. Nothing is judged here.
 *
 * Usage: `npm run bench` (needs the sandbox; makes one of its own and removes it).
 */
const checkout = resolve(__dirname, '..', '..');
const world = worldOf(checkout, 'bench');
const shell = { COGNI_SANDBOX_NAME: 'bench', COGNI_SANDBOX: undefined, NO_COLOR: '1', CI: '1' };

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

type Words = readonly [string, ...string[]];
type Variables = Command['env'];

async function timed(argv: Words, env: Variables = shell, cwd = checkout): Promise<number> {
  const output = await run({ argv, env: { ...shell, ...env }, cwd, deadline: 30 * 60_000 });
  if (output.code !== 0)
    throw new Error(`${argv.join(' ')} ended with ${output.code}\n${output.stdout}\n${output.stderr}`);
  return output.milliseconds;
}

/** An app of cdktf without a stack: what the CLI costs by itself. */
function emptyApp(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-empty-app-'));
  const cdktf = JSON.stringify(require.resolve('cdktf', { paths: [checkout] }));
  writeFileSync(join(folder, 'app.js'), `const { App } = require(${cdktf});\nnew App().synth();\n`);
  writeFileSync(
    join(folder, 'cdktf.json'),
    JSON.stringify({ language: 'typescript', app: 'node app.js', projectId: '0', sendCrashReports: 'false' }),
  );
  return folder;
}

interface Row {
  readonly what: string;
  readonly figure: string;
  readonly bound: string;
}

async function startUp(variables: Variables): Promise<readonly Row[]> {
  const app = join(checkout, 'dist', 'cdktf-app.js');
  const cdktf = join(checkout, 'node_modules', '.bin', 'cdktf');
  const empty = emptyApp();
  const quick = await inTurns(15, {
    node: () => timed(['node', '-e', '0']),
    help: () => timed(['./cogni', '--help']),
    synth: () => timed(['node', app], variables),
  });
  const slow = await inTurns(5, {
    ours: () => timed([cdktf, 'synth'], variables),
    empty: () => timed([cdktf, 'synth'], variables, empty),
  });
  rmSync(empty, { recursive: true });
  const of = (times: Readonly<Record<string, readonly number[]>>, name: string): readonly number[] =>
    times[name] ?? [];
  const [node, help, synth] = [of(quick, 'node'), of(quick, 'help'), of(quick, 'synth')];
  const [ours, bare] = [of(slow, 'ours'), of(slow, 'empty')];
  return [
    { what: 'bare `node -e 0`', figure: inMilliseconds(node), bound: '' },
    {
      what: '`./cogni --help`',
      figure: `${inMilliseconds(help)}: ${(median(help) - median(node)).toFixed(0)} ms over bare node`,
      bound: '≤ 100 ms over',
    },
    { what: 'synth of both stacks by node', figure: inMilliseconds(synth), bound: '≤ 200 ms' },
    {
      what: '`cdktf synth` against the same on an empty app',
      figure: `${inMilliseconds(ours)} against ${inMilliseconds(bare)}: ${(median(ours) - median(bare)).toFixed(0)} ms more, ratio ${(median(ours) / median(bare)).toFixed(2)}`,
      bound: '≤ 300 ms more',
    },
  ];
}

/** A program between cdktf and Terraform that notes when each call began and ended. */
function recorder(terraform: string): { readonly path: string; readonly log: string } {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-recorder-'));
  const log = join(folder, 'calls');
  const path = join(folder, 'terraform');
  writeFileSync(
    path,
    `#!/bin/sh\nbegan=$(date +%s%3N)\n"${terraform}" "$@"\ncode=$?\necho "$began $(date +%s%3N) $1" >> "${log}"\nexit $code\n`,
    { mode: 0o755 },
  );
  return { path, log };
}

async function deployBreakdown(variables: Readonly<Record<string, string>>): Promise<readonly Row[]> {
  const { path, log } = recorder(variables['TERRAFORM_BINARY_NAME'] ?? 'terraform');
  const env = { ...variables, TERRAFORM_BINARY_NAME: path };
  await timed(['npx', 'cdktf', 'destroy', 'preview', '--auto-approve'], env);
  rmSync(log, { force: true });
  const started = Date.now();
  const total = await timed(['npx', 'cdktf', 'deploy', 'preview', '--auto-approve'], env);
  const calls = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([began, ended, verb]) => ({ verb, took: Number(ended) - Number(began), began: Number(began) }));
  const inTerraform = calls.reduce((sum, { took }) => sum + took, 0);
  const apply = calls.find(({ verb }) => verb === 'apply');
  const host = execFileSync(
    'docker',
    ['ps', '--format={{.Names}}', `--filter=label=${world.label}`, '--filter=name=-host-'],
    { env: { ...process.env } },
  )
    .toString()
    .trim();
  const onHost = (...argv: readonly string[]): string =>
    execFileSync('docker', ['exec', host, ...argv]).toString();
  const marker = JSON.parse(onHost('cat', '/var/lib/cogni/bootstrap.ok')) as {
    readonly milliseconds: Readonly<Record<string, number>>;
    readonly time: string;
  };
  const created = Date.parse(
    execFileSync('docker', ['inspect', '--format={{.State.StartedAt}}', host]).toString().trim(),
  );
  const phases = Object.entries(marker.milliseconds);
  const bootstrap = phases.reduce((sum, [, took]) => sum + took, 0);
  const bootstrapEnded = Date.parse(marker.time);
  return [
    { what: '`cdktf deploy preview`, warm', figure: seconds(total), bound: '≤ 45 s' },
    { what: '– CDKTF (all that is not Terraform)', figure: seconds(total - inTerraform), bound: '' },
    {
      what: '– Terraform: init, version, output',
      figure: seconds(inTerraform - (apply?.took ?? 0)),
      bound: '',
    },
    { what: '– Terraform apply', figure: seconds(apply?.took ?? 0), bound: '' },
    {
      what: '  – until the machine runs (plan, provider, API)',
      figure: seconds(created - (apply?.began ?? started)),
      bound: '',
    },
    {
      what: '  – boot and cloud-init before the phases',
      figure: seconds(bootstrapEnded - created - bootstrap),
      bound: '',
    },
    {
      what: '  – phases of the bootstrap',
      figure: `${seconds(bootstrap)} (${phases.map(([name, took]) => `${name} ${seconds(took)}`).join(', ')})`,
      bound: '',
    },
    {
      what: '  – from the last phase to the end of apply',
      figure: seconds((apply?.began ?? 0) + (apply?.took ?? 0) - bootstrapEnded),
      bound: '',
    },
  ];
}

async function certificate(domain: string): Promise<Row> {
  const { httpsVia } = await import('../foundation/https.js');
  const { lookupVia } = await import('../foundation/resolve.js');
  const variables = tryReadUp(world)?.variables ?? {};
  const authority = readFileSync(join(world.folder, 'ca', 'root.crt'), 'utf8');
  const ask = httpsVia({ authorities: [authority], lookup: lookupVia(variables['COGNI_DNS'] ?? '') });
  const started = Date.now();
  while (Date.now() - started < 60_000) {
    try {
      await ask({ url: `https://${domain}/`, deadline: 2_000 });
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    what: 'first answer over HTTPS after `cdktf deploy` has ended (the certificate of the edge)',
    figure: seconds(Date.now() - started),
    bound: '',
  };
}

const tableOf = (rows: readonly Row[]): string =>
  table(
    ['what', 'figure', 'bound'],
    rows.map(({ what, figure, bound }) => [what, figure, bound]),
  );

async function main(): Promise<void> {
  await timed(['./cogni', 'sandbox', 'down']);
  const first = await timed(['./cogni', 'sandbox', 'demo']);
  const variables = tryReadUp(world)?.variables ?? {};
  const deploy = await deployBreakdown(variables);
  const https = await certificate('preview.cogni.test');
  const again = await timed(['./cogni', 'sandbox', 'demo']);
  const start = await startUp(variables);
  const rendered = mkdtempSync(join(tmpdir(), 'cogni-rendered-'));
  await timed(['./cogni', 'render', 'preview', '--out', rendered], variables);
  const userData = readFileSync(join(rendered, 'user-data.yaml')).length;
  rmSync(rendered, { recursive: true });
  await timed(['./cogni', 'sandbox', 'down']);

  const report = [
    '# Figures of the spine',
    '',
    madeBy('npm run bench', checkout),
    'Medians, with the range in parentheses; commands that are compared took turns in one run.',
    '',
    '## Start-up',
    '',
    tableOf(start),
    '',
    '## The sandbox',
    '',
    tableOf([
      {
        what: '`cogni sandbox demo`, everything built, no sandbox there',
        figure: seconds(first),
        bound: '≤ 90 s',
      },
      {
        what: 'the same with the sandbox up and the release deployed',
        figure: seconds(again),
        bound: '≤ 90 s',
      },
    ]),
    '',
    '## `cdktf deploy preview` and where its time goes',
    '',
    tableOf([...deploy, https]),
    '',
    '## User-data',
    '',
    tableOf([
      {
        what: 'size of the user-data of `preview`, without its token',
        figure: `${userData} bytes`,
        bound: '≤ 16,384',
      },
    ]),
    '',
    'That it is the same over two runs, two folders and a shuffled environment is a test (`test/unit/stacks`).',
    '',
  ].join('\n');
  mkdirSync(join(checkout, 'docs', 'reports'), { recursive: true });
  writeFileSync(join(checkout, 'docs', 'reports', 'spine.md'), report);
  process.stdout.write(report);
}

void main();
