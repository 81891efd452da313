import { inMilliseconds, median, range, table } from './figures';

/** What one run of a writer took. */
export interface Figures {
  /** Milliseconds by the clock, from data to text. */
  readonly milliseconds: number;
  /** Milliseconds of processor for the same, all threads together: other work on the machine does not count. */
  readonly processor: number;
  readonly bytes: number;
  /** Kibibytes of memory at the most, of the whole process. */
  readonly peak: number;
}

/** The runs of each writer on one amount of services, turn by turn; `compose` is what the others are compared with. */
export type Writers = Readonly<Record<string, readonly Figures[]>>;

/** Everything that was measured. */
export interface Measured {
  /** Of what and where, in one sentence. */
  readonly madeBy: string;
  /** Of the machine, before the first run. */
  readonly load: number;
  readonly cores: number;
  /** Version of cdk8s, where it took part. */
  readonly cdk8s?: string;
  readonly byAmount: ReadonlyMap<number, Writers>;
  /** Milliseconds by the clock of whole processes. */
  readonly startUp: {
    readonly bare: readonly number[];
    readonly without: readonly number[];
    readonly with: readonly number[];
    /** How many modules of `compose/` the command loads by itself. */
    readonly modules: number;
  };
}

const figure = (runs: readonly Figures[], of: keyof Figures): readonly number[] =>
  runs.map((each) => each[of]);

function rowsOf(count: number, writers: Writers): readonly (readonly string[])[] {
  const ours = writers['compose'] ?? [];
  return Object.entries(writers).map(([writer, runs]) => {
    const processor = figure(runs, 'processor');
    const mebibytes = figure(runs, 'peak').map((kibibytes) => kibibytes / 1024);
    const ratios = processor.map((each, turn) => each / (ours[turn]?.processor ?? Number.NaN));
    return [
      count.toLocaleString('en'),
      writer,
      inMilliseconds(figure(runs, 'milliseconds')),
      inMilliseconds(processor),
      writer === 'compose' ? '1' : `${median(ratios).toFixed(2)} (${range(ratios, 2)})`,
      `${median(mebibytes).toFixed(0)} MiB (${range(mebibytes)})`,
    ];
  });
}

/** What each service costs, which is the same for every amount where the growth is linear. */
const growth = (byAmount: Measured['byAmount']): readonly (readonly string[])[] =>
  [...byAmount].map(([count, writers]) => [
    count.toLocaleString('en'),
    ...Object.values(writers).map((runs) => {
      const each = figure(runs, 'processor').map((milliseconds) => milliseconds / count);
      return `${median(each).toFixed(2)} ms (${range(each, 2)})`;
    }),
  ]);

const aboutCdk8s = (version: string): readonly string[] => [
  `\`cdk8s\` (version ${version}) makes one object of each service, network, volume and config from the same data, and writes; its`,
  'dependencies between objects are left out, since it follows every path through them and did not end within a minute on 100 of',
  'these services.',
];

/** The report as Markdown: medians and ranges, and no judgement. */
export function composeReport({ madeBy, load, cores, cdk8s, byAmount, startUp }: Measured): string {
  const writers = Object.keys([...byAmount.values()][0] ?? {});
  return [
    '# Figures of the compose library',
    '',
    madeBy,
    `The load of the machine was ${load.toFixed(1)} at the start, on ${cores} cores.`,
    '',
    'Medians of the runs, with the range in parentheses. Every run is a process of its own, and the writers take turns.',
    '',
    '## One document, several writers',
    '',
    'A service has 20 keys: it waits for two others, is on two networks, has a volume of its own and reads a config; ten services',
    'share a network and a config. `compose` builds the constructs, checks every rule and the schema, and writes.',
    ...(cdk8s === undefined ? [] : aboutCdk8s(cdk8s)),
    '`js-yaml` writes the same data, with nothing built or checked (`noRefs`, no line folding: the quickest that it can be). Time is',
    'from data to text in a fresh process, without loading the code of the writer but with whatever it loads or compiles on first use.',
    'Bounds: 1,000 services in 1 s, and of more services none more than twice the processor time of one of few; beyond them the',
    'command fails.',
    '',
    table(
      [
        'services',
        'writer',
        'by the clock',
        'processor time',
        'processor time against compose',
        'peak memory',
      ],
      [...byAmount].flatMap(([count, each]) => rowsOf(count, each)),
    ),
    '',
    '## Growth: processor time of one service',
    '',
    table(['services', ...writers], growth(byAmount)),
    '',
    '## Start-up of the command line',
    '',
    table(
      ['what', 'figure'],
      [
        ['bare `node -e 0`', inMilliseconds(startUp.bare)],
        ['`cogni --help`', inMilliseconds(startUp.without)],
        ['`cogni --help` with `compose/` loaded beside it', inMilliseconds(startUp.with)],
        ['modules of `compose/` that `cogni --help` loads', String(startUp.modules)],
      ],
    ),
    '',
    '## Once more',
    '',
    'On a machine that does nothing else; it writes this file anew:',
    '',
    '```',
    'npm install --prefix /tmp/cdk8s cdk8s constructs   # optional: the column of cdk8s; it is no dependency of the project',
    'npm run bench:compose -- /tmp/cdk8s',
    '```',
    '',
  ].join('\n');
}
