import { table } from './figures';

/** Milliseconds of what a rebuild cannot do without, each measured by itself with nothing beside it. */
export interface MeasuredAlone {
  /** A machine from its making to the end of its bootstrap. */
  readonly boot: number;
  /** Every image of a release, on a host that has none. */
  readonly pull: number;
  /** The database out of the archive, compared with what was recorded, at its newest moment and answering. */
  readonly restore: number;
  /** Of that, the comparison alone. */
  readonly comparison: number;
}

/** What was measured of one rebuild. */
export interface MeasuredRebuild {
  /** The sentence of `madeBy`. */
  readonly madeBy: string;
  /** Of the database. */
  readonly megabytes: number;
  readonly alone: MeasuredAlone;
  /** Milliseconds from the beginning of the command until the site served with its data. */
  readonly untilServing: number;
  /** Milliseconds of the whole command, with a full backup and a drill at its end. */
  readonly all: number;
  readonly stages: readonly { readonly stage: string; readonly milliseconds: number }[];
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

/** The bound on how many times as long as its parts alone a rebuild may take. */
const bound = 1.3;

/** The report of `npm run bench:rebuild`, as Markdown. */
export function rebuildTimeReport({
  madeBy,
  megabytes,
  alone,
  untilServing,
  all,
  stages,
}: MeasuredRebuild): string {
  const { boot, pull, restore, comparison } = alone;
  const sum = boot + pull + restore;
  const ratio = untilServing / sum;
  return [
    '# How long a rebuild takes',
    '',
    madeBy,
    `One rebuild of a host that was replaced in silence, by \`./cogni rebuild\`, with a database of ${megabytes.toFixed(0)} MB (pgbench). Host, registry and object storage of the sandbox are on the same machine, and share its processors. What it cannot do without was measured by itself in the same run, on the same machine.`,
    '',
    table(
      ['what', 'took'],
      [
        ['boot alone: from the making of the machine to the end of its bootstrap', seconds(boot)],
        ['images alone: all that a first deploy pulls', seconds(pull)],
        [
          `restore alone: out of the archive, compared (${seconds(comparison)}), at the newest moment`,
          seconds(restore),
        ],
        ['together', seconds(sum)],
        ['**rebuild, until the site served with its data**', `**${seconds(untilServing)}**`],
        ['ratio', `**${ratio.toFixed(2)}** (${ratio <= bound ? 'within' : 'beyond'} ${bound})`],
        ['rebuild, with a full backup and a drill at its end', seconds(all)],
      ],
    ),
    '',
    'Its stages; the database is restored while files are brought back and then images are pulled. A deploy goes on with backups and copies when the site serves.',
    '',
    table(
      ['stage', 'took'],
      stages.map(({ stage, milliseconds }) => [stage, seconds(milliseconds)]),
    ),
    '',
  ].join('\n');
}
