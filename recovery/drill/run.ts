import type { KeyObject } from 'node:crypto';
import { targetText, type Target } from '../../deploy/backup/choose';
import { localTransport } from '../../deploy/local';
import { redactor } from '../../deploy/redact';
import { runPlan } from '../../deploy/run-plan';
import type { Plan } from '../../deploy/step';
import type { Transport } from '../../deploy/transport';
import { Watch, type Timeline } from '../../deploy/watch';
import { systemClock, type Clock } from '../../foundation/clock';
import { ExitCode, Failure } from '../../foundation/failure';
import { silent, type Progress } from '../../foundation/progress';
import { Secret } from '../../foundation/secret';
import { putIntoArchive, removeDrill, type DrillPlaceProps } from './containers';
import {
  comparisonChecks,
  endCheck,
  historyChecks,
  logCheck,
  migrationCheck,
  readFound,
  uncountedCheck,
  type WantedMigrations,
} from './found';
import { planDrill, questionStep, type DrillQuestions } from './plan';
import {
  drillFolder,
  reportName,
  signedReport,
  type DrillCheck,
  type DrillReport,
} from '../../deploy/backup/drill-report';
import { surveyArchive, type DrillFacts } from './survey';

export interface DrillRequest extends DrillQuestions {
  readonly place: DrillPlaceProps;
  readonly target: Target;
  /** The archive's key, its secret and its passphrase, by the names that pgBackRest reads. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly by: { readonly who: string; readonly from: string };
  readonly signer: KeyObject;
  /** Asked once the archive is known to answer. */
  readonly wanted: () => Promise<WantedMigrations>;
}

export interface DrillAdapters {
  /** Runs Docker. @default on this machine, with the secrets in its environment */
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface DrillResult {
  readonly report: DrillReport;
  /** The report with its signature, as it was put into the archive. */
  readonly signed: string;
  readonly timeline: Timeline;
  /** What the copy answered to {@link DrillQuestions.ask}. */
  readonly answer: string;
  /** Why the drill failed; undefined where it passed. */
  readonly failure: Failure | undefined;
}

/** What a drill would do, for `--dry-run`: the archive is asked, and nothing is made. */
export async function drillPlan(request: DrillRequest, adapters: DrillAdapters = {}): Promise<Plan> {
  const transport = adapters.transport ?? localTransport({ env: request.secrets });
  const facts = await surveyArchive(
    transport,
    request.place,
    request.target,
    (adapters.clock ?? systemClock).now(),
    { comparable: true },
  );
  return planDrill(request.place, facts, request);
}

/**
 * Proves the backups of an environment: takes the newest good one out of the archive, brings it to life without a network, and compares it
 * with what was recorded. The report goes into the archive beside the backups, whatever it says.
 *
 * @throws Failure when the drill could not be begun; one that failed is in the result
 */
export async function drill(request: DrillRequest, adapters: DrillAdapters = {}): Promise<DrillResult> {
  const { clock = systemClock, progress: shown = silent, signal } = adapters;
  const watch = new Watch(clock);
  const progress = watch.over(shown);
  const printed: Printed = { found: [], answer: '' };
  const transport = listening(adapters.transport ?? localTransport({ env: request.secrets }), printed);
  const begun = clock.now();
  const facts = await progress.step(
    'look at the archive off the host',
    () => surveyArchive(transport, request.place, request.target, begun, { comparable: true }),
    { why: 'neither the host nor its database is asked', describe: ({ chosen }) => chosen.backup.label },
  );
  const wanted = await request.wanted();
  const plan = planDrill(request.place, facts, request);
  let failure: Failure | undefined;
  try {
    await runPlan(plan, {
      ...{ transport, clock, progress, signal },
      redact: redactor(Object.entries(request.secrets).map(([name, value]) => Secret.of(name, value))),
      https: () => Promise.reject(new Error('a drill asks no site')),
    });
  } catch (thrown) {
    if (!(thrown instanceof Failure) || signal?.aborted === true) throw thrown;
    failure = thrown;
    await transport.run(removeDrill(request.place));
  }
  const timeline = watch.timeline(plan);
  const report = reportOf({ request, facts, plan, wanted, begun, timeline, printed, failure });
  failure ??= failureOf(report);
  const signed = signedReport(report, request.signer);
  await keep(transport, request.place, { report, signed }, progress);
  return { report, signed, timeline, answer: printed.answer, failure };
}

/** What the program of a copy printed. */
interface Printed {
  readonly found: string[];
  /** To a person's question, which alone is handed in: rows of the database, and none of our own lines. */
  answer: string;
}

/** Keeps what the program of a copy prints. */
function listening(transport: Transport, printed: Printed): Transport {
  return {
    ...transport,
    describe: () => transport.describe(),
    run: async (command, options) => {
      const output = await transport.run(command, options);
      if (command.argv[1] !== 'exec') return output;
      if (command.stdin === undefined) printed.found.push(output.stdout);
      else printed.answer = output.stdout;
      return output;
    },
  };
}

interface Outcome {
  readonly request: DrillRequest;
  readonly facts: DrillFacts;
  readonly plan: Plan;
  readonly wanted: WantedMigrations;
  readonly begun: Date;
  readonly timeline: Timeline;
  readonly printed: Printed;
  readonly failure: Failure | undefined;
}

function reportOf(outcome: Outcome): DrillReport {
  const { request, facts, plan, wanted, begun, timeline, printed, failure } = outcome;
  const { chosen, checkpoint, uncounted, newestLog, gap, histories, endSince } = facts;
  const found = readFound(printed.found.join('\n'));
  const planned = plan.steps.some(({ id }) => id.startsWith('compare-'));
  const isUnanswered = timeline.spans.some(({ id, result }) => id === questionStep && result === 'failed');
  const checks: readonly DrillCheck[] = [
    ...(failure === undefined || isUnanswered
      ? []
      : [{ name: 'restore', outcome: 'failed', says: failure.what } satisfies DrillCheck]),
    ...comparisonChecks(found, checkpoint, planned || checkpoint?.databases.length === 0),
    ...uncountedCheck(uncounted),
    ...endCheck(found, endSince),
    ...(request.target.kind === 'end'
      ? [logCheck(gap), ...historyChecks(histories), migrationCheck(found, wanted)]
      : [
          {
            name: 'migrations',
            outcome: 'not made',
            says: 'the copy is of an earlier moment than the release that serves',
          } satisfies DrillCheck,
        ]),
  ];
  const age = (at: Date | undefined): number | null =>
    at === undefined ? null : (begun.getTime() - at.getTime()) / 1000;
  const serving = timeline.spans.find(({ id }) => id === 'reach');
  return {
    version: 1,
    environment: request.place.environment,
    begun: begun.toISOString(),
    by: request.by,
    passed: checks.every(({ outcome: how }) => how !== 'failed'),
    target: targetText(request.target),
    backup: chosen.backup.label,
    checks,
    age: { log: age(newestLog), backup: age(chosen.backup.at) },
    lastCommit: found.newest?.lastCommit ?? null,
    bytes: found.newest === undefined ? null : Number(found.newest.bytes),
    milliseconds: {
      untilServing: serving?.result === 'done' ? serving.begun + serving.milliseconds : null,
      all: timeline.milliseconds,
      steps: Object.fromEntries(timeline.spans.map(({ id, milliseconds }) => [id, milliseconds])),
    },
  };
}

const failureOf = ({ passed, checks, environment }: DrillReport): Failure | undefined =>
  passed
    ? undefined
    : new Failure({
        what: `the drill of ${environment} failed: its newest backup does not give back what was backed up`,
        faults: checks
          .filter(({ outcome }) => outcome === 'failed')
          .map(({ name, says }) => `${name}: ${says}`),
        state: 'the living database and its archive are as they were; the copy is removed',
        next: `./cogni backup list ${environment}; a new full backup (./cogni backup ${environment} --type full), then ./cogni drill ${environment}`,
        exitCode: ExitCode.failed,
      });

/** A report that cannot be put beside the backups is no reason to say less of what was found. */
async function keep(
  transport: Transport,
  place: DrillPlaceProps,
  { report, signed }: Pick<DrillResult, 'report' | 'signed'>,
  progress: Progress,
): Promise<void> {
  const { code, stdout, stderr } = await transport.run(
    putIntoArchive(place, `${drillFolder}/${reportName(report)}`, signed),
  );
  if (code === 0) return;
  progress.note(`the report could not be put into the archive: ${`${stdout}${stderr}`.trim().slice(0, 300)}`);
}
