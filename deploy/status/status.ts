import { ExitCode } from '../../foundation/failure';
import { hostLayout, runtimeServices, slotOf, app } from '../../services';
import { composeLeft, readLocks } from '../lock/of-host';
import type { LockState } from '../lock/status';
import { askMaintenance, parseMaintenance, type MaintenanceState } from '../maintenance';
import { layout } from '../rolling/layout';
import type { ReleaseRecord } from '../rolling/record';
import { surveyHost, type HostFacts } from '../rolling/survey';
import type { EdgeRequest } from '../edge/request';
import type { RemoteCommand, Transport } from '../transport';
import { edgeFindings } from './edge';
import { readContainers, type Container } from './containers';
import { askLeftovers, leftBy, type LeftBy } from './leftovers';

/** What runs on a host, held against what is recorded of the release that serves. */
export interface HostStatus {
  readonly environment: string;
  /**
   * - `well`: everything runs, from what is recorded.
   * - `nothing deployed`: the edge is well, and no release was deployed yet.
   * - `differs`: the site serves, and {@link findings} say what is not as recorded.
   * - `does not serve`: visitors do not get the application.
   */
  readonly verdict: 'well' | 'nothing deployed' | 'differs' | 'does not serve';
  readonly release: ReleaseRecord | null;
  /** What the edge's file names, and the service behind it: null where that is none of ours. */
  readonly upstream: { readonly name: string | null; readonly service: string | null };
  readonly services: readonly ServiceStatus[];
  readonly files: FilesStatus;
  /** Of deploys, and of what else changes runtime and edge. */
  readonly lock: LockState;
  /** That of `./cogni sourcecred apply`, which waits for no deploy. */
  readonly sourcecredLock: LockState;
  /** Null where the edge's folder is not there. */
  readonly maintenance: MaintenanceState | null;
  /** What runs leave that were cut off: of the run that holds its lock, while one does. */
  readonly leftovers: readonly string[];
  /** Everything that is not as it should be, one sentence each. */
  readonly findings: readonly string[];
}

export interface ServiceStatus {
  readonly project: string;
  readonly service: string;
  /** As Docker says; `missing` where there is no container of a service that is recorded. */
  readonly state: string;
  readonly health: string | null;
  /** UTC, of its last start; of its end, where it does not run. */
  readonly since: string | null;
  readonly restarts: number;
  readonly image: string | null;
  /** Whether it runs from the image that is recorded; null where none is. */
  readonly asRecorded: boolean | null;
}

/** Files of the runtime, by path below its folder, against the hashes in the record. */
export interface FilesStatus {
  readonly same: number;
  readonly changed: readonly string[];
  readonly missing: readonly string[];
  readonly unknown: readonly string[];
  /** The settings, which have no hash, were written to after the release was recorded, and no deploy is under way that does so. */
  readonly settingsEdited: boolean;
}

/** What is asked of a host. */
export interface StatusFacts {
  readonly host: HostFacts;
  readonly containers: readonly Container[];
  readonly lock: LockState;
  readonly sourcecredLock: LockState;
  /** What Docker Compose is at work at. */
  readonly compose: readonly string[];
  readonly maintenance: MaintenanceState | null;
  /** Paths. */
  readonly leftovers: readonly string[];
  /** Images that the edge's own compose file names. */
  readonly edgeImages: readonly string[];
  /** What of the edge is not as rendered, one sentence each ({@link edgeFindings}). */
  readonly edge: readonly string[];
}

const projects = [hostLayout.edge.project, hostLayout.runtime.project, hostLayout.sourcecred.project];

const deadline = 20_000;
const edgeImages: RemoteCommand = {
  argv: [
    'docker',
    'compose',
    `--project-name=${layout.edge.project}`,
    `--file=${layout.edge.compose}`,
    'config',
    '--images',
  ],
  deadline,
};

/**
 * Looks at everything that belongs to an environment's host. Changes nothing, and takes no lock.
 *
 * @param edge what is rendered of the edge; without it that is not compared
 * @throws Failure when Docker does not answer, or the record of the serving release cannot be read
 */
export async function readStatus(
  transport: Transport,
  environment: string,
  edge?: EdgeRequest,
): Promise<HostStatus> {
  const host = await surveyHost(transport, environment);
  const [containers, locks, maintenance, leftovers, images, ofEdge] = await Promise.all([
    readContainers(transport, environment, projects),
    readLocks(transport, environment),
    transport.run(askMaintenance),
    transport.run(askLeftovers),
    transport.run(edgeImages),
    edge === undefined ? [] : edgeFindings(transport, edge),
  ]);
  return statusOf(environment, {
    host,
    containers,
    lock: locks.deploys,
    sourcecredLock: locks.sourcecred,
    compose: locks.compose,
    maintenance: maintenance.code === 0 ? parseMaintenance(maintenance.stdout) : null,
    leftovers: linesOf(leftovers.stdout),
    edgeImages: images.code === 0 ? linesOf(images.stdout) : [],
    edge: ofEdge,
  });
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** What follows from the facts. Pure. */
export function statusOf(environment: string, facts: StatusFacts): HostStatus {
  const { host, lock, sourcecredLock } = facts;
  const { release } = host;
  const slot = slotOf(host.upstream);
  const serving = slot && app.slots[slot].service;
  const services = servicesOf(facts, serving);
  const files = filesOf(facts);
  const leftovers = leftoversOf(facts, serving);
  const unserved = unservedBy(services, serving, host);
  const findings = [
    ...unserved,
    ...services
      .filter(({ service }) => service !== serving && service !== layout.edge.service)
      .filter((one) => release !== undefined && !isWell(one) && !isPassing(one))
      .map((one) => `${one.service} is ${stateText(one)}`),
    ...services
      .filter(({ asRecorded }) => asRecorded === false)
      .map(({ service }) => `${service} runs from another image than is recorded`),
    ...(release && slot && release.slot !== slot
      ? [
          `requests go to ${app.slots[slot].service}, and the release recorded last is in ${app.slots[release.slot].service}: a deploy was cut off behind its switch`,
        ]
      : []),
    ...files.changed.map((path) => `${path} is not the file that was deployed`),
    ...files.missing.map((path) => `${path} is missing`),
    ...(files.settingsEdited
      ? [`${layout.runtime.settings} was written to after the release was recorded`]
      : []),
    ...facts.edge,
    ...(lock.state === 'free' && sourcecredLock.state === 'free' ? facts.compose.map(composeLeft) : []),
    ...leftovers
      .filter(({ by }) => (by === 'sourcecred apply' ? sourcecredLock : lock).state === 'free')
      .map(({ by, what }) => `left by an unfinished ${by}: ${what}`),
  ];
  return {
    environment,
    verdict: verdictOf({ unserved, findings, release }),
    release: release ?? null,
    upstream: { name: host.upstream ?? null, service: serving ?? null },
    services,
    files,
    lock,
    sourcecredLock,
    maintenance: facts.maintenance,
    leftovers: leftovers.map(({ what }) => what),
    findings,
  };
}

const verdictOf = ({
  unserved,
  findings,
  release,
}: Pick<HostStatus, 'findings'> & {
  readonly unserved: readonly string[];
  readonly release: ReleaseRecord | undefined;
}): HostStatus['verdict'] => {
  if (unserved.length > 0) return 'does not serve';
  if (findings.length > 0) return 'differs';
  return release === undefined ? 'nothing deployed' : 'well';
};

/** 0 well or nothing deployed; 1 something differs; 5 visitors do not get the application. */
export const exitCodeOf = ({ verdict }: HostStatus): ExitCode =>
  verdict === 'does not serve' ? ExitCode.degraded : verdict === 'differs' ? ExitCode.failed : ExitCode.done;

const isWell = ({ state, health }: ServiceStatus): boolean =>
  state === 'running' && (health === null || health === 'healthy');

/** Jobs end, and what is not recorded may be as it is: a leftover, where it is one, is said as such. */
const isPassing = ({ asRecorded, state, service }: ServiceStatus): boolean =>
  asRecorded === null &&
  (state !== 'missing' || service === runtimeServices.provision || service === runtimeServices.migrate);

const stateText = ({ state, health }: ServiceStatus): string =>
  state === 'running' && health !== null ? health : state;

function unservedBy(
  services: readonly ServiceStatus[],
  serving: string | undefined,
  { release, upstream }: HostFacts,
): readonly string[] {
  const fault = (name: string): string[] => {
    const found = services.find(({ service }) => service === name);
    return found && isWell(found) ? [] : [`${name} is ${found ? stateText(found) : 'missing'}`];
  };
  const edge = fault(layout.edge.service);
  if (serving !== undefined) return [...edge, ...fault(serving)];
  return release === undefined
    ? edge
    : [
        ...edge,
        `the edge sends requests to ${upstream ?? 'nobody'}, not to ${app.slots[release.slot].upstream}`,
      ];
}

/** What is recorded comes first in each project, also where it does not run. */
function servicesOf(
  { host, containers, edgeImages: ofEdge }: StatusFacts,
  serving: string | undefined,
): ServiceStatus[] {
  const { images, slot } = host.release ?? {};
  const isThere = (name: string): boolean =>
    containers.some(({ project, service }) => project === layout.runtime.project && service === name);
  const expected: readonly (readonly [string, string, string | undefined])[] = [
    [layout.edge.project, layout.edge.service, ofEdge[0]],
    ...(images
      ? (
          [
            [serving ?? (slot ? app.slots[slot].service : ''), images.app],
            [runtimeServices.postgres, images.postgres],
            [runtimeServices.litellm, images.litellm],
            [runtimeServices.alloy, images.alloy],
            // They run from the database's own image; one that is unhealthy has a backup or a copy that failed.
            [runtimeServices.backup, isThere(runtimeServices.backup) ? images.postgres : undefined],
            [runtimeServices.copies, isThere(runtimeServices.copies) ? images.postgres : undefined],
          ] as const
        )
          .filter(([, image]) => image !== undefined)
          .map(([service, image]) => [layout.runtime.project, service, image] as const)
      : []),
  ];
  const known = expected.map(([project, service, image]): ServiceStatus => {
    const found = containers.find((one) => one.project === project && one.service === service && !one.oneOff);
    if (found) return rowOf(found, image === undefined ? null : found.image === image);
    return {
      project,
      service,
      state: 'missing',
      health: null,
      since: null,
      restarts: 0,
      image: null,
      asRecorded: null,
    };
  });
  const others = containers
    .filter(
      ({ project, service, oneOff }) =>
        oneOff || !expected.some((one) => one[0] === project && one[1] === service),
    )
    .map((one) => rowOf(one, null));
  return [...known, ...others].sort((one, other) => order(one.project) - order(other.project));
}

const order = (project: string): number => (projects as readonly string[]).indexOf(project);

const rowOf = (found: Container, asRecorded: boolean | null): ServiceStatus => ({
  project: found.project,
  service: found.service,
  state: found.state,
  health: found.state === 'running' ? found.health : null,
  since: found.state === 'running' ? found.startedAt : found.finishedAt,
  restarts: found.restarts,
  image: found.image,
  asRecorded,
});

function filesOf({ host, lock }: StatusFacts): FilesStatus {
  const { release, files, settingsEdited } = host;
  const recorded = Object.entries(release?.files ?? {});
  const there = ([path]: readonly [string, string]): boolean => files[path] !== undefined;
  const same = recorded.filter(([path, hash]) => files[path]?.hash === hash);
  return {
    same: same.length,
    changed: recorded
      .filter(([path, hash]) => there([path, hash]) && files[path]?.hash !== hash)
      .map(([path]) => path),
    missing: recorded.filter((one) => !there(one)).map(([path]) => path),
    unknown: Object.keys(files).filter(
      (path) => path !== layout.runtime.settings && release?.files[path] === undefined,
    ),
    settingsEdited: settingsEdited && lock.state === 'free',
  };
}

/** The other slot, jobs, and the copies of files and logins. */
const leftoversOf = (
  { containers, leftovers }: StatusFacts,
  serving: string | undefined,
): readonly { readonly what: string; readonly by: LeftBy }[] => [
  ...containers
    .filter(({ project }) => project === layout.runtime.project)
    .filter(
      ({ service, oneOff }) =>
        oneOff || (service !== serving && Object.values(app.slots).some((slot) => slot.service === service)),
    )
    .map(({ name, state }) => ({ what: `container ${name} (${state})`, by: 'deploy' as const })),
  ...leftovers.map((what) => ({ what, by: leftBy(what) })),
];
