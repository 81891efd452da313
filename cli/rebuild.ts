import { join } from 'node:path';
import { timelineSvg } from '../deploy';
import { systemClock } from '../foundation/clock';
import { ExitCode, Failure, messageOf } from '../foundation/failure';
import { withFileLock } from '../foundation/file-lock';
import { writeAtomically } from '../foundation/files';
import type { Progress } from '../foundation/progress';
import { lossText } from '../recovery/rebuild/backup-word';
import { begunWith } from '../recovery/rebuild/begin';
import { anewFaults, goingOnFaults } from '../recovery/rebuild/going-on';
import { findUnfinished, RebuildJournal, type RebuildBegun } from '../recovery/rebuild/journal';
import { keyToEnd } from '../recovery/rebuild/old-key';
import { planRebuild, type RebuildPlan } from '../recovery/rebuild/plan';
import { rebuildMarkdown, rebuildReport, rebuildTimeline } from '../recovery/rebuild/report';
import { runRebuild } from '../recovery/rebuild/run';
import { requireArchive } from '../deploy/backup/report';
import type { Environment } from '../stacks/environment';
import { environmentFolder, findEnvironment } from '../stacks/here';
import { cancelledBySignals } from './cancel';
import { findHost } from './host-access';
import { importSettings, importText } from './import-settings';
import { operator } from './operator';
import { printResult, progressOn, type OutputOptions } from './output';
import { provisioningVariables } from './provisioning-variables';
import { rebuildFacts, type RebuildFacts } from './rebuild-facts';
import { goOnCommand, rebuildCommand, requireSense, wordsOf, type RebuildOptions } from './rebuild-options';
import { lookText } from './rebuild-text';
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
  const again = rebuildCommand(name, given);
  if (given.dryRun) {
    provisioningVariables(name, given.settings);
    const facts = await rebuildFacts(name, given, again, progress);
    const plan = planOf(findEnvironment(name), facts, given);
    printResult(options, lookDocument(facts, plan), lookText(name, facts, plan));
    process.exitCode = facts.faults.length === 0 ? ExitCode.done : ExitCode.refused;
    return;
  }
  const folder = join(environmentFolder(name), 'rebuild');
  await withFileLock(join(environmentFolder(name), 'rebuild.lock'), { purpose: again }, async () => {
    if (given.export !== undefined && given.identity !== undefined) {
      const imported = await importSettings(name, given.export, { identity: given.identity });
      for (const line of importText(name, imported, false).split('\n')) progress.note(line);
    }
    provisioningVariables(name, given.settings);
    const environment = findEnvironment(name);
    const unfinished = findUnfinished(folder, () => systemClock.now());
    requireAnew(name, given.anew, unfinished);
    const goneOn = goneOnWith(environment, unfinished, given, progress);
    const journal = goneOn ?? (await begin(environment, folder, given, again, progress));
    // The new one is written down by now: a run that is cut off here goes on with that.
    if (goneOn === undefined) unfinished?.append({ kind: 'given-up' });
    await carryOut(environment, journal, given, again, options, progress);
  });
}

/**
 * A rebuild that was begun and did not come to its end. Before its first stage was begun the host is looked at again; from then on what is
 * given up is on its way out, and looks otherwise than when the word was said.
 */
function goneOnWith(
  { name, host }: Environment,
  unfinished: RebuildJournal | undefined,
  given: RebuildOptions,
  progress: Progress,
): RebuildJournal | undefined {
  const story = unfinished?.story();
  if (unfinished === undefined || story === undefined || given.anew !== undefined) return undefined;
  const { begun } = story;
  if (!story.lines.some((line) => line.kind === 'stage-begun')) return undefined;
  const faults = goingOnFaults(begun, host.name, given);
  if (faults.length > 0) {
    throw new Failure({
      what: `the rebuild ${begun.id} of ${name} is not done, and is another one than is asked for`,
      faults,
      state: `as it was left: ${unfinished.file}`,
      next: `go on with it: ${goOnCommand(name, begun, given)}; where it cannot come to its end any more, this command with --anew ${begun.id} begins another one in its place`,
      exitCode: ExitCode.refused,
    });
  }
  progress.note(`going on with the rebuild ${begun.id}, begun by ${begun.by.who} on ${begun.by.from}`);
  return unfinished;
}

/** @throws Failure (exit code 3) for a word that names no rebuild which was begun */
function requireAnew(name: string, anew: string | undefined, unfinished: RebuildJournal | undefined): void {
  const faults = anewFaults(anew, unfinished?.story()?.begun.id);
  if (faults.length === 0) return;
  throw new Failure({
    what: `no other rebuild of ${name} is begun`,
    faults,
    state: 'nothing was changed',
    next: `./cogni rebuild ${name} --dry-run`,
    exitCode: ExitCode.refused,
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
  showTimeline(timeline, options, progress, undefined);
}
