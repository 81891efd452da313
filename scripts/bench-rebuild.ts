import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { newIdentity, recipientOf } from '../foundation/age';
import { run, type Output } from '../foundation/process';
import { silent } from '../foundation/progress';
import { Secret } from '../foundation/secret';
import { dockerAt, type Docker } from '../sandbox/docker';
import { postgresImage } from '../sandbox/images/postgres';
import { tryReadUp, type UpFile } from '../sandbox/up';
import { worldOf } from '../sandbox/world';
import { rebuildTimeReport, type MeasuredAlone } from './bench-rebuild-report';
import { madeBy } from './figures';

/**
 * How long `./cogni rebuild` takes until a lost host serves again with its data, beside what it cannot do without, each measured alone in the same run: as a
 * report for docs/reports/. Nothing is judged here.
 *
 * Usage: `npm run bench:rebuild -- [scale]` (pgbench's scale: 70 are about 1 GB; needs the sandbox; makes one of its own and removes it).
 */
const checkout = resolve(__dirname, '..', '..');
const world = worldOf(checkout, 'bench');
const shell = { COGNI_SANDBOX_NAME: 'bench', COGNI_SANDBOX: undefined, NO_COLOR: '1', CI: '1' };
const deadline = 30 * 60_000;
const tag = `preview-${'a'.repeat(40)}`;

/** A command with the sandbox's variables. @throws Error with what it printed, where it fails */
async function command(
  argv: readonly [string, ...string[]],
  variables: UpFile['variables'] = {},
): Promise<Output> {
  process.stderr.write(`${argv.join(' ').slice(0, 120)}\n`);
  const output = await run({ argv, env: { ...shell, ...variables }, cwd: checkout, deadline });
  if (output.code !== 0)
    throw new Error(`${argv.join(' ')} ended with ${output.code}\n${output.stdout}\n${output.stderr}`);
  return output;
}

const cogni = (variables: UpFile['variables'], ...words: readonly string[]): Promise<Output> =>
  command(['./cogni', ...words], variables);

/** The one host that runs, as the engine of the sandbox knows it. */
async function hostOf(docker: Docker): Promise<string> {
  const names = await docker.docker(['ps', '--format={{.Names}}', `--filter=label=${world.label}`]);
  const name = names.split('\n').find((each) => /-host-\d+$/.test(each));
  if (name === undefined) throw new Error(`no host runs among ${names}`);
  return name;
}

/** Milliseconds from the making of a host to the end of its bootstrap. */
async function bootOf(docker: Docker, host: string): Promise<number> {
  const made = Date.parse((await docker.docker(['inspect', '--format={{.Created}}', host])).trim());
  const ready = Number(
    await docker.docker(['exec', host, 'stat', '--format=%.Y', '/var/lib/cogni/bootstrap.ok']),
  );
  return ready * 1000 - made;
}

interface Timed {
  readonly spans: readonly { readonly spent: string; readonly milliseconds: number }[];
}

async function measuredAlone(
  docker: Docker,
  variables: UpFile['variables'],
  options: readonly string[],
  scale: number,
): Promise<MeasuredAlone> {
  await command(['npx', 'cdktf', 'deploy', 'preview', '--auto-approve'], variables);
  const boot = await bootOf(docker, await hostOf(docker));
  await cogni(variables, 'sandbox', 'publish', tag);
  const deployed = await cogni(variables, 'deploy', 'preview', '--image-tag', tag, '--json');
  const { timeline } = JSON.parse(deployed.stdout) as { timeline: Timed };
  const pull = timeline.spans
    .filter(({ spent }) => spent === 'pull')
    .reduce((sum, { milliseconds }) => sum + milliseconds, 0);

  await inDatabase(variables, `pgbench -U "$POSTGRES_USER" -i -q -s ${scale} postgres`);
  await backedUp(variables);
  await cogni(variables, 'backup', 'copy', 'preview');
  const drilled = await cogni(variables, 'drill', 'preview', ...options, '--json');
  const { milliseconds } = JSON.parse(drilled.stdout) as {
    milliseconds: { steps: Readonly<Record<string, number>> };
  };
  const took = (part: (id: string) => boolean): number =>
    Object.entries(milliseconds.steps).reduce((sum, [id, value]) => (part(id) ? sum + value : sum), 0);
  const comparison = took((id) => id.startsWith('compare-'));
  const restore = took((id) => id === 'restore' || id === 'reach') + comparison;
  return { boot, pull, restore, comparison };
}

/** A full backup of what there is now; the container may be making one by itself. */
async function backedUp(variables: UpFile['variables']): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const argv = ['./cogni', 'backup', 'preview', '--type', 'full'] as const;
    const { code, stdout, stderr } = await run({
      argv,
      env: { ...shell, ...variables },
      cwd: checkout,
      deadline,
    });
    if (code === 0) return;
    // 4: another backup is under way.
    if (code !== 4 || tries === 60)
      throw new Error(`${argv.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
    await setTimeout(5_000);
  }
}

/** What a shell prints in the container of the database. */
async function inDatabase(variables: UpFile['variables'], script: string): Promise<string> {
  const words = ['exec', 'preview', 'postgres', '--', 'sh', '-c', script];
  return (await cogni(variables, ...words)).stdout.trim();
}

/** The provider puts another machine behind the server, and says nothing. */
async function lose(control: string, variables: UpFile['variables'], server: string): Promise<void> {
  const answer = await fetch(`${control}/_emu/machines/${server}/reinstall`, {
    method: 'POST',
    body: JSON.stringify({ address: 'kept' }),
    signal: AbortSignal.timeout(5 * 60_000),
  });
  if (!answer.ok) throw new Error(`the host could not be lost: ${answer.status} ${await answer.text()}`);
  for (let tries = 0; tries < 120; tries += 1) {
    const { stdout } = await run({
      argv: ['./cogni', 'host', 'check', 'preview', '--json'],
      env: { ...shell, ...variables },
      cwd: checkout,
      deadline,
    });
    if (stdout.includes('replaced-silently')) return;
    await setTimeout(1_000);
  }
  throw new Error('the other machine never answered');
}

interface Rebuilt {
  readonly untilServing: number;
  readonly all: number;
  readonly stages: readonly { readonly stage: string; readonly milliseconds: number }[];
}

async function measured(scale: number, keys: string): Promise<string> {
  const identity = await newIdentity();
  const key = join(keys, 'key.txt');
  writeFileSync(key, `${identity}\n`, { mode: 0o600 });
  await command(['./cogni', 'sandbox', 'down']);
  await command([
    './cogni',
    'sandbox',
    'up',
    '--archive',
    await recipientOf(Secret.of('identity', identity)),
  ]);
  const up = tryReadUp(world);
  if (up === undefined) throw new Error('the sandbox is not up');
  const { control, engine = process.env['DOCKER_HOST'] } = up;
  // Drill and rebuild start containers on this machine.
  const variables = { ...up.variables, ...(engine === undefined ? {} : { DOCKER_HOST: engine }) };
  const docker = dockerAt(engine);
  const { reference } = await postgresImage(docker, silent);
  // The sandbox's registry is none that the engine of this machine could pull from.
  const options = ['--image', reference, '--network', world.network];

  const alone = await measuredAlone(docker, variables, options, scale);
  const size = 'psql -XAtq -U "$POSTGRES_USER" -d postgres -c "SELECT pg_database_size(\'postgres\')"';
  const megabytes = Number(await inDatabase(variables, size)) / 1e6;
  const rows = 'psql -XAtq -U "$POSTGRES_USER" -d postgres -c "SELECT count(*) FROM pgbench_accounts"';
  const before = await inDatabase(variables, rows);

  const server = /-host-(\d+)$/.exec(await hostOf(docker))?.[1] ?? '';
  await lose(control, variables, server);
  const words = [
    'rebuild',
    'preview',
    '--identity',
    key,
    ...options,
    '--replace',
    `preview-cogni@${server}`,
    '--json',
  ];
  const { untilServing, all, stages } = JSON.parse((await cogni(variables, ...words)).stdout) as Rebuilt;
  const after = await inDatabase(variables, rows);
  if (after !== before) throw new Error(`${before} rows were lost, and ${after} came back`);
  return rebuildTimeReport({
    madeBy: madeBy(`npm run bench:rebuild -- ${scale}`, checkout),
    ...{ megabytes, alone, untilServing, all, stages },
  });
}

async function main(): Promise<void> {
  const [scale = 70] = process.argv.slice(2).map(Number);
  if (!Number.isInteger(scale) || scale < 1)
    throw new Error(`${process.argv[2] ?? ''}: the scale is a whole number from 1 on`);
  const keys = mkdtempSync(join(tmpdir(), 'cogni-identity-'));
  try {
    const text = await measured(scale, keys);
    mkdirSync(join(checkout, 'docs', 'reports'), { recursive: true });
    writeFileSync(join(checkout, 'docs', 'reports', 'rebuild-time.md'), text);
    process.stdout.write(text);
  } finally {
    rmSync(keys, { recursive: true, force: true });
    await command(['./cogni', 'sandbox', 'down']);
  }
}

void main();
