import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '../../foundation/clock';
import { httpsVia, type Https } from '../../foundation/https';
import { silent, type Progress } from '../../foundation/progress';
import { lookupFrom, lookupOf } from '../../foundation/resolve';
import { Secret } from '../../foundation/secret';
import { trustedAuthorities } from '../../foundation/trust';
import {
  app,
  readSettings,
  runtimeVariables,
  thirdPartyImages,
  type AppSlot,
  type Settings,
} from '../../services';
import { runId, type RunBegun } from '../journal/event';
import { judgeMigrations } from '../migrations/judge';
import { redactor } from '../redact';
import { resolveRelease, type ReleaseImages } from '../registry';
import { Registry, type RegistryProps } from '../registry-client';
import type { PlanAdapters, StepResult } from '../plan-adapters';
import { runPlan } from '../run-plan';
import { checkSignatures, type CheckedSignatures } from '../signatures';
import { connect, type SshHost } from '../ssh';
import type { Transport } from '../transport';
import { Watch, type Timeline } from '../watch';
import { journalled } from './journalled';
import { refuseOthers } from './pinned';
import { planRolling, type DeployPlan } from './plan';
import { archiveNotes } from './archive-notes';
import { backupBeforeMigration } from './backup-guard';
import { handEdits } from './hand-edits';
import { lookAtHost } from './look-at-host';
import { refuseOlderBuild } from './older-build';
import type { ReleaseRecord } from './record';
import { unreadableNote } from './releases';
import { deployCommand, parseTag, type AcceptedRisks, type DeployRequest } from './request';

/** What a deploy touches the world with. All have defaults. */
export interface DeployAdapters {
  readonly progress?: Progress;
  readonly clock?: Clock;
  /** Cancels: what was begun is taken back, and the lock is free. */
  readonly signal?: AbortSignal;
  /** Opens the connection to the host. @default over SSH */
  readonly connect?: (host: SshHost, options: { readonly signal?: AbortSignal }) => Promise<Transport>;
  /** Asks the registry and the site. @default verified against the machine's authorities and `extraCa` */
  readonly https?: Https;
  /** Tells runs of the same moment apart. @default 16 random bits in hex */
  readonly runSuffix?: () => string;
  /** Told the plan before its first step; what it throws keeps that from being begun. */
  readonly onPlanned?: (plan: DeployPlan) => Promise<void>;
  /** Told where the time went, once a plan was carried out or has failed. */
  readonly onTimeline?: (timeline: Timeline) => void;
  /** Environment of this process, for SSL_CERT_FILE. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

export interface DeployResult {
  /** `unchanged`: the host served exactly this before; only the gate was passed again. */
  readonly outcome: 'deployed' | 'unchanged';
  readonly url: string;
  readonly release: ReleaseRecord;
  readonly steps: readonly StepResult[];
  readonly milliseconds: number;
  /** Id of the run in the journal of the host. */
  readonly run: string;
  readonly timeline: Timeline;
  /** Why the journal of the host lacks something of this run. */
  readonly journalProblem?: string;
}

/**
 * Deploys a release: everything that can be known beforehand is checked before the host is touched, then the plan is
 * made, then it is run ({@link planRolling}).
 *
 * @throws Failure for a tag of another environment, incomplete settings (all of them), images that are not there, a
 *   host that cannot be reached, is another one (exit code 3) or cannot take it; when another deploy holds the lock (4);
 *   and when a step failed and was taken back (1) or could not be (5).
 */
export async function deployRelease(
  request: DeployRequest,
  adapters: DeployAdapters = {},
): Promise<DeployResult> {
  const watched = watchedAdapters(adapters);
  return withPreparation(request, watched, (prepared) => carryOut('deploy', request, prepared, watched));
}

/** Adapters that are looked on. */
export type WatchedAdapters = DeployAdapters & { readonly clock: Clock; readonly watch: Watch };

/** Begins to measure. */
export function watchedAdapters(adapters: DeployAdapters): WatchedAdapters {
  const { clock = systemClock, progress = silent } = adapters;
  const open: NonNullable<DeployAdapters['connect']> = adapters.connect ?? connect;
  const watch = new Watch(clock);
  return { ...adapters, clock, watch, progress: watch.over(progress), connect: watch.counting(open) };
}

/** Runs the plan, while the journal of the host tells of it. */
export async function carryOut(
  command: RunBegun['command'],
  request: Omit<DeployRequest, 'tag'>,
  { plan, run, transport, https, progress, redact }: Prepared,
  { clock, signal, watch, onPlanned, onTimeline }: WatchedAdapters,
): Promise<DeployResult> {
  const { domain, environment, by, accept } = request;
  await onPlanned?.(plan);
  if (plan.unchanged)
    progress.note(
      `${plan.release.tag} serves already, from the same files: nothing to do (${deployCommand({ ...request, tag: plan.release.tag, anew: true })} starts it anew all the same)`,
    );
  const { title, release } = plan;
  const { app, migrator } = release.images;
  const outcome = plan.unchanged ? 'unchanged' : 'deployed';
  const begun = {
    kind: 'run-begun',
    command,
    environment,
    title,
    release: release.id,
    app,
    migrator,
    by,
    ...(accept === undefined ? {} : { accepted: wordsOf(accept) }),
  } as const;
  const work = (
    observe: NonNullable<PlanAdapters['observe']>,
    recorded: Promise<void>,
  ): Promise<readonly StepResult[]> =>
    runPlan(plan, {
      ...{ transport, https, clock, progress, redact, signal, observe, recorded },
      judges: { migrations: judgeMigrations },
    });
  try {
    const { value: steps, ...journal } = await journalled(
      { run, begun, plan, work, result: outcome },
      { transport, clock, progress, redact, watch, signal },
    );
    const timeline = watch.timeline(plan);
    const { milliseconds } = timeline;
    return { outcome, url: `https://${domain}`, release, run, steps, milliseconds, timeline, ...journal };
  } finally {
    onTimeline?.(watch.timeline(plan));
  }
}

const wordsOf = ({ movedTags, breakingMigration, withoutBackup }: AcceptedRisks): RunBegun['accepted'] => ({
  ...(movedTags === undefined ? {} : { movedTags: [...movedTags] }),
  ...(breakingMigration ? { breakingMigration } : {}),
  ...(withoutBackup ? { withoutBackup } : {}),
});

/**
 * The plan that {@link deployRelease} would run now, for `--dry-run`: it asks the registry and looks at the host, and
 * changes nothing.
 *
 * @throws Failure as {@link deployRelease} does before its first step.
 */
export async function planRelease(
  request: DeployRequest,
  adapters: DeployAdapters = {},
): Promise<DeployPlan> {
  return withPreparation(request, adapters, ({ plan }) => Promise.resolve(plan));
}

/**
 * Pulls what {@link deployRelease} would, and nothing else: what serves is not touched, and the lock stays free unless room has
 * to be made.
 *
 * @throws Failure as {@link deployRelease} does before its first step, and when an image cannot be pulled
 */
export const pullRelease = (request: DeployRequest, adapters: DeployAdapters = {}): Promise<void> =>
  withPreparation(request, adapters, (prepared) => pullPlanned(prepared, adapters));

/** Carries out the steps of a plan up to those that pull. Where room is made first, the lock is taken for as long as that takes. */
export async function pullPlanned(
  { plan, transport, https, progress, redact }: Prepared,
  { clock = systemClock, signal }: DeployAdapters,
): Promise<void> {
  const steps = plan.steps.slice(0, plan.steps.findLastIndex(({ spends }) => spends === 'pull') + 1);
  await runPlan(
    { title: `pull ${plan.release.tag}`, steps },
    { transport, https, clock, progress, redact, signal },
  );
}

/** What a plan is carried out with. */
export interface Prepared {
  readonly plan: DeployPlan;
  /** Id of the run. */
  readonly run: string;
  readonly transport: Transport;
  readonly https: Https;
  readonly progress: Progress;
  readonly redact: (text: string) => string;
}

/** Checks all that can be checked, plans, and hands both to `use` while the connection is open. */
async function withPreparation<T>(
  request: DeployRequest,
  adapters: DeployAdapters,
  use: (prepared: Prepared) => Promise<T>,
): Promise<T> {
  const { progress = silent, clock = systemClock, signal } = adapters;
  const at = clock.now();
  parseTag(request);
  const settings = settingsOf(request);
  const https = adapters.https ?? defaultHttps(request, adapters);
  const asking = { https, clock, signal };
  const { images, faults, signers } = await lookAtImages(request, settings, asking, progress);
  const redact = redactor(secretsOf(request, settings, images));
  return withHost(request.host, adapters, async (transport) => {
    const needed = {
      known: [images.app, images.migrator],
      byDigest: Object.values(thirdPartyImages(request.runtime)),
      ours: registryOf(request, settings),
    };
    const preflight = { request, images, at, signatureFaults: faults };
    const { facts, room } = await lookAtHost(transport, preflight, needed, { ...adapters, https });
    await refuseOlderBuild(request, images, facts, transport, progress);
    const run = runId(at, suffixOf(adapters));
    const more = { ...(signers ? { signers } : {}), ...(room ? { room } : {}) };
    const plan = planRolling({ request, settings, images, facts, at, run, ...more });
    const serves = facts.release !== undefined;
    const backups = await backupBeforeMigration(request, serves, transport, clock);
    const notes = [
      ...(request.notes ?? []),
      ...handEdits(facts, plan),
      ...facts.unreadable.map(unreadableNote),
      ...archiveNotes(request),
      ...backups,
    ];
    for (const note of notes) progress.note(note);
    return use({ plan, run, transport, https, progress, redact });
  });
}

export const suffixOf = ({ runSuffix = () => randomBytes(2).toString('hex') }: DeployAdapters): string =>
  runSuffix();

export const settingsOf = (request: Pick<DeployRequest, 'settings' | 'domain'>): Settings =>
  readSettings({ ...request.settings, DOMAIN: request.domain }, 'deploy');

/** Opens the one connection, hands it to `use`, and closes it whatever happens. */
export async function withHost<T>(
  host: SshHost,
  { progress = silent, signal, connect: open = connect }: DeployAdapters,
  use: (transport: Transport) => Promise<T>,
): Promise<T> {
  const transport = await progress.step(
    `connect to ${host.user}@${host.address}`,
    () => open(host, signal ? { signal } : {}),
    { why: 'one connection for all of it, to the machine whose key is pinned' },
  );
  try {
    return await use(transport);
  } finally {
    await transport.close();
  }
}

export const defaultHttps = (
  {
    extraCa,
    dnsServer,
    domain,
    siteAddress,
  }: Pick<DeployRequest, 'extraCa' | 'dnsServer' | 'siteAddress'> & Partial<Pick<DeployRequest, 'domain'>>,
  { env }: DeployAdapters,
): Https => {
  const lookup = lookupFrom(dnsServer);
  return httpsVia({
    authorities: trustedAuthorities({ extra: extraCa, ...(env ? { env } : {}) }),
    lookup:
      domain === undefined || siteAddress === undefined
        ? lookup
        : lookupOf({ [domain]: siteAddress }, lookup),
  });
};

/** What is to run: both images of one build, by digest, and who has signed them. */
async function lookAtImages(
  request: DeployRequest,
  settings: Settings,
  asking: Asking,
  progress: Progress,
): Promise<CheckedSignatures & { readonly images: ReleaseImages }> {
  const { tag } = request;
  const props = { ...registryOf(request, settings), tag, again: deployCommand(request) };
  const images = await progress.step('look the images up', () => resolveRelease(props, asking), {
    why: 'both of one build, by digest',
    describe: ({ app }) => app.digest,
  });
  refuseOthers(request, images);
  return { images, ...(await lookAtSignatures(request, settings, images, asking, progress)) };
}

interface Asking {
  readonly https: Https;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

export const registryOf = (
  { repository }: Pick<DeployRequest, 'repository'>,
  settings: Settings,
): RegistryProps => ({
  repository,
  login: {
    username: settings.plain('GHCR_USERNAME'),
    password: settings.secret('GHCR_DEPLOY_TOKEN'),
  },
});

/** What is not signed is a fault that is told together with those of the host. */
async function lookAtSignatures(
  request: DeployRequest,
  settings: Settings,
  images: ReleaseImages,
  asking: Asking,
  progress: Progress,
): Promise<CheckedSignatures> {
  const keys = request.signingKeys ?? [];
  const registry = new Registry(registryOf(request, settings), asking);
  const check = (): Promise<CheckedSignatures> => checkSignatures(registry, images, keys);
  if (keys.length === 0) return check();
  return progress.step('check the signatures of the images', check, {
    why: 'only what was signed with a key of the environment runs',
    describe: ({ signers }) => (signers ? `signed with ${signers.app.file}` : ''),
  });
}

/** Everything that must not be seen in what programs print: the settings, and what is made from them. */
export function secretsOf(
  { runtime }: DeployRequest,
  settings: Settings,
  images: ReleaseImages,
): readonly Secret[] {
  const release = { app: images.app.reference, migrator: images.migrator.reference };
  const slots = Object.keys(app.slots) as AppSlot[];
  const values = [
    ...settings.entries(),
    ...slots.flatMap((slot) => [...runtimeVariables(settings, release, { ...runtime, slot })]),
  ].map(([, value]) => value);
  return values.filter((value): value is Secret => value instanceof Secret);
}
