import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { run, type Output } from '../foundation/process';
import { coldStartReport, toldSteps } from './bench-cold-report';
import { madeBy } from './figures';

/**
 * How long the demo takes on a machine that has nothing of it yet, as a report for docs/reports/: a fresh clone and a
 * home folder of its own, so that no npm package, Go module, build or image is there. What the distribution has
 * installed stays; the report says what that is. Takes about a quarter of an hour on 2 cores, and 8 GB for so long.
 *
 * Usage: `npm run bench:cold`
 */
const checkout = resolve(__dirname, '..', '..');
const installed = ['docker', 'dockerd', 'mmdebstrap', 'gpg', 'ssh', 'terraform', 'tofu'];
const deadline = 60 * 60_000;

/** Where the machine says how packages are reached; that is no cache. */
const kept = (home: string): Readonly<Record<string, string>> => ({
  ...(existsSync(join(home, '.npmrc')) ? { NPM_CONFIG_USERCONFIG: join(home, '.npmrc') } : {}),
  ...(existsSync(join(home, '.config', 'go', 'env')) ? { GOENV: join(home, '.config', 'go', 'env') } : {}),
});

const has = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)));

async function main(): Promise<void> {
  mkdirSync(join(checkout, '.cogni'), { recursive: true });
  const folder = mkdtempSync(join(checkout, '.cogni', 'cold-'));
  const [home, clone] = [join(folder, 'home'), join(folder, 'clone')];
  mkdirSync(home);
  execFileSync('git', ['clone', '--quiet', checkout, clone]);
  const present = installed.filter(has);
  const cogni = (...words: readonly string[]): Promise<Output> =>
    run(
      {
        argv: ['./cogni', ...words],
        cwd: clone,
        env: {
          ...kept(homedir()),
          HOME: home,
          ...{ XDG_CACHE_HOME: undefined, GOPATH: undefined, GOCACHE: undefined, GOMODCACHE: undefined },
          ...{ COGNI_SANDBOX: undefined, COGNI_SANDBOX_NAME: 'cold', NO_COLOR: '1', CI: '1' },
        },
        deadline,
      },
      { onOutput: (chunk) => process.stderr.write(chunk) },
    );
  const demo = await cogni('sandbox', 'demo');
  const down = await cogni('sandbox', 'down');
  if (demo.code !== 0 || down.code !== 0)
    throw new Error(`the demo ended with ${demo.code}, taking it down with ${down.code}; see ${folder}`);
  const report = coldStartReport({
    madeBy: madeBy('npm run bench:cold', checkout),
    seconds: demo.milliseconds / 1000,
    steps: toldSteps(demo.stdout + demo.stderr),
    present,
  });
  writeFileSync(join(checkout, 'docs', 'reports', 'cold-start.md'), report);
  process.stdout.write(report);
  // Go makes the modules that it keeps read-only, and an engine mounts its data onto themselves.
  const data = join(home, '.cache', 'cogni', 'engine', 'data');
  for (const argv of [
    ['umount', '--lazy', data],
    ['chmod', '-R', 'u+w', folder],
    ['rm', '-rf', '--', folder],
  ] as const)
    await run({ argv, deadline });
  if (existsSync(folder)) process.stderr.write(`${folder} could not be removed: look what uses it\n`);
}

void main();
