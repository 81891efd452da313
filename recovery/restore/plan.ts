import { targetText } from '../../deploy/backup/choose';
import { segmentMebibytes } from '../../deploy/backup/segment';
import type { Plan, Step } from '../../deploy/step';
import { runtimeServices } from '../../services';
import { contextOf, type Context } from './context';
import { restoreCommand, replaceWord, undoCommand, type RestoreRequest } from './request';
import { canBeSaved, isSaved } from './saved';
import { prepareSteps, safetyStep } from './steps-prepare';
import { lockStep, startSteps, stopSteps, tidyStep } from './steps-switch';
import { wayOf, type RestoreFacts } from './survey';
import { restoreId } from './volume';
import { lastArchived } from './way';

export interface RestorePlan extends Plan {
  /** Of the restore: of the one that is gone on with, where one was cut off. */
  readonly id: string;
  /** The data of before are kept under this id. */
  readonly keeps: boolean;
}

/**
 * A restore as data: a copy out of the archive beside the data that serve, proven; a backup of the present state; a short maintenance in which two
 * renames put the copy in place; and the data of before, kept. What was done by a run that was cut off is known by what lies on the disk, and
 * is not done again. Pure.
 */
export function planRestore(request: RestoreRequest, facts: RestoreFacts): RestorePlan {
  const { standing, volume, archive } = facts;
  const id = standing === 'begin' ? restoreId(request.at) : (volume.order?.id ?? restoreId(request.at));
  const there = contextOf(request, facts, id, restoreCommand(request));
  const context =
    standing === 'switched'
      ? {
          ...there,
          before: `the restored data are in their place; ${undoCommand(request, id)} takes them back`,
        }
      : there;
  const serving = volume.data === 'full' && standing !== 'switched';
  const keeps = serving || volume.kept.includes(`before-${id}`);
  return {
    title: `restore ${request.environment} to ${targetText(request.target)}`,
    id,
    keeps,
    steps: [
      lockStep(context, `restoring ${request.environment} to ${targetText(request.target)}`),
      ...(archive === undefined
        ? []
        : prepareSteps(
            context,
            request,
            archive,
            facts.received,
            wayOf(facts)?.last ?? lastArchived(archive),
          )),
      ...(unsaved(facts) && request.withoutBackup === undefined ? [safetyStep(context, request)] : []),
      ...(standing === 'switched' ? [] : [...stopSteps(context), switchStep(context, keeps)]),
      ...startSteps(context),
      tidyStep(context),
    ],
  };
}

/** Whether the present state is still to be backed up. */
const unsaved = (facts: RestoreFacts): boolean =>
  facts.volume.data === 'full' && facts.standing !== 'switched' && !isSaved(facts);

function switchStep({ id, volume, site, facts, again, before }: Context, keeps: boolean): Step {
  return {
    id: 'switch',
    name: 'put the copy in the place of the data',
    why: keeps
      ? `two renames; the data of before are kept as before-${id}, for ${undoCommand(site, id)}`
      : 'one rename: there were no data',
    actions: [{ do: 'run', command: volume.switch(id) }],
    undo: [volume.back(id)],
    settles: !facts.services.includes(runtimeServices.postgres),
    leaves: before,
    next: again,
  };
}

const gibibytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;

/** Bytes for the log that a copy goes through. */
const log = 1024 ** 3;

/** Bytes of what a receiver has beyond the archive: it lies beside the copy until that has gone through it. */
const bytesOf = (received: RestoreFacts['received']): number =>
  received?.kind === 'log' ? received.pieces.length * segmentMebibytes * 1024 ** 2 : 0;

/** Everything that speaks against it; none: it may be begun. Pure. */
export function restoreFaults(request: RestoreRequest, facts: RestoreFacts): readonly string[] {
  const { standing, volume, archive, received, freeBytes, containers, services, databaseServes } = facts;
  const { machine, withoutBackup, withoutReceiver, replace } = request;
  const word = replaceWord(request);
  const held = volume.data === 'full' || volume.kept.length > 0;
  const { gap } = archive ?? {};
  const size = archive?.chosen.backup.size.database ?? 0;
  const needed = Math.ceil(size * 1.1) + log + bytesOf(received);
  const faults: (readonly [boolean, string])[] = [
    [
      standing === 'another',
      `the restore ${volume.order?.id ?? ''} to ${volume.order?.target ?? ''} was cut off while it put its copy in place: go on with it (--to ${volume.order?.target ?? ''}), or take it back (--undo ${volume.order?.id ?? ''})`,
    ],
    [
      replace === undefined && held,
      `the data that ${machine} has are replaced, and what was written since is no longer served: --replace ${word} says that this is meant`,
    ],
    [
      replace !== undefined && replace !== word,
      `--replace ${replace} is not ${word}, which is what would be done`,
    ],
    [
      withoutBackup !== undefined && withoutBackup !== machine,
      `--without-backup ${withoutBackup ?? ''} is not ${machine}`,
    ],
    [
      withoutReceiver !== undefined && withoutReceiver !== machine,
      `--without-receiver ${withoutReceiver ?? ''} is not ${machine}`,
    ],
    [
      received?.kind === 'unknown' && withoutReceiver === undefined,
      `the receiver of the log, which may have what was committed last, cannot be asked (${received?.kind === 'unknown' ? received.why : ''}): --without-receiver ${machine} says that what the archive has is enough`,
    ],
    [
      archive !== undefined && freeBytes < needed,
      `the copy needs ${gibibytes(needed)} beside what is there, and ${gibibytes(freeBytes)} are free${volume.kept.length === 0 ? '' : `; what earlier restores keep can go: ${volume.kept.join(', ')}`}`,
    ],
    [
      gap !== undefined && volume.data === 'full' && wayOf(facts)?.hole !== undefined,
      `log is missing in the archive between ${gap?.after ?? ''} and ${gap?.before ?? ''}: what it leads to ends at ${gap?.from.toISOString() ?? ''}, when the last piece before that arrived, or earlier, and the data that are there now are younger. --to ${gap?.from.toISOString() ?? ''} says that this moment is meant`,
    ],
    [
      containers.length > 0 && services.length === 0,
      'containers of the runtime are there, and its files say nothing: what runs could not be started again',
    ],
    [
      unsaved(facts) && !canBeSaved(facts) && withoutBackup === undefined,
      `no backup of the present state can be made, since ${databaseServes ? 'nothing makes backups there' : 'the database does not serve'}: --without-backup ${machine} says that its data on the disk, which are kept, are enough`,
    ],
  ];
  return faults.flatMap(([holds, fault]) => (holds ? [fault] : []));
}
