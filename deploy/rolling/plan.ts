import { appLogin, runtimeServices, thirdPartyImages, type Settings } from '../../services';
import type { ReleaseImages } from '../registry';
import type { ReleaseSigners } from '../signatures';
import type { Plan } from '../step';
import { databaseRestart } from './database-restart';
import { hashOf, releaseFiles, type ReleaseFile } from './files';
import { layout } from './layout';
import { movedTags, recordedBefore } from './moved-tags';
import { isDigestReference, recordedImages, releaseId, restorePointOf, type ReleaseRecord } from './record';
import {
  deployCommand,
  parseTag,
  defaultLimits,
  rollbackCommand,
  type DeployLimits,
  type DeployRequest,
} from './request';
import { settingsHash } from './settings-hash';
import { proxyChange, type ProxyChange } from './proxy-change';
import { pruneSteps } from './prune';
import type { Room } from './room';
import type { RollingStep } from './step-names';
import { endSteps } from './steps-end';
import { proxyAsRecorded, startSteps } from './steps-start';
import { lockStep, prepareSteps, waitForJobs } from './steps-prepare';
import { finishSteps, gateStep, recordedSteps } from './steps-finish';
import { freeTarget, leftOver, servingTarget, type Target } from './target';
import type { HostFacts } from './survey';

/** All that a plan is made from. The same props give the same plan. */
export interface PlanProps {
  readonly request: DeployRequest;
  readonly settings: Settings;
  readonly images: ReleaseImages;
  readonly facts: HostFacts;
  /** When the deploy begins: names the release. */
  readonly at: Date;
  /** Id of the run, which the record names. @default - it is not recorded */
  readonly run?: string;
  /** The recorded release that it goes back to: the database is then left as it is. @default - it goes forward */
  readonly backTo?: ReleaseRecord;
  /** What must go before its images find room. @default - there is enough */
  readonly room?: Room;
  /** The keys that have signed its images. @default - those that were recorded with `backTo` */
  readonly signers?: ReleaseSigners;
}

export interface DeployPlan extends Plan {
  readonly steps: readonly RollingStep[];
  /** What is recorded in the end, or what was recorded when it was deployed. */
  readonly release: ReleaseRecord;
  /** The host serves exactly this already: nothing but the gate is left to do. */
  readonly unchanged: boolean;
  /** Files of the runtime that the host has otherwise, or not at all: they are replaced once the gate is passed. */
  readonly replaces: readonly string[];
}

/** What every group of steps is made from. */
export interface PlanContext extends PlanProps {
  readonly limits: DeployLimits;
  readonly release: ReleaseRecord;
  /** Where the release runs. */
  readonly target: Target;
  /** Where what served before runs, or what an earlier deploy left there: it ends when the release is recorded. */
  readonly old: Target | undefined;
  /** All of them. */
  readonly files: readonly ReleaseFile[];
  /** The command that runs this deploy again. */
  readonly again: string;
  /** What serves until the switch, in words. */
  readonly before: string;
  /** Role that what serves logs in to the database as: its password stays until nobody serves as it any more. */
  readonly servingLogin: string | undefined;
  /** What serves was started with other settings than today's, or may have been: its login's password may be another too. */
  readonly resettled: boolean;
  /** Why the database, which runs, is restarted; undefined where it is left as it is. */
  readonly databaseRestart: string | undefined;
  /** Why LiteLLM is made anew, or may be. */
  readonly proxyChange: ProxyChange | undefined;
  /** Files of the release that the host has otherwise, or not at all. */
  readonly changed: readonly ReleaseFile[];
}

/**
 * The steps of a rolling deploy: pull while the old version serves, take the lock, stage the files, prepare the
 * database, start the new version beside the old one, prove it from the edge's network, send it the requests, prove it
 * from outside, let the new files and the record take the place of the old ones, and only then let the old version end
 * its last requests, and stop it. Pure.
 *
 * Until the release is recorded the old version runs, from files that are untouched: taking back means sending the
 * requests to it again.
 */
export function planRolling(props: PlanProps): DeployPlan {
  const { request, facts } = props;
  const serving = servingTarget(facts);
  const { tag } = parseTag(request);
  const title = props.backTo
    ? `roll ${request.environment} back to ${tag}`
    : `deploy ${tag} to ${request.environment}`;
  if (serving !== undefined) {
    const there = contextFor(props, serving);
    if (facts.release && isServing(there)) {
      const gate = gateStep(there);
      const cutOff = there.old !== undefined || facts.leftovers;
      // Whether the run that was cut off had come with other settings is not known any more.
      const recorded = { ...there, release: facts.release, resettled: cutOff };
      const unfinished = cutOff || endSteps(recorded).length > 0 || pruneSteps(recorded).length > 0;
      // It was recorded by the run before: what comes behind that fails nothing here either.
      const settling: RollingStep = { ...gate, settles: true };
      const steps = !unfinished
        ? [gate]
        : cutOff
          ? [
              lockStep(there),
              waitForJobs(there),
              settling,
              ...recordedSteps(recorded, proxyAsRecorded(recorded)),
            ]
          : [lockStep(there), settling, ...recordedSteps(recorded)];
      return { title, release: facts.release, unchanged: true, replaces: [], steps };
    }
  }
  const context = contextFor(props, freeTarget(facts));
  return {
    title,
    release: context.release,
    unchanged: false,
    replaces: context.changed.map(({ path }) => path),
    steps: [...prepareSteps(context), ...startSteps(context), ...finishSteps(context)],
  };
}

function contextFor(props: PlanProps, target: Target): PlanContext {
  const { request, settings, images, facts, backTo } = props;
  const files = releaseFiles(request.runtime, settings, images, target.slot);
  const resettled = servesWithOtherSettings(props);
  return {
    ...props,
    limits: { ...defaultLimits, ...request.limits },
    files,
    release: recordOf(props, files, target),
    target,
    old: leftOver(facts, target),
    again: backTo ? rollbackCommand(request, backTo.id) : deployCommand(request),
    before: servingNow(facts),
    servingLogin: servingLogin(props),
    resettled,
    databaseRestart: databaseRestart(props),
    proxyChange: proxyChange(props, files, resettled),
    changed: files.filter((file) => differs(file, facts)),
  };
}

/** As it was recorded; what an unfinished deploy left serving was started with the settings of today, as far as anyone knows. */
function servingLogin({ facts, settings }: PlanProps): string | undefined {
  const serving = servingTarget(facts);
  if (serving === undefined) return undefined;
  const recorded = facts.release?.slot === serving.slot ? facts.release.login : undefined;
  return recorded ?? appLogin(settings.plain('APP_DB_USER'), serving.slot);
}

/** Compares what its `.env` would be today with the one that the host has, by hash: no secret leaves the host. */
function servesWithOtherSettings({ request, settings, facts }: PlanProps): boolean {
  const { release } = facts;
  if (servingTarget(facts) === undefined || release === undefined) return false;
  const today = releaseFiles(request.runtime, settings, recordedImages(release), release.slot);
  const path = layout.runtime.settings;
  const content = today.find((file) => file.path === path)?.content ?? '';
  return facts.files[path]?.hash !== hashOf(content);
}

/** A deploy that was killed between the switch and its record leaves a version serving that nobody has recorded. */
function servingNow(facts: HostFacts): string {
  const serving = servingTarget(facts);
  if (serving === undefined) return 'nothing serves, as before';
  const recorded = facts.release?.slot === serving.slot ? facts.release.tag : undefined;
  const version = recorded ?? `what an unfinished deploy put into ${serving.service}`;
  const well = facts.containers.some(
    ({ service, state, health }) =>
      service === serving.service && state === 'running' && health !== 'not healthy',
  );
  return well
    ? `${version} serves as before`
    : `${version} gets the requests as before, and was not well before this run either`;
}

function recordOf(
  { request, settings, images, facts, at, run, backTo, signers = backTo?.signedBy }: PlanProps,
  files: readonly ReleaseFile[],
  { slot }: Target,
): ReleaseRecord {
  const { tag, buildSha } = parseTag(request);
  // An image that preview tested is production's too, under a tag of the merge: it says what it was built from.
  const built = backTo?.buildSha ?? images.app.builtFrom ?? buildSha;
  const moved = backTo ? [] : movedTags(facts.recorded, images);
  const id = releaseId(at, tag);
  return {
    version: 2,
    id,
    environment: request.environment,
    domain: request.domain,
    strategy: 'rolling',
    slot,
    login: appLogin(settings.plain('APP_DB_USER'), slot),
    tag,
    buildSha: built,
    images: {
      app: images.app.reference,
      migrator: images.migrator.reference,
      ...thirdPartyImages(request.runtime),
      postgres:
        (databaseRestart({ request, settings, facts }) === undefined ? runningDatabase(facts) : undefined) ??
        request.runtime.images.postgres,
    },
    files: Object.fromEntries(
      files
        .filter(({ path }) => path !== layout.runtime.settings)
        .map(({ path, content }) => [path, hashOf(content)] as const),
    ),
    by: request.by,
    at: at.toISOString(),
    replaces: facts.release?.id ?? null,
    ...(moved.length === 0 ? {} : { movedTags: [...moved] }),
    ...(signers === undefined ? {} : { signedBy: signers }),
    // Of a build that was recorded before the word says that its code can work with the database as it is: it migrates nothing.
    ...(!backTo && request.accept?.breakingMigration && recordedBefore(facts.recorded, images) === undefined
      ? { breakingMigration: true as const }
      : {}),
    ...(request.runtime.archive && !backTo ? { restorePoint: restorePointOf({ id, buildSha }) } : {}),
    settingsHash: settingsHash(settings),
    ...(run === undefined ? {} : { run }),
    ...(request.checkout === undefined ? {} : { checkout: request.checkout }),
  };
}

/** A deploy keeps the container of the database that is there: what it runs from, where that is known by digest. */
function runningDatabase({ containers }: HostFacts): string | undefined {
  const image = containers.find(({ service }) => service === runtimeServices.postgres)?.image;
  return image !== undefined && isDigestReference(image) ? image : undefined;
}

function differs({ path, mode, content, seed }: ReleaseFile, { files }: HostFacts): boolean {
  const there = files[path];
  if (there === undefined) return true;
  return !seed && (there.hash !== hashOf(content) || there.mode !== mode);
}

/** The very same release serves, from the very same files, and is well; and nobody asks for it to be made anew. */
function isServing({ request, facts, release, changed, databaseRestart, target }: PlanContext): boolean {
  const serving = facts.release;
  const well = (service: string, image: string): boolean =>
    facts.containers.some(
      (container) =>
        container.service === service &&
        container.state === 'running' &&
        container.health === 'healthy' &&
        container.image === image,
    );
  const runs = (service: string, image: string): boolean =>
    facts.containers.some(
      (container) =>
        container.service === service && container.state === 'running' && container.image === image,
    );
  return (
    !request.anew &&
    serving !== undefined &&
    changed.length === 0 &&
    databaseRestart === undefined &&
    JSON.stringify([serving.tag, serving.images, serving.domain, Object.entries(serving.files).sort()]) ===
      JSON.stringify([release.tag, release.images, release.domain, Object.entries(release.files).sort()]) &&
    facts.upstream === target.upstream &&
    well(target.service, release.images.app) &&
    well(runtimeServices.postgres, release.images.postgres) &&
    (release.images.litellm === undefined || well(runtimeServices.litellm, release.images.litellm)) &&
    (release.images.alloy === undefined || well(runtimeServices.alloy, release.images.alloy)) &&
    // Not whether it is well: that its last backup failed is no matter of a deploy.
    (request.runtime.archive === undefined ||
      runs(runtimeServices.backup, request.runtime.images.postgres)) &&
    (request.runtime.archive?.copies === undefined ||
      runs(runtimeServices.copies, request.runtime.images.postgres))
  );
}
