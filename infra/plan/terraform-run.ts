import { closeSync, openSync, readSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../foundation/clock';
import { ExitCode, Failure } from '../../foundation/failure';
import { tryReadFile } from '../../foundation/files';
import { capture, commandFailure, run as runCommand, type Output, type Run } from '../../foundation/process';
import { requireTerraform, terraformBinary } from '../terraform';
import { knownTrouble, withoutTrace } from './known-trouble';
import { sha256Of, type PlanManifest } from './manifest';
import { credentialsHint } from './stack-backend';
import { isLocked, lockAdvice } from './state-lock';
import { stateFactsIn, type StateFacts } from './state-facts';

/** Where Terraform runs, and how. */
export interface TerraformAt {
  /** The synthesized stack: `cdktf.out/stacks/<env>`. */
  readonly folder: string;
  /** Added to the environment. @default - nothing */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default - real processes */
  readonly run?: Run;
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for what else than {@link deadlines} says. @default - as that says */
  readonly patience?: Partial<typeof deadlines>;
}

const quiet = { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', NO_COLOR: '1', TF_CLI_ARGS: undefined };

/**
 * Milliseconds. Planning reads every resource anew; an apply orders a server (up to 60 min) and waits for its bootstrap. The job
 * that applies (workflows/infra.ts) lasts longer than all that it may need: its end is Terraform's too.
 */
export const deadlines = {
  short: 2 * 60_000,
  init: 10 * 60_000,
  plan: 15 * 60_000,
  apply: 2 * 60 * 60_000,
  /** That Terraform gets to write its state down after it was asked to stop. */
  writing: 10 * 60_000,
  /** The same where it writes nothing: it would wait for a provider that waits for an answer. */
  reading: 20_000,
};
/** Characters of a plan in JSON: a string of Node.js can hold twice as many. */
const keep = 256 * 1024 * 1024;

const patienceOf = ({ patience }: TerraformAt): typeof deadlines => ({ ...deadlines, ...patience });
const binaryOf = ({ env }: TerraformAt): string => terraformBinary({ ...process.env, ...env });

function invoke(
  at: TerraformAt,
  args: readonly string[],
  deadline: 'short' | 'init' | 'plan' | 'apply',
  before: readonly [string, ...string[]] | readonly [] = [],
): Promise<Output> {
  const within = patienceOf(at);
  const grace = deadline === 'apply' ? within.writing : within.reading;
  return (at.run ?? runCommand)(
    {
      argv: [...before, binaryOf(at), ...args] as [string, ...string[]],
      cwd: at.folder,
      env: { ...quiet, ...at.env },
      deadline: within[deadline],
    },
    // What applies goes on to its end, whatever becomes of this process; nothing else has a reason to.
    { keep, grace, tied: deadline !== 'apply', ...(at.signal ? { signal: at.signal } : {}) },
  );
}

async function must(
  at: TerraformAt,
  what: string,
  args: readonly string[],
  { deadline = 'short', left }: { deadline?: 'short' | 'init' | 'plan'; left?: string } = {},
): Promise<string> {
  const output = await invoke(at, args, deadline);
  if (output.code === 0) return output.stdout;
  throw terraformFailure(at, what, args, output, patienceOf(at)[deadline], left);
}

/**
 * The {@link Failure} of a run of Terraform; another run's lock on the state has its own exit code.
 *
 * @param left what state is left where it had the lock
 */
function terraformFailure(
  at: TerraformAt,
  what: string,
  args: readonly string[],
  output: Output,
  deadline: number,
  left = 'nothing was changed',
): Failure {
  const said = withoutTrace(explained(output));
  const argv = [binaryOf(at), ...args] as [string, ...string[]];
  if (isLocked(said)) {
    const { what: held, next } = lockAdvice(at, said);
    return new Failure({ what: `${what}: ${held}`, output: said, next, exitCode: ExitCode.locked });
  }
  const trouble = output.timedOut
    ? {
        cause:
          "something that it asked gave no answer: Cherry's API, whose provider then waits without end, or the state's backend",
        next: 'wait some minutes, then run this again',
      }
    : knownTrouble(said, 'run this again');
  return commandFailure(
    { argv, deadline },
    { ...output, stdout: said, stderr: '' },
    {
      what: trouble === undefined ? what : `${what}, since ${trouble.cause}`,
      state: left,
      next: trouble?.next ?? credentialsHint(at.folder),
    },
  );
}

/** What Terraform said, for people: errors out of JSON messages, and everything that is none. */
function explained({ stdout, stderr }: Output): string {
  const lines = stdout.split('\n').flatMap((line): string[] => {
    if (!line.startsWith('{"@level"')) return line === '' ? [] : [line];
    try {
      const { diagnostic } = JSON.parse(line) as {
        diagnostic?: { severity: string; summary: string; detail?: string; address?: string };
      };
      if (diagnostic?.severity !== 'error') return [];
      const at = diagnostic.address === undefined ? '' : ` (${diagnostic.address})`;
      return [`Error: ${diagnostic.summary}${at}`, ...(diagnostic.detail ?? '').split('\n').filter(Boolean)];
    } catch {
      return [line];
    }
  });
  return [...lines, stderr.trim()].filter(Boolean).join('\n');
}

/** Which program it is, and its version. @throws Failure when it is missing or too old */
export async function toolAt(at: TerraformAt): Promise<PlanManifest['tool']> {
  const env = Object.fromEntries(
    Object.entries(at.env ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const version = await requireTerraform({ env, ...(at.run ? { run: at.run } : {}) });
  const text = await capture(
    { argv: [binaryOf(at), 'version'], env: { ...quiet, ...at.env }, deadline: 30_000 },
    at.run ? { run: at.run } : {},
  );
  return { name: /^OpenTofu /m.test(text) ? 'opentofu' : 'terraform', version };
}

/** `init`: backend and providers, as the folder's lock says. */
export const initAt = (at: TerraformAt): Promise<string> =>
  must(at, 'Terraform could not be initialised', ['init', '-input=false', '-no-color'], { deadline: 'init' });

/** The whole state as its backend has it, values in clear: for whoever encrypts it at once. */
export const stateTextAt = (at: TerraformAt): Promise<string> =>
  must(at, 'the state could not be read', ['state', 'pull']);

/** The state's version and ids, read from its backend. Nothing of its values is kept. */
export const stateAt = async (at: TerraformAt): Promise<StateFacts> => stateFactsIn(await stateTextAt(at));

/** Takes resources out of the state; what they stand for is not touched. */
export const removeFromStateAt = (at: TerraformAt, addresses: readonly string[]): Promise<string> =>
  must(at, 'the state could not be changed', ['state', 'rm', ...addresses], {
    // It may be written by then, and the answer be lost.
    left: 'whether they are taken out of the state is not known; what they stand for is as it was',
  });

/** The hash of the providers' lock in the folder, and of the configuration. @throws Failure when nothing was synthesized */
export function hashesAt({ folder }: TerraformAt): Pick<PlanManifest, 'configuration' | 'providerLock'> {
  const configuration = tryReadFile(join(folder, 'cdk.tf.json')) ?? tryReadFile(join(folder, 'main.tf.json'));
  if (configuration === undefined) {
    throw new Failure({
      what: `there is no synthesized stack in ${folder}`,
      next: 'look at what the synthesis said; run it by hand with npx cdktf synth',
    });
  }
  return {
    configuration: sha256Of(configuration),
    providerLock: sha256Of(tryReadFile(join(folder, '.terraform.lock.hcl')) ?? ''),
  };
}

/** A program by way of a shell; what is run and where it writes to are arguments, not part of the script. */
const into = (script: string): readonly [string, ...string[]] => ['sh', '-c', script, 'sh'];

/**
 * Plans into a file. What it says goes into files beside it, not into pipes: when this process is killed, the next line would
 * end Terraform at once, with the state still locked and its plugins left behind.
 *
 * @param file in a folder in memory
 * @param more further options of `plan`
 * @returns the messages of `plan -json`, which alone hold its warnings
 */
export async function planAt(at: TerraformAt, file: string, more: readonly string[] = []): Promise<string> {
  const [messages, errors] = [`${file}.messages`, `${file}.errors`];
  const before = [...into('out=$1 err=$2; shift 2; exec "$@" >"$out" 2>"$err"'), messages, errors] as const;
  const args = ['plan', '-json', '-input=false', ...more, `-out=${file}`];
  const output = await invoke(at, args, 'plan', before);
  const stdout = tryReadFile(messages) ?? '';
  if (output.code === 0) return stdout;
  const said = { ...output, stdout, stderr: `${tryReadFile(errors) ?? ''}${output.stderr}` };
  throw terraformFailure(at, 'no plan could be made', args, said, patienceOf(at).plan);
}

/** A plan file in JSON: secrets in clear, so it never leaves this process. */
export const showAt = (at: TerraformAt, file: string): Promise<string> =>
  must(at, 'the plan could not be read', ['show', '-json', file]);

/** Files in which Terraform finds values of variables by itself (Terraform documentation, "Input Variables"). */
const variableFiles = /(^terraform|\.auto)\.tfvars(\.json)?$/;

/**
 * A plan holds the values of the variables that it was made with. Terraform overlooks others that it finds, OpenTofu refuses
 * them: another machine's enrollment token is another one. They are taken out of the folder, which every synthesis writes
 * anew, and out of the environment.
 */
function withoutVariables(at: TerraformAt): TerraformAt {
  for (const name of readdirSync(at.folder).filter((file) => variableFiles.test(file)))
    rmSync(join(at.folder, name));
  const given = Object.keys({ ...process.env, ...at.env }).filter((name) => name.startsWith('TF_VAR_'));
  return { ...at, env: { ...at.env, ...Object.fromEntries(given.map((name) => [name, undefined])) } };
}

/**
 * Applies a plan file. Its output goes to a file, not to a pipe: when this process is killed, Terraform goes on and
 * writes its state, where a closed pipe would end it in the middle of an order.
 *
 * @param log file for the output, in a folder in memory
 * @param onOutput told as it comes
 */
export async function applyAt(
  at: TerraformAt,
  file: string,
  log: string,
  onOutput: (chunk: string) => void,
): Promise<{ readonly code: number | null; readonly said: string; readonly timedOut: boolean }> {
  const clock = at.clock ?? systemClock;
  const before = [...into('log=$1; shift; exec "$@" >"$log" 2>&1'), log] as const;
  const ended = new AbortController();
  const running = invoke(
    withoutVariables(at),
    ['apply', '-input=false', '-no-color', file],
    'apply',
    before,
  ).finally(() => ended.abort());
  const follow = follower(log, onOutput);
  while (!ended.signal.aborted) {
    follow();
    await clock.sleep(250, ended.signal).catch(() => undefined);
  }
  const { code, timedOut } = await running;
  follow();
  return { code, timedOut, said: tryReadFile(log) ?? '' };
}

function follower(path: string, onOutput: (chunk: string) => void): () => void {
  let read = 0;
  const decoder = new TextDecoder();
  return () => {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch {
      return; // Not begun yet.
    }
    try {
      const buffer = Buffer.alloc(64 * 1024);
      for (let count; (count = readSync(descriptor, buffer, 0, buffer.length, read)) > 0;) {
        read += count;
        onOutput(decoder.decode(buffer.subarray(0, count), { stream: true }));
      }
    } finally {
      closeSync(descriptor);
    }
  };
}

/** The outputs of the state that are not sensitive, by name. */
export async function outputsAt(at: TerraformAt): Promise<Readonly<Record<string, unknown>>> {
  const text = await must(at, 'the outputs could not be read', ['output', '-json', '-no-color']);
  const outputs = JSON.parse(text) as Record<string, { sensitive?: boolean; value?: unknown }>;
  return Object.fromEntries(
    Object.entries(outputs)
      .filter(([, { sensitive }]) => sensitive !== true)
      .map(([name, { value }]) => [name, value]),
  );
}
