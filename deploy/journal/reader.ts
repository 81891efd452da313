import { Failure } from '../../foundation/failure';
import type { RemoteCommand, Transport } from '../transport';
import { parseLine, type RunBegun, type RunEnded, type RunEvent } from './event';
import { journalLimits } from './writer';

/** A run as the journal tells it. */
export interface JournalledRun {
  readonly run: string;
  /** When it began; UTC. */
  readonly at: string;
  /** Undefined where its first lines were rotated away or lost. */
  readonly begun: RunBegun | undefined;
  readonly steps: readonly JournalledStep[];
  /** Undefined for a run that is under way, or was cut off: `cogni lock status` says which. */
  readonly ended: RunEnded | undefined;
}

export interface JournalledStep {
  readonly step: string;
  readonly state: 'begun' | 'done' | 'was done already' | 'failed';
  readonly milliseconds?: number;
  /** Why it failed. */
  readonly why?: string;
  readonly takenBack?: true;
  /** What went wrong without making the run fail, and what could not be taken back. */
  readonly problems?: readonly string[];
}

export interface JournalText {
  /** The newest first. */
  readonly runs: readonly JournalledRun[];
  /** Lines that were not written to their end. */
  readonly torn: number;
  /** Lines that only a newer `cogni` can read. */
  readonly newer: number;
}

/** The files of a journal, the oldest first: those that are missing are no fault. */
export const journalFiles = (file: string): readonly string[] => [
  ...Array.from({ length: journalLimits.keep }, (_, index) => `${file}.${journalLimits.keep - index}`),
  file,
];

/** Prints them one after the other, ending a last line that was not. Only reads. */
export const readCommand = (file: string): RemoteCommand => ({
  argv: ['env', 'LC_ALL=C', 'grep', '--text', '--no-filename', '--regexp=', '--', ...journalFiles(file)],
  deadline: 30_000,
});

/**
 * Reads the journal of a host.
 *
 * @throws Failure when it is there and cannot be read
 */
export async function readJournal(
  transport: Transport,
  file: string,
  environment: string,
): Promise<JournalText> {
  const output = await transport.run(readCommand(file));
  const refused = output.stderr.split('\n').filter((line) => line !== '' && !/No such file/.test(line));
  if (output.timedOut || refused.length > 0) {
    throw new Failure({
      what: `the journal of ${transport.describe()} (${file}) cannot be read: ${refused[0] ?? 'no answer in time'}`,
      next: `./cogni host check ${environment}`,
    });
  }
  return parseJournal(output.stdout);
}

/** Puts the lines of a journal together, run by run. A line that says nothing to this program is only counted. */
export function parseJournal(text: string): JournalText {
  const runs = new Map<string, { at: string; events: RunEvent[] }>();
  const unread = { torn: 0, newer: 0 };
  for (const written of text.split('\n').filter((line) => line.replaceAll('\0', '') !== '')) {
    const line = parseLine(written);
    if (typeof line === 'string') {
      unread[line] += 1;
      continue;
    }
    const { run, at, event } = line;
    const known = runs.get(run);
    if (known) known.events.push(event);
    else runs.set(run, { at, events: [event] });
  }
  return {
    ...unread,
    runs: [...runs]
      .map(([run, { at, events }]) => told(run, at, events))
      .sort((one, other) => (one.run < other.run ? 1 : -1)),
  };
}

function told(run: string, at: string, events: readonly RunEvent[]): JournalledRun {
  const steps = new Map<string, JournalledStep>();
  const change = (step: string, more: Partial<JournalledStep>): void =>
    void steps.set(step, { ...(steps.get(step) ?? { step, state: 'begun' }), ...more });
  const problem = (step: string, text: string): void =>
    change(step, { problems: [...(steps.get(step)?.problems ?? []), text] });
  let begun: RunBegun | undefined;
  let ended: RunEnded | undefined;
  for (const event of events) {
    switch (event.kind) {
      case 'run-begun':
        begun = event;
        break;
      case 'run-ended':
        ended = event;
        break;
      case 'step-begun':
        change(event.step, { state: 'begun' });
        break;
      case 'step-done':
        change(event.step, { state: event.outcome, milliseconds: event.milliseconds });
        break;
      case 'step-failed':
        change(event.step, { state: 'failed', why: event.why });
        break;
      case 'step-taken-back':
        if (event.problem === undefined) change(event.step, { takenBack: true });
        else problem(event.step, event.problem);
        break;
      case 'step-problem':
        problem(event.step, event.problem);
        break;
    }
  }
  return { run, at, begun, steps: [...steps.values()], ended };
}
