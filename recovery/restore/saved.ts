import { runtimeServices } from '../../services';
import { applications } from './context';
import type { HostFacts } from './survey';

/** A backup of the present state can be made now. */
export const canBeSaved = ({ databaseServes, containers }: HostFacts): boolean =>
  databaseServes && containers.includes(runtimeServices.backup);

/**
 * Whether the database may have served since the present state was backed up: a restore removes the containers of what commits and of what makes backups
 * before that of the database, so with one of them beside it, whether they run or not, all of it was started again, or never stopped.
 */
const startedSince = ({ containers }: HostFacts): boolean =>
  containers.includes(runtimeServices.postgres) &&
  [runtimeServices.backup, ...applications].some((service) => containers.includes(service));

/**
 * Somebody has written since the backup, and not the restore: the backup itself and the end of the server write as well, but until that end is noted
 * (`stopped`) the container of the database is there.
 */
const writtenSince = ({ containers, written }: HostFacts): boolean =>
  written && !containers.includes(runtimeServices.postgres);

/**
 * The data that lie there were backed up by a run that was cut off, or whose copy failed, after it had done so, and nothing has changed them since. It has
 * stopped what makes backups: another one could not be made. Pure.
 */
export const isSaved = (facts: HostFacts): boolean =>
  facts.volume.data === 'full' &&
  facts.volume.saved &&
  !canBeSaved(facts) &&
  !writtenSince(facts) &&
  !startedSince(facts);
