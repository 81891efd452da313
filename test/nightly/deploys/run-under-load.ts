import type { ProgressEvent } from '../../../foundation/progress';
import { inSandbox, textOf } from '../../e2e/sandbox-cli';

/** A deploy or a rollback that succeeded. Times are milliseconds, Unix time. */
export interface TimedRun {
  readonly from: number;
  readonly until: number;
  /** Between these the edge's file was replaced. */
  readonly switched: { readonly from: number; readonly until: number };
}

const switchStep = 'send the requests to it';

/** Runs `./cogni <words>` and looks at the clock when it says what it does. @throws Error when it fails, or never switches */
export async function timedRun(...words: readonly string[]): Promise<TimedRun> {
  const from = Date.now();
  const told: Partial<Record<ProgressEvent['kind'], number>> = {};
  let line = '';
  const output = await inSandbox(
    // A laptop or a runner has processors of its own; here it must not take those of the host and of the load.
    ['nice', '-n', '19', './cogni', ...words, '--json'],
    {},
    {
      onOutput: (chunk, stream) => {
        if (stream !== 'stderr') return;
        const lines = (line + chunk).split('\n');
        line = lines.pop() ?? '';
        for (const text of lines.filter((each) => each.startsWith('{'))) {
          const event = JSON.parse(text) as ProgressEvent;
          if (event.kind !== 'note' && event.name === switchStep) told[event.kind] = Date.now();
        }
      },
    },
  );
  const { step, done } = told;
  if (output.code !== 0 || step === undefined || done === undefined)
    throw new Error(`./cogni ${words.join(' ')} ended with ${output.code}: ${textOf(output)}`);
  return { from, until: Date.now(), switched: { from: step, until: done } };
}

/** Whether a second (Unix time) overlaps one of these times. */
export function secondsOf(
  times: readonly { readonly from: number; readonly until: number }[],
): (second: number) => boolean {
  const seconds = new Set<number>();
  for (const { from, until } of times)
    for (let second = Math.floor(from / 1000); second <= Math.floor(until / 1000); second += 1)
      seconds.add(second);
  return (second) => seconds.has(second);
}
