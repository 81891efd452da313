import {
  deployRelease,
  pullRecorded,
  pullRelease,
  readReleases,
  rollBack,
  servedAt,
  type DeployAdapters,
} from '../deploy';
import { parseTarget } from '../deploy/backup/choose';
import { planBackup } from '../deploy/backup/plan';
import { lookAtBackups, requireArchive } from '../deploy/backup/report';
import { runBackups } from '../deploy/backup/run';
import { untilRecorded } from '../deploy/backup/until-recorded';
import { reportText } from '../deploy/backup/drill-report';
import { systemClock } from '../foundation/clock';
import { ExitCode, Failure } from '../foundation/failure';
import type { Progress } from '../foundation/progress';
import { bringFiles, filesAreThere, pullArchiveImage } from '../recovery/rebuild/bring-files';
import { begunIn, doneIn, type RebuildStory } from '../recovery/rebuild/journal';
import type { StageId } from '../recovery/rebuild/plan';
import { whileDeployed } from '../recovery/rebuild/receivers';
import type { StageWork } from '../recovery/rebuild/run';
import { isBroughtSince, servedSince } from '../recovery/rebuild/served-since';
import { replaceWord } from '../recovery/restore/request';
import { restore } from '../recovery/restore/run';
import { hasServed, surveyHostData } from '../recovery/restore/survey';
import type { Environment } from '../stacks/environment';
import { dataArchiveOf } from '../stacks/rehearsal';
import { withArchiveAway } from './archive-away';
import { deployRequest, releaseRequest } from './deploy-request';
import { drillHere } from './drill';
import { findHost } from './host-access';
import { identitiesOf } from './identity-file';
import { onHost } from './on-host';
import { operator } from './operator';
import type { RebuildOptions } from './rebuild-options';
import { archiveKnownHere } from './rebuild-facts';
import { oldKeyWork } from './rebuild-key';
import { newServerWork, oldServerWork } from './rebuild-server';
import { reachText, restoreSiteOf } from './restore';
import { settingsSource } from './settings-source';
import { settingsToSync, syncCommand } from './sync-settings';
import { whileLocked } from './while-locked';

export interface WorkProps {
  readonly environment: Environment;
  readonly given: RebuildOptions;
  /** What was written of this rebuild before this run. */
  readonly story: RebuildStory;
  /** Files of this rebuild: what they begin with. */
  readonly files: string;
  readonly again: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** How each stage is done from this checkout. */
export function rebuildWork(props: WorkProps): Readonly<Record<StageId, StageWork>> {
  const { environment, given, story, progress, signal } = props;
  const { name } = environment;
  const { begun } = story;
  const wasBegun = begunIn(story, 'restore');
  /** The data that lie there are those that a run of this rebuild has put in their place. */
  let areOurs = false;
  const adapters: DeployAdapters = { progress, signal };
  // The word of a restore is another one than that of a rebuild.
  const settingsOnly = given.settings === undefined ? {} : { settings: given.settings };
  const { record, tag } = releaseRequests(props);
  const later = (): Promise<string | undefined> => laterServes(props);

  return {
    revoke: oldKeyWork(props),
    ...oldServerWork(props),
    ...newServerWork(props),
    files: {
      isDone: async () =>
        (await later()) ?? onHost(name, (transport) => filesAreThere(transport, begun.release.name)),
      run: async () => {
        const known = archiveKnownHere(environment, settingsSource(name, given.settings), given.image);
        const { copy, records } = begun;
        if (copy === null || given.identity === undefined) throw noIdentity(props);
        const identities = identitiesOf(given.identity, props.again);
        const onTheHost = requireArchive(name, dataArchiveOf(environment)).image;
        return withArchiveAway(known, (away) =>
          onHost(name, (transport) =>
            bringFiles(
              transport,
              onTheHost,
              { away, copy: copy.name, identities, ...(records ? { records: records.name } : {}) },
              copy.parts,
              progress,
            ),
          ),
        );
      },
    },
    restore: {
      isDone: async () => {
        const since = await later();
        if (since !== undefined) return since;
        const { site } = await restoreSiteOf(name, settingsOnly);
        const facts = await onHost(name, async (transport) => {
          await pullArchiveImage(transport, site.place.archive.image);
          return surveyHostData(transport, site);
        });
        const { data, order, ready, copy, brought } = facts.volume;
        if (data !== 'full') return undefined;
        areOurs = wasBegun && ready && !copy;
        // Its last step was lost, which left what it was begun for; a restore from there would take away what was written since.
        if (areOurs && hasServed(facts)) return 'the data are in their place, and have served since';
        if (order !== undefined) return undefined;
        if (isBroughtSince(story, brought)) return 'the data are in their place';
        throw strangeData(props);
      },
      run: async () => {
        const target = parseTarget(begun.target, systemClock.now());
        // With the receiver of its log, where the environment has one and the newest moment is wanted.
        const without = given.withoutReceiver === undefined ? {} : { withoutReceiver: given.withoutReceiver };
        const { site, host, keys } = await restoreSiteOf(name, {
          ...settingsOnly,
          ...without,
          to: begun.target,
        });
        const restored = await restore(
          {
            ...site,
            ...without,
            keys,
            target,
            // They may be gone on with; what a person has begun there meanwhile is that person's.
            ...(areOurs ? { replace: replaceWord({ ...site, target }) } : {}),
          },
          host,
          adapters,
        );
        // Chosen anew: what was looked at when the rebuild was begun may be an older one.
        return `${restored.id}, from ${restored.backup}${reachText(restored)}`;
      },
    },
    pull: {
      isDone: later,
      run: async () => {
        if (begun.release.from === 'record') await pullRecorded(await record(), adapters);
        else await pullRelease(await tag(), adapters);
        return begun.release.images.app;
      },
    },
    deploy: {
      isDone: later,
      run: async () => {
        const person = whileDeployed(name, begun.receivers);
        if (person !== undefined) progress.note(person);
        const { outcome, release, timeline } = await (begun.release.from === 'record'
          ? rollBack(await record(), adapters)
          : deployRelease(await tag(), adapters));
        return { says: `${release.id}: ${outcome}`, servedAt: servedAt(timeline, systemClock.now()) };
      },
    },
    backup: { isDone: () => backedUp(props), run: () => backUp(props) },
    secrets: { run: () => tellWorkflows(props) },
    drill: {
      isDone: () => Promise.resolve(doneIn(story, 'drill') ? 'this rebuild has drilled them' : undefined),
      run: async () => {
        const { image, network, settings } = given;
        const options = {
          ...(image === undefined ? {} : { image }),
          ...(network === undefined ? {} : { network }),
          ...(settings === undefined ? {} : { settings }),
        };
        const unrecorded = await onHost(name, (transport) => untilRecorded(transport, systemClock, signal));
        if (unrecorded !== undefined)
          progress.note(`what the new backup holds is not recorded beside it yet: ${unrecorded}`);
        const { report, file, failure } = await drillHere(name, options, { progress, signal });
        if (failure !== undefined) throw failure;
        for (const line of reportText(report).trimEnd().split('\n')) progress.note(line.trim());
        return `passed: ${file}.json`;
      },
    },
  };
}

/** The deploy as it was recorded, or of the build that was named. */
function releaseRequests({ environment: { name }, given, story: { begun } }: WorkProps) {
  return {
    record: async () => ({
      ...(await releaseRequest(name, given.settings)),
      to: begun.release.name,
      pinned: begun.release.images,
      // It served with these very data: what was broken before it is no matter of it. Where another one serves by now, nothing is deployed.
      accept: { breakingMigration: true },
    }),
    tag: async () => ({
      ...(await deployRequest(name, begun.release.tag, given.settings)),
      pinned: begun.release.images,
    }),
  };
}

/**
 * What serves since this rebuild had deployed its release: then data, files and release are left as they are.
 *
 * @throws Failure (exit code 3) where somebody else's deploy serves before the rebuild has deployed anything
 */
async function laterServes({ environment: { name }, story, again }: WorkProps): Promise<string | undefined> {
  const { releases } = await onHost(name, (transport) => readReleases(transport, name));
  const since = servedSince(story, releases);
  if (since.is === 'nothing else') return undefined;
  if (since.is === 'later') return since.says;
  const { from, name: release, tag } = story.begun.release;
  // Before its stage `files` the host has none of the records that the rebuild was begun with.
  const back =
    from === 'record' && releases.some(({ record }) => record.id === release)
      ? `./cogni rollback ${name} --to ${release}`
      : `./cogni deploy ${name} --image-tag ${tag}`;
  throw new Failure({
    what: `another release serves on the new host of ${name}`,
    faults: [since.fault],
    state: 'it serves as before',
    next: `where it is to stay: ${endedInstead(name, story.begun.id)}. Where it is not: ${back}, then ${again}`,
    exitCode: ExitCode.refused,
  });
}

const strangeData = ({ environment: { name, host }, story: { begun }, again }: WorkProps): Failure =>
  new Failure({
    what: `the new host of ${name} holds data that no restore has put there since this rebuild was begun: a deploy to the empty volume begins with an empty database`,
    state: 'they are as they were, and nothing was restored',
    next: `see whose they are (./cogni host check ${name}, ./cogni exec ${name} postgres -- psql …); where they are nobody's: ./cogni restore ${name} --to ${begun.target} --replace ${host.name}@${begun.target}, which keeps them on the disk, then ${again}. Where they are to stay: ${endedInstead(name, begun.id)}`,
    exitCode: ExitCode.refused,
  });

/** What ends a rebuild in whose place somebody has done another thing. */
const endedInstead = (name: string, id: string): string =>
  `./cogni rebuild ${name} --abandon ${id}, then what would have come next: ./cogni backup ${name} --type full, ./cogni settings sync ${name}, ./cogni drill ${name}`;

const noIdentity = ({ again }: WorkProps): Failure =>
  new Failure({
    what: 'the copy opens with the private key of one of its recipients alone, and none is named',
    next: `name its file with --identity, then ${again}`,
    exitCode: ExitCode.usage,
  });

/** A full backup that was made since the rebuild was begun, and read back. */
async function backedUp({ environment, story }: WorkProps): Promise<string | undefined> {
  const archive = requireArchive(environment.name, environment.archive);
  const since = Date.parse(story.lines[0]?.at ?? '');
  const { report } = await onHost(environment.name, (transport) =>
    lookAtBackups(transport, environment.name, archive),
  );
  const { newestGood } = report;
  // Of the history that is lived now: one of the history before would have the next restore go along that.
  const full = report.backups.find(
    ({ good, type, label }) => good && type === 'full' && newestGood?.label.startsWith(label) === true,
  );
  return full !== undefined && full.at.getTime() > since ? full.label : undefined;
}

async function backUp(props: WorkProps): Promise<string> {
  const { environment, progress, signal } = props;
  const { name } = environment;
  const archive = requireArchive(name, environment.archive);
  return whileLocked(progress, signal, async () => {
    // One that its container has begun by itself is as good.
    const there = await backedUp(props);
    if (there !== undefined) return there;
    const request = { environment: name, host: await findHost(environment), archive, by: operator() };
    const { newestGood } = await runBackups(request, planBackup(name, 'full'), { progress, signal });
    return newestGood?.label ?? 'made';
  });
}

async function tellWorkflows({ environment: { name }, given, story }: WorkProps): Promise<string> {
  if (!process.env['GITHUB_TOKEN'] || !process.env['GITHUB_REPOSITORY'])
    return `left to a person: ./cogni settings sync ${name} (no GITHUB_TOKEN and GITHUB_REPOSITORY here)`;
  const { githubHere } = await import('./github-here.js');
  const { planSync, runSync } = await import('../workflows/index.js');
  const ofHost = [
    ...['VM_HOST', 'VM_HOST_KEY'],
    // Theirs was ended: a deploy of theirs would cut the database off from its archive.
    ...(story.begun.oldKey === undefined ? [] : ['ARCHIVE_KEY', 'ARCHIVE_SECRET']),
  ];
  const asked = { host: true, ...(given.settings === undefined ? {} : { settings: given.settings }) };
  const { entries: all } = await settingsToSync(name, asked);
  const again = syncCommand(name, asked);
  const entries = all.filter((entry) => ofHost.includes(entry.name));
  const github = await githubHere(undefined);
  const plan = await planSync(github, name, entries, ofHost, again);
  const written = await runSync(github, plan, entries, again);
  return written.length === 0 ? 'GitHub had them' : `wrote ${written.join(', ')}`;
}
