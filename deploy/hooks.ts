import { ExitCode, Failure, messageOf } from '../foundation/failure';
import { commandFailure, run as runProcess, type Run } from '../foundation/process';
import type { Progress } from '../foundation/progress';
import { declarationOf, hookPoints, settingNames, type Hook, type HookPoint, type Hooks } from '../services';
import type { DeployPlan } from './rolling/plan';
import { displayedCommandLine } from './quote';

/** What every hook of a run is told, beside the moment. No secret is in it. */
export interface HookFacts {
  readonly command: 'deploy' | 'rollback';
  readonly environment: string;
  readonly domain: string;
  /** What was asked for: a tag, or a release to go back to; absent where the one before was meant. */
  readonly asked?: string;
  readonly by: { readonly who: string; readonly from: string };
}

export interface HookAdapters {
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** @default child processes of this one */
  readonly run?: Run;
}

/** Secrets of the catalogue are taken from the environment that a hook inherits. */
const withoutSecrets: Readonly<Record<string, undefined>> = Object.fromEntries(
  settingNames.filter((name) => declarationOf(name).kind === 'secret').map((name) => [name, undefined]),
);

/** A hook as a command. */
export const hookCommand = ({ argv, deadline = 60 }: Hook, facts: object): Parameters<Run>[0] => ({
  argv,
  stdin: `${JSON.stringify(facts)}\n`,
  env: withoutSecrets,
  deadline: deadline * 1000,
});

/**
 * Carries a deploy out between its hooks. No lock is held while they run, so one may call `cogni` itself.
 *
 * @param work is handed what to call when the plan is made, before its first step
 * @throws Failure with exit code 3 when a hook before the deploy fails: nothing was changed then. One that fails
 *   afterwards, or on a failure, is only noted.
 */
export async function betweenHooks<T extends object>(
  hooks: Hooks,
  facts: HookFacts,
  adapters: HookAdapters,
  work: (onPlanned: (plan: DeployPlan) => Promise<void>) => Promise<T>,
): Promise<T> {
  const known: { plan?: object } = {};
  const at = (point: HookPoint, more: object = {}) =>
    (hooks[point] ?? []).map((hook) => ({ hook, point, told: { point, ...facts, ...known, ...more } }));
  const guard = async (point: HookPoint): Promise<void> => {
    for (const one of at(point)) await refuseUnless(one, facts.environment, adapters);
  };
  let result: T;
  try {
    await guard('before-plan');
    result = await work(async ({ title, unchanged, steps, release: { id, tag, images } }) => {
      known.plan = { title, unchanged, release: id, tag, images, steps: steps.map((step) => step.id) };
      await guard('after-plan');
      await guard('before-deploy');
    });
  } catch (thrown) {
    const failure =
      thrown instanceof Failure
        ? { what: thrown.what, state: thrown.state, next: thrown.next, exitCode: thrown.exitCode }
        : { what: messageOf(thrown), exitCode: ExitCode.failed };
    for (const one of at('on-failure', { failure })) await noteUnless(one, adapters);
    throw thrown;
  }
  for (const one of at('after-deploy')) await noteUnless(one, adapters);
  return result;
}

interface Due {
  readonly hook: Hook;
  readonly point: HookPoint;
  readonly told: object;
}

async function refuseUnless(
  { hook, point, told }: Due,
  environment: string,
  adapters: HookAdapters,
): Promise<void> {
  const { progress, signal, run = runProcess } = adapters;
  const command = hookCommand(hook, told);
  await progress.step(`hook ${point}: ${hook.argv[0]}`, async () => {
    const output = await run(command, signal ? { signal } : {});
    signal?.throwIfAborted();
    if (output.code === 0) return;
    const { what, output: printed } = commandFailure(command, output, {
      what: `refused by the hook ${point}`,
    });
    throw new Failure({
      what,
      output: printed,
      next: `see what the hook says above; it stands in the record of ${environment} in stacks/environments.ts`,
      exitCode: ExitCode.refused,
    });
  });
}

/** Whatever was done stays as it is. A cancelled run tells its hooks all the same. */
async function noteUnless(
  { hook, point, told }: Due,
  { progress, run = runProcess }: HookAdapters,
): Promise<void> {
  const command = hookCommand(hook, told);
  try {
    const output = await run(command);
    if (output.code !== 0) throw commandFailure(command, output, { what: 'it failed' });
  } catch (thrown) {
    const why = thrown instanceof Failure ? thrown.what : messageOf(thrown);
    progress.note(`the hook ${point} (${hook.argv[0]}) is not counted: ${why}`);
  }
}

/** The hooks of an environment for a dry run, which runs none of them. */
export const hooksText = (hooks: Hooks): string =>
  hookPoints
    .flatMap((point) =>
      (hooks[point] ?? []).map(
        ({ argv, deadline = 60 }) =>
          `hook ${point}, not run now: $ ${displayedCommandLine(argv)} (at most ${deadline} s)\n`,
      ),
    )
    .join('');
