import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../foundation/clock';
import { Failure } from '../foundation/failure';
import { httpsVia, type Https } from '../foundation/https';
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
  /** What the application answered to a question, by way of LiteLLM and the stub of the models. */
  readonly asked: unknown;
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
  const ask = outside(world, left);
  const answer = await progress.step(`ask ${url}`, () => askVersion(ask, url, sha), {
    why: 'from outside, verified against the CA of the sandbox',
    describe: (said) => JSON.stringify(said),
  });
  const asked = await progress.step('ask a model', () => askModel(ask, url), {
    why: 'the application answers through LiteLLM, and keeps the answer in its database',
    describe: (said) => JSON.stringify(said),
  });
  return { url, answer, asked, tag };
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

/** Asks from outside: by the sandbox's DNS, and with its CA as the only one that is trusted. */
function outside(world: World, left: UpFile): Https {
  const authority = readFileSync(join(world.folder, 'ca', 'root.crt'), 'utf8');
  return httpsVia({ authorities: [authority], lookup: lookupVia(left.variables['COGNI_DNS'] ?? '') });
}

async function askVersion(ask: Https, url: string, sha: string): Promise<unknown> {
  const response = await ask({ url, deadline: 10_000 });
  const text = response.body.toString();
  if (response.status === 200 && text.includes(sha)) return JSON.parse(text);
  throw new Failure({
    what: `${url} answered ${response.status}, and not with the version that was deployed (${sha})`,
    output: text,
    state: 'the host is up and something was deployed',
    next: `./cogni sandbox status`,
  });
}

/** LiteLLM starts beside the application, which does not wait for it: longer than this it never takes. */
const modelDeadline = 120_000;

async function askModel(ask: Https, version: string, clock = systemClock): Promise<unknown> {
  const question = 'Does everything run?';
  const url = new URL(`/ask?question=${encodeURIComponent(question)}`, version).href;
  const until = clock.monotonic() + modelDeadline;
  for (;;) {
    const response = await ask({ url, deadline: 30_000 });
    const text = response.body.toString();
    if (response.status === 200 && text.includes(question)) return JSON.parse(text);
    if (response.status === 502 && clock.monotonic() < until) {
      await clock.sleep(500);
      continue;
    }
    throw new Failure({
      what: `${url} answered ${response.status}, and not what the model was asked`,
      output: text,
      state: 'the host is up and the application was deployed',
      next: `./cogni sandbox status`,
    });
  }
}
