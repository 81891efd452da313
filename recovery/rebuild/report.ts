import type { Span, Timeline } from '../../deploy/watch';
import type { Spending } from '../../deploy/step';
import { removal } from '../../infra/cherry/standing';
import type { RebuildBegun, RebuildLine, RebuildStory } from './journal';
import { receiverErrands } from './receivers';

/** What came of a rebuild. Times are milliseconds. */
export interface RebuildReport {
  readonly version: 1;
  readonly id: string;
  readonly environment: string;
  readonly host: string;
  /** Beside the living host, on a machine that is removed afterwards. */
  readonly rehearsal: boolean;
  readonly by: { readonly who: string; readonly from: string };
  readonly verdict: { readonly id: string; readonly means: string };
  readonly givenUp: { readonly server?: number | undefined; readonly address?: string | undefined };
  /** Where it serves now; null where it did not get there. */
  readonly address: string | null;
  readonly begun: string;
  /** When its last line was written. */
  readonly last: string;
  readonly finished: boolean;
  readonly release: { readonly tag: string; readonly app: string; readonly migrator: string };
  readonly backup: { readonly label: string; readonly at: string };
  readonly copy: string | null;
  /** Receivers of logs that have to be told or made anew; null where there are none. */
  readonly receivers: RebuildBegun['receivers'] | null;
  /** How long before it was begun the data end: what the database had committed after that is lost. Null where that is not known. */
  readonly lostAtMost: number | null;
  /** From its beginning until the gate of the deploy was passed (until the deploy ended, where that is all that is known); null where it did not get there. */
  readonly untilServing: number | null;
  /** Pauses between its runs included. */
  readonly all: number;
  readonly stages: readonly {
    readonly stage: string;
    readonly at: string;
    readonly milliseconds: number;
    readonly outcome: 'done' | 'was done already' | 'failed' | 'cut off';
    readonly says: string;
  }[];
}

const momentOf = ({ at }: Pick<RebuildLine, 'at'>): number => Date.parse(at);

/** Everything of a rebuild out of its journal, the tries that failed or were cut off included. Pure. */
export function rebuildReport({ begun, lines }: RebuildStory): RebuildReport {
  const [first] = lines;
  const last = lines.at(-1);
  const start = first === undefined ? 0 : momentOf(first);
  const stages = stagesIn(lines);
  const deployed = lines.find(
    (line) => line.kind === 'stage-done' && line.stage === 'deploy' && line.outcome === 'done',
  );
  const end = lines.find((line) => line.kind === 'ended');
  return {
    version: 1,
    id: begun.id,
    environment: begun.environment,
    host: begun.host,
    rehearsal: begun.rehearsal === true,
    by: begun.by,
    verdict: begun.verdict,
    givenUp: begun.givenUp,
    address: end?.address ?? null,
    begun: first?.at ?? '',
    last: last?.at ?? '',
    finished: end !== undefined,
    release: {
      tag: begun.release.tag,
      app: begun.release.images.app,
      migrator: begun.release.images.migrator,
    },
    backup: begun.backup,
    copy: begun.copy?.name ?? null,
    receivers: begun.receivers ?? null,
    lostAtMost: begun.reaches === null ? null : Math.max(0, start - Date.parse(begun.reaches)),
    untilServing:
      deployed?.kind === 'stage-done' ? Date.parse(deployed.servedAt ?? deployed.at) - start : null,
    all: last === undefined ? 0 : momentOf(last) - start,
    stages,
  };
}

/** Each try of a stage, in the order in which they were begun. */
function stagesIn(lines: readonly RebuildLine[]): RebuildReport['stages'] {
  const open = new Map<string, number>();
  const stages: RebuildReport['stages'][number][] = [];
  for (const line of lines) {
    if (!('stage' in line)) continue;
    const at = open.get(line.stage);
    const there = at === undefined ? undefined : stages[at];
    if (line.kind === 'stage-begun') {
      open.set(line.stage, stages.length);
      stages.push({ stage: line.stage, at: line.at, milliseconds: 0, outcome: 'cut off', says: '' });
    } else if (there !== undefined && at !== undefined) {
      stages[at] = {
        ...there,
        milliseconds: momentOf(line) - Date.parse(there.at),
        outcome: line.kind === 'stage-done' ? line.outcome : 'failed',
        says: line.kind === 'stage-done' ? (line.says ?? '') : line.why,
      };
      open.delete(line.stage);
    }
  }
  return stages;
}

/** What the time of a stage goes to, as the picture has colours for it. */
const spends: Readonly<Record<string, Spending>> = {
  provision: 'start',
  bootstrap: 'start',
  files: 'pull',
  restore: 'migration',
  pull: 'pull',
  deploy: 'start',
  remove: 'drain',
};

/** The same for the picture. A try that was cut off has no end, and is drawn up to the next thing that is known. */
export function rebuildTimeline(report: RebuildReport): Timeline {
  const start = Date.parse(report.begun);
  const spans = report.stages.map(({ stage, at, milliseconds, outcome }, index): Span => {
    const begun = Date.parse(at) - start;
    const next = report.stages[index + 1];
    const until = next === undefined ? report.all : Date.parse(next.at) - start;
    return {
      id: stage,
      spent: spends[stage] ?? 'engine',
      begun,
      milliseconds: outcome === 'cut off' ? Math.max(0, until - begun) : milliseconds,
      result: outcome === 'cut off' ? 'failed' : outcome,
    };
  });
  const elsewhere = spans.filter(({ spent }) => spent !== 'engine');
  return {
    title: `${report.rehearsal ? 'rehearse a rebuild of' : 'rebuild'} ${report.environment} (${report.id})`,
    milliseconds: report.all,
    engineMilliseconds: Math.max(
      0,
      report.all - elsewhere.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
    ),
    connections: 0,
    commands: 0,
    spans,
  };
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

/** The report as a page. */
export function rebuildMarkdown(report: RebuildReport): string {
  const { givenUp, lostAtMost, untilServing } = report;
  const gave = [
    givenUp.server === undefined ? undefined : `server ${givenUp.server}`,
    givenUp.address === undefined ? undefined : `at ${givenUp.address}`,
  ].filter((each) => each !== undefined);
  const rows: readonly (readonly [string, string])[] = [
    [report.rehearsal ? 'what' : 'why', `${report.verdict.id}: ${report.verdict.means}`],
    ['given up', gave.join(' ') || 'nothing'],
    ['now at', report.address ?? 'not there yet'],
    ['by', `${report.by.who} on ${report.by.from}`],
    ['begun', report.begun],
    ['served again after', untilServing === null ? 'not yet' : seconds(untilServing)],
    [
      'lost of the database',
      lostAtMost === null
        ? 'not known'
        : `what was committed in the ${seconds(lostAtMost)} before it was begun, at most`,
    ],
    ['backup', `${report.backup.label} (${report.backup.at})`],
    ['portable copy', report.copy ?? 'none'],
    ['release', `${report.release.tag}, ${report.release.app}`],
  ];
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
  return [
    `# ${report.rehearsal ? 'Rehearsal of a rebuild' : 'Rebuild'} of ${report.environment}, ${report.id}: ${report.finished ? 'done' : 'not done'}`,
    '',
    '| what | |',
    '| --- | --- |',
    ...rows.map(([what, text]) => `| ${what} | ${cell(text)} |`),
    '',
    '| stage | begun | took | outcome | |',
    '| --- | --- | --- | --- | --- |',
    ...report.stages.map(
      ({ stage, at, milliseconds, outcome, says }) =>
        `| ${stage} | ${at} | ${outcome === 'cut off' ? '' : seconds(milliseconds)} | ${outcome} | ${cell(says)} |`,
    ),
    '',
    ...afterwards(report).map((line) => `- ${line}`),
    '',
  ].join('\n');
}

/** What only a person can do after it. */
export function afterwards(report: RebuildReport): readonly string[] {
  const { givenUp, finished, environment, stages, receivers } = report;
  if (report.rehearsal) return afterRehearsal(report);
  if (!finished) {
    const there = new Set(
      stages.flatMap(({ stage, outcome }) => (['done', 'was done already'].includes(outcome) ? [stage] : [])),
    );
    const last = stages.at(-1);
    return [
      `the same command goes on${last === undefined || there.has(last.stage) ? '' : `, from "${last.stage}" on`}`,
    ];
  }
  return [
    ...(givenUp.server === undefined
      ? []
      : [
          ...(isDone(report, 'revoke')
            ? []
            : [
                `never switch server ${givenUp.server} on, but in the provider's rescue mode, before its key to the archive is ended (docs/reference/runbook-key-lost.md, ARCHIVE_SECRET): it would send its own log beside that of the new one, and whoever restores takes what came last`,
              ]),
          `server ${givenUp.server} is switched off and still paid for, where the provider lists it: when nobody wants to look at its disk any more, remove it: ${removal({ id: givenUp.server })}`,
        ]),
    ...receiverErrands(environment, receivers ?? undefined),
    `a watch that runs reads the address when it begins: start it again (./cogni watch ${environment})`,
    `a new export of the settings has the new state and pin: ./cogni settings export ${environment} --to age1…`,
  ];
}

const isDone = ({ stages }: Pick<RebuildReport, 'stages'>, id: string): boolean =>
  stages.some(({ stage, outcome }) => stage === id && ['done', 'was done already'].includes(outcome));

/** What is left of a rehearsal: the machine is paid for until it is gone. */
function afterRehearsal({ environment, finished, stages }: RebuildReport): readonly string[] {
  const ordered = stages.some(({ stage }) => stage === 'provision');
  const removed = isDone({ stages }, 'remove');
  return [
    ...(finished ? [] : ['the same command goes on']),
    ...(removed
      ? ['nothing of it is left but this report']
      : ordered
        ? [`its machine is paid for until it is removed: ./cogni rebuild ${environment} --rehearse --remove`]
        : []),
  ];
}
