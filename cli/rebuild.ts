import { join } from 'node:path';
import { timelineSvg } from '../deploy';
import { systemClock } from '../foundation/clock';
import { ExitCode, Failure, messageOf } from '../foundation/failure';
import { withFileLock } from '../foundation/file-lock';
import { writeAtomically } from '../foundation/files';
import type { Progress } from '../foundation/progress';
import { lossText } from '../recovery/rebuild/backup-word';
import { begunWith } from '../recovery/rebuild/begin';
import { findUnfinished, RebuildJournal, type RebuildBegun } from '../recovery/rebuild/journal';
import { keyToEnd } from '../recovery/rebuild/old-key';
import { planRebuild, type RebuildPlan } from '../recovery/rebuild/plan';
import { receiversOf } from '../recovery/rebuild/receivers';
import { afterwards, rebuildMarkdown, rebuildReport, rebuildTimeline } from '../recovery/rebuild/report';
import { runRebuild } from '../recovery/rebuild/run';
import { requireArchive } from '../deploy/backup/report';
import type { Environment } from '../stacks/environment';
import { environments } from '../stacks/environments';
import { findEnvironment } from '../stacks/here';
import { cancelledBySignals } from './cancel';
import { findHost } from './host-access';
import { importSettings, importText } from './import-settings';
import { operator } from './operator';
import { printResult, progressOn, type OutputOptions } from './output';
import { provisioningVariables } from './provisioning-variables';
import { rebuildFacts, type RebuildFacts } from './rebuild-facts';
import { rebuildCommand, requireSense, wordsOf, type RebuildOptions } from './rebuild-options';
import { lookText, unfinishedText } from './rebuild-text';
import {
  abandonRebuild,
  goneOnWith,
  lookAtUnfinished,
  rebuildFolder,
  rebuildLock,
  requireAnew,
  type Unfinished,
} from './rebuild-unfinished';
import { rebuildWork } from './rebuild-work';
import { settingsSource } from './settings-source';
import { showTimeline } from './show-timeline';

/** `cogni rebuild`: looks, refuses with every reason, or goes through the stages; begun again, it goes on. */
export async function carryOutRebuild(
  name: string,
  given: RebuildOptions,
  options: OutputOptions,
): Promise<void> {
  const progress = progressOn(options);
  requireSense(name, given);
  if (given.abandon !== undefined) return abandonRebuild(name, given.abandon, options);
  const again = rebuildCommand(name, given);
  const folder = rebuildFolder(name);
  if (given.dryRun) {
    provisioningVariables(name, given.settings);
    const unfinished = findUnfinished(folder, () => systemClock.now());
    requireAnew(name, given.anew, unfinished);
    const goingOn = await lookAtUnfinished(findEnvironment(name), unfinished, given, progress);
    if (goingOn !== undefined) {
      const plan = stagesOf(findEnvironment(name), goingOn.story.begun);
      printResult(options, unfinishedDocument(goingOn, plan), unfinishedText(name, goingOn, plan));
      process.exitCode = goingOn.faults.length === 0 ? ExitCode.done : ExitCode.refused;
      return;
    }
    const facts = await rebuildFacts(name, given, again, progress);
    const plan = planOf(findEnvironment(name), facts, given);
    printResult(options, lookDocument(facts, plan), lookText(name, facts, plan));
    process.exitCode = facts.faults.length === 0 ? ExitCode.done : ExitCode.refused;
    return;
  }
  await withFileLock(rebuildLock(name), { purpose: again }, async () => {
    if (given.export !== undefined && given.identity !== undefined) {
      const imported = await importSettings(name, given.export, { identity: given.identity });
      for (const line of importText(name, imported, false).split('\n')) progress.note(line);
    }
    provisioningVariables(name, given.settings);
    const environment = findEnvironment(name);
    const unfinished = findUnfinished(folder, () => systemClock.now());
    requireAnew(name, given.anew, unfinished);
    const goneOn = await goneOnWith(environment, unfinished, given, progress);
    const journal = goneOn ?? (await begin(environment, folder, given, again, progress));
    // The new one is written down by now: a run that is cut off here goes on with that.
    if (goneOn === undefined) unfinished?.append({ kind: 'given-up' });
    await carryOut(environment, journal, given, again, options, progress);
  });
}

async function begin(
  environment: Environment,
  folder: string,
  given: RebuildOptions,
  again: string,
  progress: Progress,
): Promise<RebuildJournal> {
  const { name } = environment;
  const facts = await rebuildFacts(name, given, again, progress);
  for (const note of facts.notes) progress.note(note);
  const begun = facts.faults.length === 0 ? begunOf(environment, facts, given) : undefined;
  if (begun === undefined) {
    const { id, sure, next } = facts.identity.verdict;
    throw new Failure({
      what: `${name} is not rebuilt (${id}, ${sure})`,
      faults: facts.faults,
      next: `mend what is said above; ./cogni rebuild ${name} --dry-run shows the stages. What ./cogni host check advises: ${next}`,
      exitCode: ExitCode.refused,
    });
  }
  const journal = new RebuildJournal(join(folder, `${begun.id}.jsonl`), () => systemClock.now());
  journal.append(begun);
  return journal;
}

/** What is written down first; undefined where something of it is not known, which is among the faults then. */
function begunOf(
  environment: Environment,
  { identity, givenUp, offHost, release }: Omit<RebuildFacts, 'faults' | 'notes'>,
  given: RebuildOptions,
): RebuildBegun | undefined {
  const begun = begunWith({ offHost, release, to: given.to, by: operator(), at: systemClock.now() });
  if (begun === undefined) return undefined;
  const { id, means } = identity.verdict;
  const receivers = receiversOf(environment, environments);
  const replaces = id !== 'fresh';
  const oldKey = keyToEnd(
    { host: environment.host.kind, replaces, server: givenUp.server, verdict: id },
    settingsSource(environment.name, given.settings)['ARCHIVE_KEY'],
    given.revoked,
  );
  return {
    ...begun,
    environment: environment.name,
    host: environment.host.name,
    verdict: { id, means },
    replaces,
    givenUp: {
      ...(givenUp.server === undefined ? {} : { server: givenUp.server }),
      ...(givenUp.address === undefined ? {} : { address: givenUp.address }),
    },
    ...(oldKey === undefined ? {} : { oldKey }),
    ...(receivers === undefined ? {} : { receivers }),
    words: wordsOf(given),
  };
}

function planOf(
  environment: Environment,
  facts: RebuildFacts,
  given: RebuildOptions,
): RebuildPlan | undefined {
  const begun = begunOf(environment, facts, given);
  return begun === undefined ? undefined : stagesOf(environment, begun);
}

const stagesOf = (environment: Environment, begun: RebuildBegun): RebuildPlan =>
  planRebuild({
    environment: environment.name,
    domain: environment.domain,
    host: environment.host.kind,
    begun,
    archive: requireArchive(environment.name, environment.archive),
  });

const lookDocument = (facts: RebuildFacts, plan: RebuildPlan | undefined) => ({
  verdict: facts.identity.verdict,
  givenUp: facts.givenUp,
  backup: facts.offHost.chosen?.backup.label ?? null,
  reaches: facts.offHost.reaches?.toISOString() ?? null,
  copy: facts.offHost.copy?.name ?? null,
  release: facts.release ?? null,
  refusedFor: facts.faults,
  notes: facts.notes,
  stages: plan?.groups ?? null,
});

/** The same of one that would be gone on with. */
const unfinishedDocument = (
  { story: { begun }, identity, stages, faults }: Unfinished,
  plan: RebuildPlan,
) => ({
  unfinished: { id: begun.id, by: begun.by, verdict: begun.verdict, stages },
  verdict: identity?.verdict ?? null,
  givenUp: begun.givenUp,
  backup: begun.backup.label,
  reaches: begun.reaches,
  copy: begun.copy?.name ?? null,
  release: begun.release,
  refusedFor: faults,
  notes: [],
  stages: plan.groups,
});

async function carryOut(
  environment: Environment,
  journal: RebuildJournal,
  given: RebuildOptions,
  again: string,
  options: OutputOptions,
  progress: Progress,
): Promise<void> {
  const story = journal.story();
  if (story === undefined) throw new Error(`${journal.file} does not hold what was written to it`);
  const files = journal.file.replace(/\.jsonl$/, '');
  const signal = cancelledBySignals();
  const { backup, reaches } = story.begun;
  progress.note(
    `from ${backup.label}, the data come back ${lossText(reaches === null ? undefined : new Date(reaches))}`,
  );
  const work = rebuildWork({ environment, given, story, files, again, progress, signal });
  try {
    await runRebuild(stagesOf(environment, story.begun), work, { journal, progress, again, signal });
    journal.append({ kind: 'ended', address: (await findHost(environment)).address });
  } finally {
    writeReport(journal, files, options, progress);
  }
  const written = rebuildReport(journal.story() ?? story);
  const { address, untilServing } = written;
  printResult(
    options,
    written,
    [
      `${environment.name} is rebuilt: ${address ?? ''} serves ${written.release.tag}${untilServing === null ? '' : `, ${(untilServing / 1000).toFixed(0)} s after the rebuild was begun`}`,
      `  report: ${files}.md, ${files}.json, picture: ${files}.svg`,
      ...afterwards(written).map((line) => `  next: ${line}`),
    ].join('\n'),
  );
}

/** Report and picture of what there is of it, also of a run that failed. */
export function writeReport(
  journal: RebuildJournal,
  files: string,
  options: OutputOptions,
  progress: Progress,
): void {
  const story = journal.story();
  if (story === undefined) return;
  const written = rebuildReport(story);
  const timeline = rebuildTimeline(written);
  try {
    writeAtomically(`${files}.json`, `${JSON.stringify(written, undefined, 2)}\n`);
    writeAtomically(`${files}.md`, rebuildMarkdown(written));
    writeAtomically(`${files}.svg`, timelineSvg(timeline));
  } catch (thrown) {
    // It must not stand before what the rebuild itself has to say.
    progress.note(`the report could not be written to ${files}.md: ${messageOf(thrown)}`);
  }
  showTimeline(timeline, options, progress);
}
