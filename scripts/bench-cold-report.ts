import { table } from './figures';

/** One step of a run, as its last line told it. */
export interface ToldStep {
  readonly what: string;
  readonly seconds: number;
}

/** Steps that ended, in the order of their ends, from lines such as `✓ build docker-compose (291.7 s)`. */
export const toldSteps = (output: string): readonly ToldStep[] =>
  [...output.matchAll(/^\s*✓ (?<what>.+) \((?<seconds>[\d.]+) s\)/gm)].map(({ groups }) => ({
    what: groups?.['what'] ?? '',
    seconds: Number(groups?.['seconds']),
  }));

/** What was measured of a machine that has nothing yet. */
export interface ColdStart {
  /** The sentence of `madeBy`. */
  readonly madeBy: string;
  /** All of `./cogni sandbox demo`, from a fresh clone. */
  readonly seconds: number;
  readonly steps: readonly ToldStep[];
  /** Programs that the demo needs and that were on the machine before it, by name. */
  readonly present: readonly string[];
}

/** Shorter steps are not worth a line. Seconds. */
const worthALine = 5;

/** The report of `npm run bench:cold`, as Markdown. */
export function coldStartReport({ madeBy, seconds, steps, present }: ColdStart): string {
  const long = steps.filter((step) => step.seconds >= worthALine);
  return [
    '# From nothing to an answered request',
    '',
    madeBy,
    'One run of `./cogni sandbox demo` in a fresh clone, with an empty home folder: no npm packages, no Go modules, no build and no image are there.',
    present.length === 0
      ? 'Of the programs that it installs from the distribution none was there.'
      : `Of the programs that it installs from the distribution these were there: ${present.join(', ')}.`,
    '',
    table(
      ['what', 'figure', 'bound'],
      [['`./cogni sandbox demo`, nothing there', `${(seconds / 60).toFixed(1)} min`, '≤ 15 min on 2 cores']],
    ),
    '',
    `Its steps of ${worthALine} s and more; builds run side by side, so they add up to more than the whole.`,
    '',
    table(
      ['step', 'took'],
      long.map((step) => [step.what, `${step.seconds.toFixed(0)} s`]),
    ),
    '',
  ].join('\n');
}
