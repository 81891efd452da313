import { setTimeout } from 'node:timers/promises';
import type { ProgressEvent } from '../../../foundation/progress';
import type { LoadReport } from '../../../sandbox/load/load';
import { DeployedWorld } from '../../e2e/deployed-world';
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

/** Milliseconds between two runs, in which it can be seen how answers are while nothing is deployed. */
export const pause = 4_000;

/** What is sent a second, by name. */
export type Loads = Readonly<
  Record<
    string,
    { readonly rate: number; readonly http2?: boolean; readonly delay?: number; readonly idle?: number }
  >
>;

/** Loads over HTTP/1.1 and HTTP/2, from near and from far, by the requests a second of each. */
export const loadsOf = (rates: {
  readonly http1: readonly [near: number, far: number];
  readonly http2: readonly [near: number, far: number];
}): Loads => ({
  'HTTP/1.1': { rate: rates.http1[0], idle: 10 },
  'HTTP/1.1, 20 ms each way': { rate: rates.http1[1], delay: 20, idle: 10 },
  'HTTP/2': { rate: rates.http2[0], http2: true },
  'HTTP/2, 20 ms each way': { rate: rates.http2[1], http2: true, delay: 20 },
});

/** Two versions: what serves, and what is deployed over it. */
export const [one, other] = ['a', 'd'].map((letter) => `preview-${letter.repeat(40)}`) as [string, string];

/** A world in which both were deployed before: nothing is pulled or migrated any more. */
export async function worldOfBoth(): Promise<DeployedWorld> {
  const world = await DeployedWorld.withVersion(one);
  await world.publish(other);
  await timedRun('deploy', 'preview', '--image-tag', other);
  await timedRun('deploy', 'preview', '--image-tag', one);
  return world;
}

/** What both versions are deployed and rolled back under, in turns. */
export interface UnderLoads {
  /** All together, for as long as it takes. */
  readonly loads: Loads;
  /** Runs. */
  readonly atLeast: number;
  /** Requests that are sent in all, at least. @default 0 */
  readonly requests?: number;
}

export interface Tried {
  readonly runs: readonly TimedRun[];
  readonly reports: readonly { readonly name: string; readonly report: LoadReport }[];
  readonly minutes: number;
}

/** Deploys and rolls back in turns under all of these loads. @throws Error when a run fails */
export async function underLoads(
  world: DeployedWorld,
  { loads, atLeast, requests = 0 }: UnderLoads,
): Promise<Tried> {
  const rate = Object.values(loads).reduce((sum, load) => sum + load.rate, 0);
  const begun = await Promise.all(
    Object.entries(loads).map(async ([name, load], index) => ({
      name,
      running: await world.load(`load-${index}`, load.rate, { ...load, seconds: 8 * 60 * 60 }),
    })),
  );
  const started = Date.now();
  const runs: TimedRun[] = [];
  while (runs.length < atLeast || ((Date.now() - started) / 1000) * rate < requests * 1.005) {
    runs.push(await timedRun('deploy', 'preview', '--image-tag', other));
    await setTimeout(pause);
    runs.push(await timedRun('rollback', 'preview', '--to', one));
    await setTimeout(pause);
  }
  const reports = await Promise.all(
    begun.map(async ({ name, running }) => ({ name, report: await running.stop() })),
  );
  return { runs, reports, minutes: (Date.now() - started) / 60_000 };
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
