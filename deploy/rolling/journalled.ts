import type { Clock } from '../../foundation/clock';
import { ExitCode, Failure, messageOf } from '../../foundation/failure';
import type { Progress } from '../../foundation/progress';
import type { RunBegun, RunEnded, StepEvent } from '../journal/event';
import { readJournal, type JournalText } from '../journal/reader';
import { openJournal } from '../journal/writer';
import type { Plan } from '../step';
import { ConnectionLost, type Transport } from '../transport';
import type { Watch } from '../watch';
import { layout } from './layout';

/**
 * What the runs of a host did, the newest first. Only reads.
 *
 * @throws Failure when the journal is there and cannot be read
 */
export const readHostJournal = (transport: Transport, environment: string): Promise<JournalText> =>
  readJournal(transport, layout.deploy.journal, environment);

/**
 * The same for who can do without: a journal that cannot be read keeps nobody from deploying or going back.
 *
 * @param unknown what is not known then, for a note
 */
export async function knownRuns(
  transport: Transport,
  environment: string,
  progress: Progress,
  unknown: string,
): Promise<JournalText['runs']> {
  try {
    return (await readHostJournal(transport, environment)).runs;
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown instanceof ConnectionLost) throw thrown;
    progress.note(`${thrown.what}: ${unknown}`);
    return [];
  }
}

export interface JournalledRun<T> {
  /** Its id. */
  readonly run: string;
  readonly begun: RunBegun;
  readonly plan: Plan;
  /** `recorded`: the journal has its first line. */
  readonly work: (observe: (event: StepEvent) => void, recorded: Promise<void>) => Promise<T>;
  /** How it ended, when it did not fail. */
  readonly result: 'deployed' | 'applied' | 'backed up' | 'restored' | 'unchanged';
}

interface Adapters {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly redact: (text: string) => string;
  readonly watch: Watch;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Carries a run out while the journal of the host tells of it. A journal that cannot be written is no reason to fail, and
 * is never passed over in silence: it is noted when it happens, and in the result.
 *
 * @returns what the work gave, and why the journal lacks something of it
 */
export async function journalled<T>(
  { run, begun, plan, work, result }: JournalledRun<T>,
  { transport, clock, progress, redact, watch, signal }: Adapters,
): Promise<{ readonly value: T; readonly journalProblem?: string }> {
  const onProblem = (why: string): void =>
    progress.note(
      redact(
        `the journal of ${transport.describe()} lacks lines of this run (${why}); the run goes on without`,
      ),
    );
  const journal = openJournal(
    { file: layout.deploy.journal, run, first: begun },
    { transport, clock, onProblem },
  );
  const end = (how: RunEnded['result'], why?: string): Promise<string | undefined> => {
    const { milliseconds, engineMilliseconds, commands } = watch.timeline(plan);
    journal.add({
      kind: 'run-ended',
      result: how,
      milliseconds,
      engineMilliseconds,
      commands,
      ...(why === undefined ? {} : { why: redact(why) }),
    });
    return journal.close();
  };
  let value: T;
  try {
    value = await work((event) => journal.add(event), journal.opened);
  } catch (thrown) {
    await end(resultOf(thrown, signal), thrown instanceof Failure ? thrown.what : messageOf(thrown));
    throw thrown;
  }
  const journalProblem = await end(result);
  return { value, ...(journalProblem === undefined ? {} : { journalProblem }) };
}

function resultOf(thrown: unknown, signal: AbortSignal | undefined): RunEnded['result'] {
  if (!(thrown instanceof Failure)) return 'failed';
  switch (thrown.exitCode) {
    case ExitCode.locked:
      return 'locked';
    case ExitCode.refused:
      return 'refused';
    case ExitCode.degraded:
      return 'degraded';
    default:
      return signal?.aborted === true && thrown.cause === signal.reason ? 'cancelled' : 'failed';
  }
}
