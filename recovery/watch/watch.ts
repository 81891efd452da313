import type { Clock } from '../../foundation/clock';
import { Failure, messageOf as textOf } from '../../foundation/failure';
import { advance, emptyMemory, openIn, type Memory } from './memory';
import { messageOf, nextToTell, queued, type Message } from './messages';
import { observationOf, type Depth, type Look } from './observe';
import { readKept, writeKept, type Kept } from './store';
import type { ConditionId } from './conditions';

export interface WatchProps {
  readonly environments: readonly string[];
  readonly depth: Depth;
  /** File that keeps what it remembers. */
  readonly kept: string;
  /**
   * Looks once. It has deadlines of its own, of 6 s in all, and does not throw for a host that does not answer. Where it
   * throws (no program, no room for a file) it is tried again: what ails one look ends no watch.
   */
  readonly look: (environment: string) => Promise<Look>;
  /** Tells somebody, with tries of its own; undefined: nobody is told, and alerts are in the metrics alone. */
  readonly tell: ((message: Message) => Promise<void>) | undefined;
  /** Told after each look. */
  readonly onLook?: (status: WatchStatus) => void;
  /** Lines for people. */
  readonly log: (line: string) => void;
  readonly clock: Clock;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** What is known of one environment after a look. */
export interface WatchStatus {
  readonly look: Look;
  readonly open: readonly ConditionId[];
  /** Its disk has been seen with the marker of its data. */
  readonly marked: boolean;
}

/** Milliseconds from the beginning of a look to that of the next. */
export const interval = 5_000;
/** Milliseconds between two tries to tell what nobody took. */
const tellAgain = 15_000;

/**
 * Looks at each environment every {@link interval}, until it is told to end. What it remembers is in a file before
 * anybody is told, and stays there until somebody took it: a watch that is killed at any moment goes on where it was, and a
 * message comes twice rather than never.
 */
export async function runWatch(props: WatchProps): Promise<void> {
  const { environments, kept: path, clock, signal, log } = props;
  const read = readKept(path);
  let kept: Kept = {
    environments: Object.fromEntries(
      environments.map((name): [string, Memory] => [name, read?.environments[name] ?? emptyMemory]),
    ),
    queue: read?.queue ?? [],
  };
  let written = '';
  let unwritten = '';
  const keep = (change: Partial<Kept>): void => {
    kept = { ...kept, ...change };
    // What counts is in the tracks and the queue; the time of the last look alone is not worth a write each.
    const worth = JSON.stringify([
      Object.values(kept.environments).map(({ tracks, marked }) => [tracks, marked]),
      kept.queue,
    ]);
    if (worth === written) return;
    try {
      writeKept(path, kept);
      written = worth;
      unwritten = '';
    } catch (thrown) {
      // A watch on a full disk still has a webhook; it forgets when it ends, and says so once.
      const why = textOf(thrown);
      if (why !== unwritten) log(`what is remembered cannot be written to ${path}, tried again: ${why}`);
      unwritten = why;
    }
  };

  const watchOne = async (name: string): Promise<void> => {
    while (!signal.aborted) {
      const started = clock.monotonic();
      const look = await props.look(name).catch((thrown: unknown) => {
        log(`${name}: could not look, tried again: ${textOf(thrown).split('\n', 1)[0] ?? ''}`);
        return undefined;
      });
      if (look === undefined) {
        await rest(interval);
        continue;
      }
      const before = kept.environments[name] ?? emptyMemory;
      const { memory, changes } = advance(before, observationOf(look, props.depth, before.marked));
      const messages = changes.map((change) => messageOf(name, change, look.at));
      for (const { text } of messages) log(text);
      keep({
        environments: { ...kept.environments, [name]: memory },
        queue: props.tell === undefined ? [] : messages.reduce(queued, kept.queue),
      });
      props.onLook?.({ look, open: openIn(memory), marked: memory.marked ?? false });
      await rest(interval - (clock.monotonic() - started));
    }
  };
  const rest = (milliseconds: number): Promise<void> =>
    clock.sleep(Math.max(0, milliseconds), signal).catch(() => undefined);

  const isEnded = (): boolean => signal.aborted;
  const tellAll = async (tell: (message: Message) => Promise<void>): Promise<void> => {
    const tried = new Set<string>();
    while (!signal.aborted) {
      const next = nextToTell(kept.queue, tried);
      if (next === undefined) {
        // All were tried: a new round, at once where it has anything to tell.
        if (tried.size === 0) await rest(1_000);
        tried.clear();
        continue;
      }
      try {
        await tell(next);
        keep({ queue: kept.queue.filter((message) => message !== next) });
      } catch (thrown) {
        if (isEnded()) return;
        const why =
          thrown instanceof Failure && thrown.faults.length > 0 ? thrown.faults.join('; ') : textOf(thrown);
        log(`nobody took the message on ${next.key} (${next.status}), it is kept: ${why}`);
        tried.add(next.key);
        await rest(tellAgain);
      }
    }
  };

  await Promise.all([...environments.map(watchOne), ...(props.tell ? [tellAll(props.tell)] : [])]);
}
