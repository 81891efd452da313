import { systemClock } from '../../foundation/clock';
import { ExitCode, Failure } from '../../foundation/failure';
import { silent } from '../../foundation/progress';
import { slotOf, thirdPartyImages } from '../../services';
import { runId } from '../journal/event';
import { redactor } from '../redact';
import {
  carryOut,
  defaultHttps,
  pullPlanned,
  registryOf,
  secretsOf,
  settingsOf,
  suffixOf,
  watchedAdapters,
  withHost,
  type DeployAdapters,
  type DeployResult,
  type Prepared,
} from './deploy';
import { brokenFault } from './older-build';
import { handEdits } from './hand-edits';
import { knownRuns } from './journalled';
import { lookAtHost } from './look-at-host';
import { planRolling, type DeployPlan } from './plan';
import { recordedImages, type ReleaseRecord } from './record';
import {
  brokenSince,
  chooseRelease,
  cutOffRollback,
  readReleases,
  unreadableNote,
  type BreakingWord,
} from './releases';
import { refuseOthers } from './pinned';
import { requireAnswered } from './required-answers';
import { rollbackCommand, type DeployRequest } from './request';
import { releaseIn, surveyCommands, upstreamIn } from './survey';

/** Everything that a rollback needs to know. */
export interface RollbackRequest extends Omit<DeployRequest, 'tag'> {
  /**
   * Id of a release on the host, or its tag.
   * @default the newest before the serving one that is another build; the recorded one, where the rollback to that was cut off, or a deploy
   *   after it that has switched
   */
  readonly to?: string;
}

/**
 * Goes back to a release that the host has recorded: its images by digest, in one switch, with the settings and files of
 * today. No migration is run and none is taken back: the old code meets the database as it is.
 *
 * @throws Failure as a deploy does, and when there is no such release
 */
export async function rollBack(
  request: RollbackRequest,
  adapters: DeployAdapters = {},
): Promise<DeployResult> {
  const watched = watchedAdapters(adapters);
  return withRollback(request, watched, (prepared) => carryOut('rollback', request, prepared, watched));
}

/** The plan that {@link rollBack} would run now: looks at the host, and changes nothing. */
export const planRollback = (request: RollbackRequest, adapters: DeployAdapters = {}): Promise<DeployPlan> =>
  withRollback(request, adapters, ({ plan }) => Promise.resolve(plan));

/** Pulls what {@link rollBack} would, and nothing else. */
export const pullRecorded = (request: RollbackRequest, adapters: DeployAdapters = {}): Promise<void> =>
  withRollback(request, adapters, (prepared) => pullPlanned(prepared, adapters));

async function withRollback<T>(
  request: RollbackRequest,
  adapters: DeployAdapters,
  use: (prepared: Prepared) => Promise<T>,
): Promise<T> {
  const { progress = silent, clock = systemClock } = adapters;
  const at = clock.now();
  const settings = settingsOf(request);
  const https = adapters.https ?? defaultHttps(request, adapters);
  return withHost(request.host, adapters, async (transport) => {
    const ask = surveyCommands();
    const [{ releases, unreadable }, runs, upstream] = await Promise.all([
      readReleases(transport, request.environment),
      knownRuns(transport, request.environment, progress, unknown),
      transport.run(ask.upstream),
    ]);
    requireAnswered({ upstream }, transport.describe(), request.environment);
    const serving = releases.find((release) => release.serving)?.record;
    if (serving === undefined) {
      // Nothing serves, or what does is not recorded as it should be, and is told as that.
      const [release, link] = await Promise.all([transport.run(ask.release), transport.run(ask.link)]);
      releaseIn({ release, link }, transport.describe(), request.environment);
    }
    for (const record of unreadable) progress.note(unreadableNote(record));
    const cutOff = request.to === undefined ? cutOffRollback(releases, runs) : undefined;
    if (cutOff) progress.note(endsCutOff(cutOff, request));
    const switchedTo = upstreamIn(upstream);
    const switched = switchedTo === undefined ? undefined : slotOf(switchedTo);
    const unrecorded =
      request.to === undefined && !cutOff && switched !== undefined && switched !== serving?.slot
        ? serving
        : undefined;
    if (unrecorded) progress.note(fromUnrecorded(unrecorded));
    const backTo = cutOff ?? unrecorded ?? chooseRelease(releases, request.to, request.environment);
    refuseBroken(brokenSince(releases, runs, backTo), backTo, request);
    if (serving && serving.images.migrator !== backTo.images.migrator) {
      progress.note(
        `the database stays as ${serving.tag} left it: ${backTo.tag} must be able to work with that, or will not get ready`,
      );
    }
    const images = recordedImages(backTo);
    refuseOthers(request, images);
    const deploy: DeployRequest = { ...request, tag: backTo.tag };
    const needed = {
      known: [],
      byDigest: [images.app.reference, ...Object.values(thirdPartyImages(request.runtime))],
      ours: registryOf(request, settings),
    };
    const preflight = { request: deploy, images, at, backTo: backTo.id };
    const { facts, room } = await lookAtHost(transport, preflight, needed, { ...adapters, https });
    if (facts.release?.id !== serving?.id || facts.upstream !== switchedTo) throw overtaken(request);
    const run = runId(at, suffixOf(adapters));
    const plan = planRolling({
      request: deploy,
      settings,
      images,
      facts,
      at,
      run,
      backTo,
      ...(room ? { room } : {}),
    });
    for (const note of [...(request.notes ?? []), ...handEdits(facts, plan)]) progress.note(note);
    const redact = redactor(secretsOf(deploy, settings, images));
    return use({ plan, run, transport, https, progress, redact });
  });
}

const endsCutOff = ({ tag }: ReleaseRecord, request: RollbackRequest): string =>
  `the rollback to ${tag} was cut off once it was recorded: this run ends it, and goes no further; to go further back, ${rollbackCommand(request, '<release>')} (./cogni releases ${request.environment} lists them)`;

const fromUnrecorded = ({ tag }: ReleaseRecord): string =>
  `requests go to what a deploy left that was cut off before it recorded anything: ${tag} is the release before that`;

/** The release to go back to was chosen from what served then. */
const overtaken = (request: RollbackRequest): Failure =>
  new Failure({
    what: `another run has changed what serves ${request.environment} while this one looked`,
    state: 'nothing was changed by this run',
    next: `${rollbackCommand(request, request.to)}    (it chooses anew; ./cogni releases ${request.environment} lists them)`,
    exitCode: ExitCode.locked,
  });

/** What a journal would say that cannot be read. */
const unknown =
  'whether a deploy failed behind a breaking migration is not known, nor whether the last rollback was cut off';

/** What a word let pass on the way forward needs one on the way back: the old code meets the migrated database. */
function refuseBroken(
  broken: readonly BreakingWord[],
  backTo: ReleaseRecord,
  request: RollbackRequest,
): void {
  const { environment, accept } = request;
  if (broken.length === 0 || accept?.breakingMigration) return;
  throw new Failure({
    what: `${backTo.tag} may not be able to work with the database of ${environment}: a migration has run since that the version before it could not survive`,
    faults: broken.map(brokenFault),
    state: 'nothing was changed',
    next: `deploy a version that works with the database as it is; where ${backTo.tag} does, ${rollbackCommand({ ...request, accept: { ...accept, breakingMigration: true } }, backTo.id)}`,
    exitCode: ExitCode.refused,
  });
}
