import { inMilliseconds, median, table } from './figures';

/** What one run of a whole command took, all its processes together. */
export interface Run {
  /** Milliseconds by the clock. */
  readonly milliseconds: number;
  /** Milliseconds of processor: other work on the machine does not count. */
  readonly processor: number;
}

export interface Measured {
  /** Of what and where, in one sentence. */
  readonly madeBy: string;
  /** Of the machine, before the first run. */
  readonly load: number;
  readonly cores: number;
  /** `Terraform 1.11.4`. */
  readonly terraform: string;
  readonly report: readonly {
    readonly resources: number;
    /** Bytes of the plan in JSON. */
    readonly bytes: number;
    /** `cogni review` of it, all forms of the report. */
    readonly review: readonly Run[];
    /** `cogni --help`, which only starts. */
    readonly start: readonly Run[];
  }[];
  readonly pipeline: readonly {
    readonly resources: number;
    /** `terraform plan`. */
    readonly plan: readonly Run[];
    /** The same, with messages, `terraform show -json`, `cogni review` and `cogni comment`. */
    readonly reviewed: readonly Run[];
  }[];
}

const clock = (runs: readonly Run[]): string => inMilliseconds(runs.map(({ milliseconds }) => milliseconds));
const processor = (runs: readonly Run[]): string => inMilliseconds(runs.map((each) => each.processor));

/** What the second takes more than the first, turn by turn. */
function more(runs: readonly Run[], than: readonly Run[], of: keyof Run): string {
  return inMilliseconds(runs.map((run, turn) => run[of] - (than[turn]?.[of] ?? Number.NaN)));
}

/** How often the first is the second, turn by turn. */
const times = (runs: readonly Run[], than: readonly Run[]): string =>
  median(runs.map((run, turn) => run.processor / (than[turn]?.processor ?? Number.NaN))).toFixed(2);

/** The report as Markdown: medians and ranges, and no judgement. */
export const reviewSpeedReport = ({ madeBy, load, cores, terraform, report, pipeline }: Measured): string =>
  [
    '# Figures of the review: speed',
    '',
    madeBy,
    `The load of the machine was ${load.toFixed(1)} at the start, on ${cores} cores; ${terraform}. Where other work ran beside it, the clock`,
    'says little and processor time is what to go by.',
    '',
    'Medians, with the range in parentheses. Every run is a whole process (or all processes of a pipeline), and the commands take turns.',
    '',
    '## From a plan to its report',
    '',
    '`cogni review plan.json --json --comment … --summary …` on a plan that changes servers (in turns wiped, tagged, made, destroyed), each',
    'with 8 KiB of user-data. Bound: 1,000 changed resources in 1 s.',
    '',
    table(
      [
        'changed resources',
        'size of the plan',
        'by the clock',
        'processor time',
        'of which to start the program (`cogni --help`)',
      ],
      report.map(({ resources, bytes, review, start }) => [
        resources.toLocaleString('en'),
        `${(bytes / 2 ** 20).toFixed(1)} MiB`,
        clock(review),
        processor(review),
        `${clock(start)}, processor ${processor(start)}`,
      ]),
    ),
    '',
    '## From `terraform plan` to the posted comment',
    '',
    '`terraform plan -out` against all that it takes to have its report on a pull request: `terraform plan -json -out`,',
    '`terraform show -json`, `cogni review` with comment and messages, and `cogni comment`, which looks for the comment and posts it, in two',
    "requests to a double of GitHub's API on this machine: the way to GitHub and back comes on top. The resources are of Terraform's own",
    '`terraform_data`, which ask nobody: no plan is quicker. Bound: 1 s more.',
    '',
    table(
      [
        'changed resources',
        '`terraform plan`',
        'to the posted comment',
        'more, by the clock',
        'more, processor time',
        'ratio of processor time',
      ],
      pipeline.map(({ resources, plan, reviewed }) => [
        resources.toLocaleString('en'),
        clock(plan),
        clock(reviewed),
        more(reviewed, plan, 'milliseconds'),
        more(reviewed, plan, 'processor'),
        times(reviewed, plan),
      ]),
    ),
    '',
    '## Once more',
    '',
    'On a machine that does nothing else; it writes this file anew:',
    '',
    '```',
    'npm run bench:review',
    '```',
    '',
  ].join('\n');
