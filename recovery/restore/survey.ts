import { targetWord } from '../../deploy/backup/choose';
import { questions } from '../../deploy/backup/commands';
import { parseServer } from '../../deploy/backup/facts';
import type { ServerLog } from '../../deploy/backup/segment';
import { readMaintenance, type MaintenanceState } from '../../deploy/maintenance';
import { runtimeCompose, quick } from '../../deploy/rolling/commands';
import { layout } from '../../deploy/rolling/layout';
import { folderWhileHeld } from '../../deploy/rolling/registry-login';
import { writeCommands } from '../../deploy/archive';
import { readContainers } from '../../deploy/status/containers';
import { isHeld, type RemoteCommand, type Transport } from '../../deploy/transport';
import { Failure } from '../../foundation/failure';
import type { Output } from '../../foundation/process';
import { runtimeServices } from '../../services';
import { surveyArchive, type DrillFacts } from '../drill/survey';
import { keepers, maintenanceReason } from './context';
import type { ReceivedLog } from './received';
import { wayFrom, wayThrough, type LogWay } from './way';
import { keysFile, keysFolder, restoreCommand, type RestoreRequest, type RestoreSite } from './request';
import { askDockerFolder, parseVolume, volumeCommands, type VolumeState } from './volume';

/** What a command answered: asked again under the lock, it tells whether another run has changed the host meanwhile. */
export interface Answer {
  readonly command: RemoteCommand;
  readonly code: number;
  /** On standard output, without white space around it. */
  readonly printed: string;
}

/** What is on a host before a restore or its undo, read without changing anything. */
export interface HostFacts {
  /** By what the release that serves is known, and the containers of the runtime. */
  readonly answers: readonly Answer[];
  /** Folder of all volumes on the host. */
  readonly volumes: string;
  readonly volume: VolumeState;
  /** Bytes that are free where the volume is. */
  readonly freeBytes: number;
  /** Services of the files that the host has; none before its first deploy. */
  readonly services: readonly string[];
  /** Services that have a container, running or not. */
  readonly containers: readonly string[];
  /** The database is there and well. */
  readonly databaseServes: boolean;
  readonly maintenance: MaintenanceState;
  /** A server has written to the data, or to the copy in their place, since that was ready (where none is: since the data were backed up), and since a restore had stopped it. */
  readonly written: boolean;
}

/** What a restore finds of itself. */
export type Standing =
  /** Nothing that could be gone on with. */
  | 'begin'
  /** The copy is ready; the data of before may lie aside already. */
  | 'prepared'
  /** The restored data are in their place. */
  | 'switched'
  /** A restore to another target was cut off after it had begun to put its copy in place. */
  | 'another';

export interface RestoreFacts extends HostFacts {
  readonly standing: Standing;
  /** Of the archive; undefined where the copy is ready, and the archive was not asked. */
  readonly archive: DrillFacts | undefined;
  /** What a receiver of the log has that it lacks; undefined where there is none, or an earlier moment is wanted. */
  readonly received?: ReceivedLog;
}

/** The way through the log to the newest moment, where that is wanted and a copy is to be made. Pure. */
export function wayOf({ archive, received }: Pick<RestoreFacts, 'archive' | 'received'>): LogWay | undefined {
  if (archive?.chosen.target.kind !== 'end') return undefined;
  return received?.kind === 'log' ? received.way : wayThrough(wayFrom(archive), []);
}

/**
 * The restored data are in their place and have been used since: that restore is over, though its last step was lost, and what is asked for now is another
 * one. While the maintenance is the restore's own, or what makes backups is not back, only its own steps and what they let in have written to them. Pure.
 */
export function hasServed({ volume, maintenance, written, services, containers }: Lying): boolean {
  const { order, ready, copy, data } = volume;
  const behindPage =
    maintenance.state === 'on' && maintenance.note?.reason === maintenanceReason(order?.id ?? '');
  const unfinished = keepers.some((keeper) => services.includes(keeper) && !containers.includes(keeper));
  return ready && !copy && (data !== 'full' || (written && !behindPage && !unfinished));
}

type Lying = Omit<HostFacts, 'volumes' | 'freeBytes'>;

/**
 * Where a restore stands, by what lies on the disk. A copy of the newest moment is no longer that when the database serves, or has served since it was
 * made, or when the data that were there then are gone: it is made anew. Pure.
 */
export function standingOf(facts: Lying, target: RestoreRequest['target']): Standing {
  const { data, order, copy, ready, bare, kept } = facts.volume;
  if (order === undefined || !ready || hasServed(facts)) return 'begin';
  const same = order.target === targetWord(target);
  if (!copy) return same ? 'switched' : 'another';
  // Why there may be none: they were put aside, or never there. Otherwise they were lost since.
  const accounted = data === 'full' || bare || kept.includes(`before-${order.id}`);
  const stale = target.kind === 'end' && (facts.databaseServes || facts.written || !accounted);
  if (same && !stale) return 'prepared';
  return data === 'missing' && accounted && !same ? 'another' : 'begin';
}

/**
 * Looks at the host, and at the archive where a copy is still to be made.
 *
 * @throws Failure when Docker or the archive does not answer, and (exit code 3) when no good backup leads to the target
 */
export async function surveyRestore(transport: Transport, request: RestoreRequest): Promise<RestoreFacts> {
  const host = await surveyHostData(transport, request);
  const standing = standingOf(host, request.target);
  if (standing !== 'begin') return { ...host, standing, archive: undefined };
  const server = request.target.kind === 'time' && host.databaseServes ? await askLog(transport) : undefined;
  const archive = await withKeys(transport, request, (keys) =>
    surveyArchive(transport, { ...request.place, keys }, request.target, request.at, {
      again: restoreCommand(request),
      ...(server && { server }),
    }),
  );
  return { ...host, standing, archive };
}

/** What the server knows of its own log, where it says so: asked before the archive is, which then has what is sent meanwhile. */
async function askLog(transport: Transport): Promise<ServerLog | undefined> {
  const { code, stdout } = await transport.run(questions.server);
  try {
    return code === 0 ? parseServer(stdout) : undefined;
  } catch {
    return undefined;
  }
}

export const whatServes: readonly { readonly command: RemoteCommand; readonly exit: readonly number[] }[] = [
  // Nothing was ever deployed: exit code 1.
  { command: { argv: ['readlink', '--', layout.deploy.current], deadline: quick }, exit: [0, 1] },
  {
    command: {
      argv: [
        'docker',
        ...['ps', '--all', '--quiet'],
        `--filter=label=com.docker.compose.project=${layout.runtime.project}`,
        '--filter=label=com.docker.compose.oneoff=False',
      ],
      deadline: quick,
    },
    exit: [0],
  },
];

/** @throws Failure when Docker does not answer */
export async function surveyHostData(transport: Transport, request: RestoreSite): Promise<HostFacts> {
  const { environment, place } = request;
  const ask = async (command: RemoteCommand): Promise<string> => {
    const output = await transport.run(command);
    if (output.code !== 0) throw unanswered(output, transport, environment);
    return output.stdout.trim();
  };
  const answers = await Promise.all(
    whatServes.map(async ({ command, exit }): Promise<Answer> => {
      const output = await transport.run(command);
      if (output.code === null || !exit.includes(output.code))
        throw unanswered(output, transport, environment);
      return { command, code: output.code, printed: output.stdout.trim() };
    }),
  );
  const volumes = `${await ask(askDockerFolder)}/volumes`;
  const volume = volumeCommands(place.image ?? place.archive.image, volumes);
  const [services, containers, maintenance] = await Promise.all([
    transport.run({ argv: runtimeCompose('current', 'config', '--services'), deadline: quick }),
    readContainers(transport, environment, [layout.runtime.project]),
    readMaintenance(transport, environment),
  ]);
  const printed = await ask(volume.look);
  const free = await ask(volume.free);
  const state = parseVolume(printed);
  const written = (state.ready || state.saved) && state.data === 'full' && (await ask(volume.written)) !== '';
  const staying = containers.filter(({ oneOff }) => !oneOff);
  const database = staying.find(({ service }) => service === runtimeServices.postgres);
  return {
    answers,
    volumes,
    volume: state,
    freeBytes: Number(free.split('\n').at(-1)),
    services: services.code === 0 ? services.stdout.trim().split(/\s+/).sort() : [],
    containers: staying.map(({ service }) => service),
    databaseServes: database?.state === 'running' && database.health === 'healthy',
    maintenance,
    written,
  };
}

const unanswered = ({ stdout, stderr, code }: Output, transport: Transport, environment: string): Failure =>
  new Failure({
    what: `${transport.describe()} does not say what its disk holds: Docker ended with ${code ?? 'a signal'}`,
    output: `${stdout}${stderr}`,
    next: `see that the host reaches the registry of the image above, and ./cogni host check ${environment}`,
  });

/** Puts the archive's keys into memory of the host for as long as `use` takes. */
async function withKeys<T>(
  transport: Transport,
  request: RestoreRequest,
  use: (file: string) => Promise<T>,
): Promise<T> {
  const folder = keysFolder(request);
  const held = await transport.hold({ argv: ['sh', '-c', folderWhileHeld, 'sh', folder], deadline: quick });
  const refused = (output: Output): Failure =>
    new Failure({
      what: `${transport.describe()} takes no file into its memory (${folder}): ${output.stderr.trim()}`,
      next: `see that /dev/shm on the host has room, then ${restoreCommand(request)}`,
    });
  if (!isHeld(held)) throw refused(held);
  try {
    for (const command of writeCommands({ do: 'write', folder, files: [keysFileOf(request)] })) {
      const output = await transport.run(command);
      if (output.code !== 0) throw refused(output);
    }
    return await use(`${folder}/${keysFile}`);
  } finally {
    await held.release();
  }
}

/** As Docker reads variables: a line each, as it stands. */
export const keysFileOf = ({ keys }: Pick<RestoreRequest, 'keys'>) => ({
  path: keysFile,
  mode: 0o600,
  content: Object.entries(keys).flatMap(([name, value]) => [`${name}=`, value, '\n']),
});
