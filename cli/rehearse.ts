import { join } from 'node:path';
import { systemClock } from '../foundation/clock';
import { ExitCode, Failure } from '../foundation/failure';
import { withFileLock } from '../foundation/file-lock';
import { writeAtomically } from '../foundation/files';
import type { Progress } from '../foundation/progress';
import { begunWith } from '../recovery/rebuild/begin';
import { otherThanBegun } from '../recovery/rebuild/going-on';
import { begunIn, findUnfinished, RebuildJournal, type RebuildBegun } from '../recovery/rebuild/journal';
import type { RebuildPlan } from '../recovery/rebuild/plan';
import {
  planRehearsal,
  remaining,
  removeCommand,
  type RehearsalStageId,
} from '../recovery/rebuild/rehearsal';
import { rebuildReport } from '../recovery/rebuild/report';
import { runRebuild } from '../recovery/rebuild/run';
import { requireArchive } from '../deploy/backup/report';
import { environmentFolder } from '../stacks/here';
import { rehearsalMarker, rehearsalName, rehearsalOf } from '../stacks/rehearsal';
import { cancelledBySignals } from './cancel';
import { operator } from './operator';
import { printResult, progressOn, type OutputOptions } from './output';
import { writeReport } from './rebuild';
import { provisioningVariables } from './provisioning-variables';
import { rebuildCommand, type RebuildOptions } from './rebuild-options';
import {
  findRehearsed,
  rehearsalFacts,
  rehearsalStands,
  type RehearsalFacts,
  type RehearsedEnvironment,
} from './rehearsal-facts';
import { doneTwice, rehearsalLookText } from './rebuild-text';
import { rehearsalWork } from './rehearsal-work';
import { removeRehearsal } from './remove-rehearsal';

export interface RehearsalOptions extends RebuildOptions {
  readonly rehearse?: boolean;
}

/** `cogni rebuild --rehearse`: a rebuild on a machine of its own, beside the living host. */
export async function carryOutRehearsal(
  name: string,
  given: RehearsalOptions,
  options: OutputOptions,
): Promise<void> {
  requireSense(given);
  const progress = progressOn(options);
  provisioningVariables(name, given.settings);
  const again = rehearsalCommand(name, given);
  if (given.dryRun) {
    const facts = await rehearsalFacts(name, given, again, progress);
    const begun = begunOf(name, facts, given);
    const plan = begun && stagesOf(facts.environment, begun, given);
    printResult(options, lookDocument(facts, plan), rehearsalLookText(name, facts, plan));
    process.exitCode = facts.faults.length === 0 ? ExitCode.done : ExitCode.refused;
    return;
  }
  const folder = join(environmentFolder(name), 'rehearsals');
  await withFileLock(join(environmentFolder(name), 'rehearsal.lock'), { purpose: again }, async () => {
    const unfinished = findUnfinished(folder, () => systemClock.now());
    if (given.remove) return removeAlone(name, unfinished, options, progress);
    const journal =
      unfinished === undefined
        ? await begin(name, folder, given, again, progress)
        : goneOnWith(name, unfinished, given, progress);
    await carryOut(name, journal, given, again, options, progress);
  });
}

/** @throws Failure (wrong usage) for options that do not go together */
function requireSense({
  export: file,
  replace,
  lost,
  withoutFiles,
  imageTag,
  keep,
  remove,
  dryRun,
  anew,
  abandon,
  withoutReceiver,
  withoutBackup,
  revoked,
}: RehearsalOptions): void {
  const wrong =
    (replace ?? lost ?? withoutBackup ?? revoked) !== undefined
      ? 'a rehearsal gives nothing up: --replace, --lost, --without-backup and --revoked do not go with it'
      : (anew ?? abandon ?? withoutReceiver) !== undefined
        ? 'a rehearsal asks no receiver, and one that was begun is removed (--remove): --without-receiver, --anew and --abandon do not go with it'
        : file !== undefined
          ? 'a rehearsal changes nothing of the living environment, and an import would: --export does not go with it'
          : keep && remove
            ? 'say one of --keep and --remove'
            : remove && dryRun
              ? '--remove has nothing to look at beforehand: it removes what the rehearsal has made'
              : withoutFiles && imageTag === undefined
                ? '--without-files leaves the records of the host behind: --image-tag names the build'
                : undefined;
  if (wrong === undefined) return;
  throw new Failure({ what: wrong, next: './cogni rebuild --help', exitCode: ExitCode.usage });
}

const rehearsalCommand = (name: string, given: RehearsalOptions): string =>
  `${rebuildCommand(name, given)} --rehearse${given.keep ? ' --keep' : ''}`;

async function removeAlone(
  name: string,
  unfinished: RebuildJournal | undefined,
  options: OutputOptions,
  progress: Progress,
): Promise<void> {
  const signal = cancelledBySignals();
  const removed = await removeRehearsal(name, { again: removeCommand(name), progress, signal });
  // What was begun is not gone on with.
  unfinished?.append({ kind: 'given-up' });
  printResult(options, { environment: name, removed }, `the rehearsal of ${name} is removed: ${removed}`);
}

function goneOnWith(
  name: string,
  journal: RebuildJournal,
  given: RehearsalOptions,
  progress: Progress,
): RebuildJournal {
  const begun = journal.story()?.begun;
  if (begun === undefined) throw new Error(`${journal.file} does not hold what was written to it`);
  const faults = otherThanBegun(begun, given);
  if (faults.length > 0) {
    throw new Failure({
      what: `the rehearsal ${begun.id} of ${name} is not done, and is another one than is asked for`,
      faults,
      state: `as it was left: ${journal.file}; its machine may stand, and is then paid for`,
      next: `remove it first: ${removeCommand(name)}`,
      exitCode: ExitCode.refused,
    });
  }
  progress.note(`going on with the rehearsal ${begun.id}, begun by ${begun.by.who} on ${begun.by.from}`);
  return journal;
}

async function begin(
  name: string,
  folder: string,
  given: RehearsalOptions,
  again: string,
  progress: Progress,
): Promise<RebuildJournal> {
  const facts = await rehearsalFacts(name, given, again, progress);
  for (const note of facts.notes) progress.note(note);
  const begun = facts.faults.length === 0 ? begunOf(name, facts, given) : undefined;
  if (begun === undefined) {
    throw new Failure({
      what: `a rebuild of ${name} is not rehearsed`,
      faults: facts.faults,
      next: `mend what is said above; ./cogni rebuild ${name} --rehearse --dry-run shows the stages`,
      exitCode: ExitCode.refused,
    });
  }
  progress.note(`its machine costs ${facts.price}, until it is removed`);
  progress.note(doneTwice);
  const journal = new RebuildJournal(join(folder, `${begun.id}.jsonl`), () => systemClock.now());
  journal.append(begun);
  return journal;
}

/** What is written down first; undefined where something of it is not known, which is among the faults then. */
function begunOf(
  name: string,
  { environment, offHost, release }: RehearsalFacts,
  { to }: Pick<RehearsalOptions, 'to'>,
): RebuildBegun | undefined {
  const begun = begunWith({ offHost, release, to, by: operator(), at: systemClock.now() });
  return (
    begun && {
      ...begun,
      environment: name,
      host: rehearsalOf(environment).host.name,
      verdict: { id: 'rehearsal', means: 'beside the living host, which was not touched' },
      rehearsal: true,
      replaces: false,
      givenUp: {},
    }
  );
}

const stagesOf = (
  { name, domain, archive }: RehearsedEnvironment,
  begun: RebuildBegun,
  { keep = false }: Pick<RehearsalOptions, 'keep'>,
): RebuildPlan<RehearsalStageId> =>
  planRehearsal({
    ...{ environment: name, domain, begun, keep },
    name: rehearsalName(name),
    archive: requireArchive(name, archive),
  });

const lookDocument = (
  { offHost, release, price, faults, notes }: RehearsalFacts,
  plan: RebuildPlan<RehearsalStageId> | undefined,
) => ({
  rehearsal: true,
  costs: price,
  backup: offHost.chosen?.backup.label ?? null,
  reaches: offHost.reaches?.toISOString() ?? null,
  copy: offHost.copy?.name ?? null,
  release: release ?? null,
  refusedFor: faults,
  notes,
  stages: plan?.groups ?? null,
});

async function carryOut(
  name: string,
  journal: RebuildJournal,
  given: RehearsalOptions,
  again: string,
  options: OutputOptions,
  progress: Progress,
): Promise<void> {
  const story = journal.story();
  if (story === undefined) throw new Error(`${journal.file} does not hold what was written to it`);
  const environment = findRehearsed(name);
  const rehearsal = rehearsalName(name);
  const files = journal.file.replace(/\.jsonl$/, '');
  const signal = cancelledBySignals();
  const goes = begunIn(story, 'remove');
  const keep = given.keep === true && !goes;
  const plan = remaining(stagesOf(environment, story.begun, { keep }), story);
  // From here on it is an environment of its own, for every command and for Terraform.
  if (!goes && !rehearsalStands(name)) writeMarker(rehearsal, story.begun);
  const work = rehearsalWork(name, {
    environment: rehearsalOf(environment),
    ...{ given, story, files, again, progress, signal },
  });
  try {
    await runRebuild(plan, work, { journal, progress, again, signal });
    journal.append({ kind: 'ended', address: addressIn(journal) });
  } finally {
    writeReport(journal, files, options, progress);
  }
  const written = rebuildReport(journal.story() ?? story);
  const { address, untilServing, lostAtMost, release } = written;
  printResult(
    options,
    written,
    [
      `a rebuild of ${name} is rehearsed: ${release.tag} served at ${address ?? ''}${untilServing === null ? '' : `, ${(untilServing / 1000).toFixed(0)} s after it was begun`}`,
      `  lost would be: ${lostAtMost === null ? 'not known' : `what was committed in the ${(lostAtMost / 1000).toFixed(0)} s before, at most`}`,
      `  report: ${files}.md, ${files}.json, picture: ${files}.svg`,
      ...(keep
        ? [
            `  its machine stands, and is paid for: ./cogni status ${rehearsal}, ./cogni exec ${rehearsal} …`,
            `  remove it: ${removeCommand(name)}`,
          ]
        : ['  its machine is removed']),
    ].join('\n'),
  );
}

const writeMarker = (rehearsal: string, { id, environment }: RebuildBegun): void =>
  writeAtomically(
    join(environmentFolder(rehearsal), rehearsalMarker),
    `${JSON.stringify({ id, of: environment })}\n`,
  );

/** Where it served: the machine may be gone by now. */
const addressIn = (journal: RebuildJournal): string =>
  journal
    .story()
    ?.lines.flatMap((line) =>
      line.kind === 'stage-done' && line.stage === 'bootstrap' ? [line.says ?? ''] : [],
    )
    .at(-1) ?? '';
