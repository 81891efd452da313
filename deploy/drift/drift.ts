import { hostLayout as bootstrapLayout, revisionOf, type HostNeeds } from '../../bootstrap';
import { ExitCode, Failure } from '../../foundation/failure';
import { silent, type Progress } from '../../foundation/progress';
import { hostLayout, runtimeServices } from '../../services';
import type { ComparedProject } from '../diff/compare';
import { hashesOf, readProjectState, type ProjectState } from '../diff/host-state';
import { composeText, renderedCompose } from '../diff/rendered-compose';
import { compareRuntime, readNetworks, type HostNetwork, type RuntimeChange } from '../diff/runtime';
import { applyCommand, type EdgeRequest } from '../edge/request';
import { differenceOf, isUnansweredByCaddy, surveyEdge } from '../edge/survey';
import { convergeHost } from '../host/converge';
import { readLocks, whoIsAtWork } from '../lock/of-host';
import { layout } from '../rolling/layout';
import type { ReleaseRecord } from '../rolling/record';
import { readReleases } from '../rolling/releases';
import { restartDatabaseWord } from '../rolling/request';
import type { Transport } from '../transport';
import type { DriftFinding, DriftReport } from './finding';
import { asDeployed, releaseDrift } from './release';
import { readSchedules, scheduleDrift } from './schedules';
import { readAllContainers, strangersOf, type Guest, type KnownProject } from './strangers';

export interface DriftProps {
  readonly environment: string;
  /** Connected to the host. */
  readonly transport: Transport;
  /** Everything that is rendered for it, with the application in the slot that serves. */
  readonly projects: readonly ComparedProject[];
  /** Compose projects that belong there and are looked after elsewhere: receivers of other environments' log. @default - none */
  readonly guests?: readonly Guest[];
  /**
   * What the host itself is rendered from: its bootstrap as of today, and its edge.
   * @default - nothing: somebody else made the host, and neither its edge nor what runs without Docker is looked at
   */
  readonly rendered?: { readonly needs: HostNeeds; readonly edge: EdgeRequest };
  /** Takes secrets out of what programs of the host say. */
  readonly mask: (text: string) => string;
  readonly progress?: Progress;
}

/** None of the codes of a failure, so that the two are never mistaken. */
const driftExitCode = 10;

/** 0 no drift, 4 somebody is at work, {@link driftExitCode} drift. */
export const exitCodeOfDrift = ({ state }: DriftReport): number =>
  state === 'differs' ? driftExitCode : state === 'busy' ? ExitCode.locked : ExitCode.done;

/**
 * Holds what a host has and runs against what was rendered for it: the files, containers, images, networks and names of settings of
 * each project, what the running Caddy serves, what the bootstrap brings, and whatever nobody rendered: containers, networks, units, cron
 * jobs. It only reads, and takes no lock but the one of the bootstrap's phases while those are asked.
 *
 * @throws Failure when any of it cannot be found out: a look that saw half of a host finds nothing in the other half
 */
export async function findDrift(props: DriftProps): Promise<DriftReport> {
  const { environment, transport, rendered, progress = silent } = props;
  const before = await readLocks(transport, environment);
  const atWork = whoIsAtWork(before);
  if (atWork !== undefined) return busy(environment, atWork);
  const { releases } = await readReleases(transport, environment);
  const release = releases.find(({ serving }) => serving)?.record;
  const runs = await progress.step('look at what runs', () => lookAtRuntime(props, release));
  let host: Found;
  try {
    host =
      rendered === undefined
        ? { drift: [], waiting: [] }
        : await progress.step('look at what the bootstrap brings', () => lookAtHost(props, rendered.needs));
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.exitCode === ExitCode.locked)
      return busy(environment, thrown.what);
    throw thrown;
  }
  // One that was begun meanwhile, and may have ended, has changed the host while it was looked at.
  const meanwhile = whoIsAtWork(await readLocks(transport, environment), before);
  if (meanwhile !== undefined) return busy(environment, meanwhile);
  const drift = [...runs.drift, ...host.drift];
  return {
    version: 1,
    environment,
    state: drift.length === 0 ? 'same' : 'differs',
    about: [
      release === undefined
        ? 'no release was deployed'
        : `${release.tag}, deployed ${release.at} by ${release.by.who}`,
      ...(rendered === undefined ? [notLookedAt] : []),
    ].join('; '),
    drift,
    waiting: [...runs.waiting, ...host.waiting],
  };
}

const notLookedAt =
  'somebody else made the host: its edge, firewall, sshd, users, packages, units and cron jobs were not looked at';

const busy = (environment: string, says: string): DriftReport => ({
  ...{ version: 1, environment, state: 'busy', drift: [], waiting: [] },
  about: `somebody is at work: ${says}`,
});

interface Found {
  readonly drift: readonly DriftFinding[];
  readonly waiting: readonly DriftFinding[];
}

async function lookAtRuntime(props: DriftProps, release: ReleaseRecord | undefined): Promise<Found> {
  const { environment, transport, projects, guests = [] } = props;
  const again = `./cogni drift ${environment}`;
  const networks = await readNetworks(transport, again);
  const drift: DriftFinding[] = [];
  const waiting: DriftFinding[] = [];
  const known: KnownProject[] = [];
  for (const project of projects) {
    const state = await readProjectState(transport, project, again);
    const found = await driftOf(props, { project, state, networks, release });
    const mend = project.files.length === 0 ? ofSomebody : mendOf(project.name, environment, release);
    const of = found.deployed ? asDeployed({ project, state }) : project;
    const compose = composeText(of.files);
    const advice = adviceFor({ project, state, compose, drift: found.drift, mend });
    drift.push(...found.drift.map((change) => ({ ...change, next: advice(change) })));
    waiting.push(...found.waiting.map((change) => ({ ...change, next: mend })));
    known.push({ name: project.name, compose });
  }
  const containers = await readAllContainers(transport, again);
  const strangers = strangersOf(known, containers, networks, guests).map(({ mend, ...change }) => ({
    ...change,
    next: mend ?? ofSomebody,
  }));
  const caddy = props.rendered === undefined ? [] : await lookAtCaddy(props, props.rendered.edge);
  return { drift: [...drift, ...strangers, ...caddy], waiting };
}

/**
 * Whether the running Caddy serves what its file says. With a file that somebody changed there may be no answer: what is said of the file
 * is a finding already, and so is this.
 *
 * @throws Failure when there is no answer though the file is as rendered
 */
async function lookAtCaddy(
  { environment, transport }: DriftProps,
  edge: EdgeRequest,
): Promise<readonly DriftFinding[]> {
  const facts = await surveyEdge(transport, edge);
  const { loaded, caddyfile } = differenceOf(edge, facts);
  const found = { of: 'caddy', name: `${hostLayout.edge.project}/caddy`, next: applyCommand(edge) } as const;
  if (!isUnansweredByCaddy(facts)) {
    return loaded ? [{ ...found, what: 'serves something else than its Caddyfile says' }] : [];
  }
  if (caddyfile) {
    return [{ ...found, what: 'does not say whether it serves its Caddyfile, which is not as rendered' }];
  }
  throw new Failure({
    what: `the Caddy of ${transport.describe()} does not say whether it serves what its Caddyfile says`,
    state: 'nothing was changed',
    next: `read ./cogni logs ${environment} edge, then ./cogni drift ${environment}`,
  });
}

interface ProjectOnHost {
  readonly project: ComparedProject;
  readonly state: ProjectState;
  readonly networks: readonly HostNetwork[];
  readonly release: ReleaseRecord | undefined;
}

/** Deploys record the files of the runtime; of the other projects, what is rendered today is what there must be. */
async function driftOf(
  { transport, mask }: DriftProps,
  { project, state, networks, release }: ProjectOnHost,
): Promise<{
  readonly drift: readonly RuntimeChange[];
  readonly waiting: readonly RuntimeChange[];
  /** It is what a deploy has recorded. */
  readonly deployed: boolean;
}> {
  if (project.name !== hostLayout.runtime.project) {
    return { drift: compareRuntime(project, state, networks, mask), waiting: [], deployed: false };
  }
  if (release === undefined) {
    return { drift: [], waiting: compareRuntime(project, state, networks, mask), deployed: false };
  }
  const deployed = await hashesOf(transport, asDeployed({ project, state }), state.settings !== undefined);
  const recorded = release.files;
  return { ...releaseDrift({ project, state, networks, recorded, deployed }, mask), deployed: true };
}

const ofSomebody = 'find out who needs it: then it goes, or into what is rendered';

interface DriftOfProject extends Pick<ProjectOnHost, 'project' | 'state'> {
  /** The Compose file that its containers are to be made from. */
  readonly compose: string;
  readonly drift: readonly RuntimeChange[];
  readonly mend: string;
}

/**
 * What brings each difference of a project back. A service that nothing renders is somebody's. A deploy finds nothing to do where containers
 * alone differ and run the very images: those are made anew on the host, from the files that lie there. A database that runs is made anew by
 * no deploy that is not told to.
 */
function adviceFor({
  project,
  state: { containers },
  compose,
  drift,
  mend,
}: DriftOfProject): (change: RuntimeChange) => string {
  const { services } = renderedCompose(project.name, compose);
  const imageOf = (service: string): string | undefined =>
    services.find(({ name }) => name === service)?.image;
  const serviceOf = ({ name }: RuntimeChange): string => name.slice(project.name.length + 1);
  const isStrange = (change: RuntimeChange): boolean => {
    const found = containers.filter(({ service, image }) =>
      change.of === 'container'
        ? service === serviceOf(change)
        : change.of === 'image' && image === change.name,
    );
    return found.length > 0 && found.every(({ service }) => imageOf(service) === undefined);
  };
  const isRemade = (change: RuntimeChange): boolean =>
    change.of === 'container' &&
    containers.some(
      ({ service, image, state }) =>
        service === serviceOf(change) && image === imageOf(service) && state === 'running',
    );
  const isDatabase = (change: RuntimeChange): boolean =>
    project.name === hostLayout.runtime.project &&
    containers.some(
      ({ service, state }) =>
        service === runtimeServices.postgres &&
        state === 'running' &&
        (change.of === 'container'
          ? service === serviceOf(change)
          : change.of === 'image' && change.name === imageOf(service)),
    );
  const ours = drift.filter((change) => !isStrange(change));
  const remade = project.name === hostLayout.runtime.project && ours.every(isRemade);
  return (change) =>
    isStrange(change)
      ? ofSomebody
      : isDatabase(change)
        ? `${mend} ${restartDatabaseWord}`
        : remade
          ? `on the host: flock ${layout.runtime.atWork} docker compose --project-directory=${project.folder} up --detach --no-deps ${serviceOf(change)}`
          : mend;
}

/** The command that brings a project back to what is rendered. */
function mendOf(project: string, environment: string, release: ReleaseRecord | undefined): string {
  if (project === hostLayout.edge.project) return `./cogni edge apply ${environment} --dry-run`;
  if (project === hostLayout.sourcecred.project) return `./cogni sourcecred apply ${environment}`;
  return `./cogni deploy ${environment} --image-tag ${release?.tag ?? '<tag>'}`;
}

/** What the phases of the bootstrap would do, and what tells the host to run something that nobody rendered. */
async function lookAtHost({ environment, transport }: DriftProps, needs: HostNeeds): Promise<Found> {
  const { findings, files } = await convergeHost({ environment, transport, needs, dryRun: true });
  const marker = await transport.run({ argv: ['cat', '--', bootstrapLayout.ok], deadline: 20_000 });
  const schedules = await readSchedules(transport, `./cogni drift ${environment}`);
  const mend = `./cogni host converge ${environment}`;
  const broughtToThis = marker.stdout.includes(`"document":"${revisionOf(needs)}"`);
  const ofFiles = files.map((path): DriftFinding => ({
    of: 'file',
    name: `${bootstrapLayout.bootstrap}/${path}`,
    what: broughtToThis ? 'is not what the host was brought to' : 'is rendered otherwise today',
    next: mend,
  }));
  return {
    drift: [
      ...(broughtToThis ? ofFiles : []),
      // What differs of the running edge is compared file by file, with its project.
      ...findings
        .filter(({ verdict }) => verdict === 'acts')
        .map(({ phase, what }): DriftFinding => ({
          ...{ of: 'phase', name: phase, what: `the bootstrap would do this again: ${what}` },
          next: mend,
        })),
      ...scheduleDrift(schedules).map((found): DriftFinding => ({
        ...found,
        next: 'find out who needs it: then it goes, or into the bootstrap',
      })),
    ],
    waiting: broughtToThis ? [] : ofFiles,
  };
}
