import { app, runtimeServices } from '../../services';
import type { RestoreSite } from './request';
import type { HostFacts } from './survey';
import { volumeCommands, type VolumeCommands } from './volume';

/** What the steps of a restore, and those that take one back, are made from. */
export interface Context {
  readonly site: RestoreSite;
  readonly facts: HostFacts;
  /** Of the restore. */
  readonly id: string;
  /** The command that goes on with it. */
  readonly again: string;
  /** What serves until the switch, in words. */
  readonly before: string;
  readonly volume: VolumeCommands;
  /** Maintenance is this command's own: nobody else has switched it on. */
  readonly ownMaintenance: boolean;
}

/** What commits to the database. */
export const applications: readonly string[] = [
  runtimeServices.litellm,
  ...Object.values(app.slots).map(({ service }) => service),
];

/** What makes backups: it mounts what is about to be another folder. Only a restore removes it, before it touches the data, and starts it last. */
export const keepers: readonly string[] = [runtimeServices.backup, runtimeServices.copies];

/** What the note of maintenance says, by which it is known again after a run that was cut off. */
export const maintenanceReason = (id: string): string => `restore ${id}`;

export function contextOf(site: RestoreSite, facts: HostFacts, id: string, again: string): Context {
  const { maintenance, volumes, databaseServes } = facts;
  const { image, archive } = site.place;
  return {
    site,
    facts,
    id,
    again,
    before: databaseServes ? 'the database serves as before' : 'the database does not serve, as before',
    volume: volumeCommands(image ?? archive.image, volumes),
    ownMaintenance:
      maintenance.state === 'off' || maintenance.note?.reason?.startsWith(maintenanceReason('')) === true,
  };
}
