import { ExitCode, Failure, messageOf } from '../../foundation/failure';
import type { Progress } from '../../foundation/progress';
import type { RebuildJournal } from './journal';
import type { RebuildPlan, Stage } from './plan';

/** What came of a stage, in a few words that hold no secret; of a deploy also when the site served, which is before its end. */
export interface StageOutcome {
  readonly says: string;
  readonly servedAt?: Date | undefined;
}

/** How a stage is done; what it returns is kept in the journal. */
export interface StageWork {
  /** Looks whether it is done; what it found, where it is. @default - it converges by itself */
  readonly isDone?: () => Promise<string | undefined>;
  /** @returns what came of it */
  readonly run: () => Promise<string | StageOutcome | undefined>;
}

export interface RebuildAdapters {
  readonly journal: RebuildJournal;
  readonly progress: Progress;
  /** The command that goes on with it. */
  readonly again: string;
  /** Aborted: what is under way ends by itself, and no further stage is begun. */
  readonly signal?: AbortSignal;
}

/**
 * Goes through the stages of a rebuild. Each looks first whether its work is there already, so the same call goes on with one that was
 * cut off at any point. Nothing is taken back: what was given up is lost, and what was made is gone on with.
 *
 * @throws Failure that says which stage failed, with what it leaves and the command that goes on
 */
export async function runRebuild<Id extends string>(
  plan: RebuildPlan<Id>,
  work: Readonly<Record<Id, StageWork>>,
  adapters: RebuildAdapters,
): Promise<void> {
  for (const group of plan.groups) {
    adapters.signal?.throwIfAborted();
    const ended = await Promise.allSettled(
      together(group, (stage) => carryOut(stage, work[stage.id], adapters)),
    );
    const failed = group.flatMap((stage, index) => {
      const how = ended[index];
      return how?.status === 'rejected' ? [{ stage, reason: how.reason as unknown }] : [];
    });
    if (failed.length > 0) throw stopped(plan, failed, adapters.again);
  }
}

/** Begins all of them; one that has to wait for another is not begun where that fails, which says why by itself. */
function together<Id extends string>(
  group: readonly Stage<Id>[],
  begin: (stage: Stage<Id>) => Promise<void>,
): readonly Promise<void>[] {
  const begun = new Map<string, Promise<void>>();
  for (const stage of group) {
    const first = stage.after === undefined ? undefined : begun.get(stage.after);
    begun.set(
      stage.id,
      first === undefined
        ? begin(stage)
        : first.then(
            () => begin(stage),
            () => undefined,
          ),
    );
  }
  return [...begun.values()];
}

async function carryOut(
  stage: Stage<string>,
  { isDone, run }: StageWork,
  { journal, progress }: RebuildAdapters,
): Promise<void> {
  journal.append({ kind: 'stage-begun', stage: stage.id });
  try {
    await progress.step(
      stage.name,
      async () => {
        const found = await isDone?.();
        const came = found ?? (await run());
        const { says, servedAt } = typeof came === 'object' ? came : { says: came };
        const outcome = found === undefined ? 'done' : 'was done already';
        journal.append({
          kind: 'stage-done',
          stage: stage.id,
          outcome,
          ...(says === undefined ? {} : { says }),
          ...(servedAt === undefined ? {} : { servedAt: servedAt.toISOString() }),
        });
        return outcome === 'done' ? says : outcome;
      },
      { why: stage.why, describe: (says) => says },
    );
  } catch (thrown) {
    const why = thrown instanceof Failure ? thrown.what : messageOf(thrown);
    try {
      journal.append({ kind: 'stage-failed', stage: stage.id, why: why.split('\n', 1)[0] ?? '' });
    } catch {
      // Why the stage failed is worth more than that it could not be written down: without an end it counts as cut off.
    }
    throw thrown;
  }
}

function stopped(
  { title }: RebuildPlan<string>,
  failed: readonly { readonly stage: Stage<string>; readonly reason: unknown }[],
  again: string,
): Error {
  const [first, ...others] = failed;
  // What is no failure in a person's terms is a fault of ours, and is shown as such.
  const ours = failed.find(({ reason }) => !(reason instanceof Failure));
  if (first === undefined || ours !== undefined) return ours?.reason as Error;
  const reason = first.reason as Failure;
  const codes = failed.map(({ reason: each }) => (each as Failure).exitCode);
  return new Failure({
    what: `${title} stopped at "${first.stage.name}": ${reason.what}`,
    faults: [
      ...reason.faults,
      ...others.map(
        ({ stage, reason: other }) => `beside it, "${stage.name}" failed: ${(other as Failure).what}`,
      ),
    ],
    state: `${first.stage.leaves}; ${reason.state}`,
    next: `${reason.next}; then go on: ${again}`,
    output: failed
      .map(({ reason: each }) => (each as Failure).output)
      .filter(Boolean)
      .join('\n'),
    exitCode: codes[0] ?? ExitCode.failed,
    cause: reason,
  });
}
