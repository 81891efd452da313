import { targetWord } from '../../deploy/backup/choose';
import { compareSteps, copyCommand, reachStep, restoreStep, type CopyPlace } from '../../deploy/copy/steps';
import { makeBackup } from '../../deploy/backup/commands';
import { healthOf, logsOf, quick, remove } from '../../deploy/rolling/commands';
import { folderWhileHeld } from '../../deploy/rolling/registry-login';
import type { Step } from '../../deploy/step';
import type { RemoteCommand } from '../../deploy/transport';
import { copyFolder, runtimeServices } from '../../services';
import type { DrillFacts } from '../drill/survey';
import { prepareCopy, reaching } from '../drill/containers';
import type { Context } from './context';
import type { ReceivedLog, ReceivedPiece } from './received';
import { keysFile, keysFolder, type RestoreRequest } from './request';
import { isSaved } from './saved';
import { keysFileOf } from './survey';

/** On the host, while a copy is made. */
const container = 'cogni-restore';

export const removeCopyContainer: RemoteCommand = {
  argv: ['docker', 'rm', '--force', '--volumes', container],
  deadline: 2 * quick,
};

/** Hours after which it ends by itself, should nobody come back. */
const life = '13h';

/** MiB of memory, beside the database that serves meanwhile. */
const memory = 1024;

/**
 * The copy beside the data that serve, brought to its target and compared: nothing of what serves is touched.
 *
 * @param upTo the last piece of log that leads on from the backup: a copy of the newest moment that does not get there is none
 */
export function prepareSteps(
  context: Context,
  request: RestoreRequest,
  { chosen, checkpoint, endSince }: DrillFacts,
  received: ReceivedLog | undefined,
  upTo: string | undefined,
): readonly Step[] {
  const place: CopyPlace = {
    archive: container,
    server: container,
    leaves: `${context.before}; nothing of it was touched, and the copy is removed`,
    next: `./cogni backup list ${request.environment}, and another target where one is good; otherwise ${context.again}`,
  };
  return [
    open(context, request, chosen.backup.label),
    restoreStep(place, chosen, checkpoint),
    ...(received?.kind === 'log' && received.pieces.length > 0 ? [receiveStep(place, received.pieces)] : []),
    ...compareSteps(place, chosen, checkpoint),
    reachStep(place, chosen, checkpoint, upTo, endSince),
    finish(context, place),
  ];
}

function open({ id, volume, before, again, facts }: Context, request: RestoreRequest, backup: string): Step {
  const { place } = request;
  const image = place.image ?? place.archive.image;
  const folder = keysFolder(request);
  return {
    id: 'open',
    name: 'make room for a copy beside the data',
    why: 'what serves goes on: a copy is made, proven, and only then put in its place by a rename',
    actions: [
      { do: 'run', command: removeCopyContainer },
      { do: 'run', command: volume.make },
      {
        do: 'run',
        command: volume.begin({ v: 1, id, target: targetWord(request.target), backup }, isSaved(facts)),
      },
      { do: 'run', command: prepareCopy(image, volume.copy) },
      {
        do: 'hold',
        command: { argv: ['sh', '-c', folderWhileHeld, 'sh', folder], deadline: quick },
        until: 'end of step',
      },
      { do: 'write', folder, files: [keysFileOf(request)] },
      {
        do: 'run',
        command: {
          argv: [
            ...(['docker', 'run', '--detach', '--rm', `--name=${container}`] as const),
            ...reaching({ ...place, keys: `${folder}/${keysFile}` }),
            `--memory=${memory}m`,
            '--pids-limit=256',
            `--volume=${volume.copy}:${copyFolder}`,
            `--env=POSTGRES_USER=${place.administrator}`,
            '--entrypoint=timeout',
            image,
            life,
            'sleep',
            'infinity',
          ],
          deadline: 2 * quick,
        },
      },
    ],
    cleanUp: [remove(folder)],
    undo: [removeCopyContainer, volume.abandon],
    spends: 'start',
    leaves: before,
    next: `see that the disk of the host has room, then ${again}`,
    interruptible: true,
  };
}

/** What the archive lacks, in pieces of log as they were written on the receiving host. */
const receiveStep = (place: CopyPlace, pieces: readonly ReceivedPiece[]): Step => ({
  id: 'receive',
  name: `bring ${pieces.length === 1 ? '1 piece' : `${pieces.length} pieces`} of log from the receiver`,
  why: 'the archive lacks them: what was committed last, and what was still on its way',
  actions: pieces.flatMap(({ name, parts }) =>
    parts.map((part) => ({
      do: 'run' as const,
      command: copyCommand(place.archive, ['receive', name], 4 * quick, part),
    })),
  ),
  spends: 'pull',
  leaves: place.leaves,
  next: place.next,
  interruptible: true,
});

function finish({ volume }: Context, place: CopyPlace): Step {
  return {
    id: 'ready',
    name: 'end the copy, and note that it is ready',
    why: 'from here on a restore that is cut off goes on with it; it was ended as a server of its own',
    actions: [
      { do: 'run', command: copyCommand(place.server, ['finish']) },
      { do: 'run', command: removeCopyContainer },
      { do: 'run', command: volume.ready },
    ],
    leaves: place.leaves,
    next: place.next,
  };
}

/** The present state, off the host, as the last backup of its timeline. */
export function safetyStep({ volume, before, again }: Context, { machine }: RestoreRequest): Step {
  return {
    id: 'safety',
    name: 'back up the present state, and read that back',
    why: 'whatever comes of the restore, the state of now can be had again, also without this disk',
    actions: [
      { do: 'run', command: makeBackup('incr') },
      { do: 'run', command: volume.saved },
    ],
    diagnose: [healthOf(runtimeServices.backup), logsOf(runtimeServices.backup)],
    spends: 'pull',
    leaves: `${before}; the copy waits beside it`,
    next: `wait where another backup is under way, then ${again}; where the archive takes nothing and that must not hold this up, with --without-backup ${machine}: the data of now then stay on the disk of the host alone`,
  };
}
