import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../foundation/failure';
import { httpsVia } from '../foundation/https';
import { capture, run } from '../foundation/process';
import type { Progress } from '../foundation/progress';
import { lookupVia } from '../foundation/resolve';
import { publishApp } from './parts/publish-app';
import { dockerOf } from './status';
import { domainOf, up, type PlayedEnvironment, type UpFile } from './up';
import type { World } from './world';

export interface DemoProps {
  readonly world: World;
  /** Folder of the checkout: where the commands run. */
  readonly checkout: string;
  /** The environment that is shown. */
  readonly environment: PlayedEnvironment;
  readonly environments: readonly PlayedEnvironment[];
  readonly progress: Progress;
  /** Gets what the commands print, as it comes. */
  readonly print: (text: string) => void;
}

export interface DemoResult {
  readonly url: string;
  readonly answer: unknown;
  readonly tag: string;
}

/** Through a pipe CDKTF would print each turn of its spinner as a line. */
const quiet = { CI: 'true' };
/** Milliseconds that one of the shown commands may take. */
const commandDeadline = 20 * 60_000;

/**
 * The main job, end to end: the very commands that a person would type, with the sandbox's variables set, and at the end
 * a question over HTTPS whose answer is verified against the sandbox's CA and against the version that was deployed.
 *
 * @throws Failure of the first command that fails, with its output
 */
export async function demo(props: DemoProps): Promise<DemoResult> {
  const { world, environment, progress } = props;
  const left = await up(world, props.environments, progress);
  const step = (argv: readonly [string, ...string[]]): Promise<void> => show(argv, left, props);

  await step(['npx', 'cdktf', 'deploy', environment.name, '--auto-approve']);

  const sha = await releaseSha(props.checkout);
  const tag = `${environment.imageTagPrefix}-${sha}`;
  await progress.step(
    `publish ${tag}`,
    async () => publishApp({ docker: await dockerOf(world), world, tag }, progress),
    {
      why: 'builds a version of the demo application and its migrator and pushes both: what CI does for yours',
    },
  );
  await step(['./cogni', 'deploy', environment.name, '--image-tag', tag]);

  const url = `https://${domainOf(environment.name)}/version`;
  return progress.step(`ask ${url}`, () => proof(world, environment.name, left, sha, tag), {
    why: 'from outside, verified against the CA of the sandbox',
    describe: ({ answer }) => JSON.stringify(answer),
  });
}

async function show(argv: readonly [string, ...string[]], left: UpFile, props: DemoProps): Promise<void> {
  const shown = argv.map((word) => word.replace(`${props.checkout}/`, '')).join(' ');
  await props.progress.step(shown, async () => {
    const command = {
      argv,
      cwd: props.checkout,
      env: { ...left.variables, ...quiet },
      deadline: commandDeadline,
    };
    const output = await run(command, { onOutput: (chunk) => props.print(chunk) });
    if (output.code === 0) return;
    // It has said why itself, on the same terminal.
    throw new Failure({
      what: `the demo stopped: ${shown} ${output.timedOut ? 'did not end in time' : `ended with exit code ${output.code}`}; its own words are above`,
      state: 'the sandbox is up, as far as the demo came',
      next: 'mend what is said above, then ./cogni sandbox demo: it goes on from there',
    });
  });
}

/** The commit that stands for the release: the checkout's own, or, where there is none, any. */
async function releaseSha(checkout: string): Promise<string> {
  try {
    return (await capture({ argv: ['git', 'rev-parse', 'HEAD'], cwd: checkout, deadline: 10_000 })).trim();
  } catch {
    return randomBytes(20).toString('hex');
  }
}

async function proof(
  world: World,
  environment: string,
  left: UpFile,
  sha: string,
  tag: string,
): Promise<DemoResult> {
  const name = domainOf(environment);
  const authority = readFileSync(join(world.folder, 'ca', 'root.crt'), 'utf8');
  const ask = httpsVia({ authorities: [authority], lookup: lookupVia(left.variables['COGNI_DNS'] ?? '') });
  const response = await ask({ url: `https://${name}/version`, deadline: 10_000 });
  const text = response.body.toString();
  if (response.status !== 200 || !text.includes(sha)) {
    throw new Failure({
      what: `https://${name}/version answered ${response.status}, and not with the version that was deployed (${sha})`,
      output: text,
      state: 'the host is up and something was deployed',
      next: `./cogni sandbox status`,
    });
  }
  return { url: `https://${name}/version`, answer: JSON.parse(text), tag };
}
