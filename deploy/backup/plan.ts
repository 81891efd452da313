import { backup, backupUnderWay, copiesService, copyUnderWay } from '../../services';
import { healthOf, logsOf } from '../rolling/commands';
import type { Plan, RunAction, Step } from '../step';
import type { RemoteCommand } from '../transport';
import { makeBackup, readBack, type BackupType } from './commands';
import { makeCopy } from './copies';

/** A backup at once, as data. It takes no lock of deploys: neither waits for the other. */
export const planBackup = (environment: string, type: BackupType): Plan => ({
  title: `back up ${environment} (${type})`,
  steps: [
    stepOf({
      id: 'backup',
      name: 'make a backup and read it back',
      why: 'only what was read back counts; what was archived before is read along, and the database goes on serving',
      command: makeBackup(type),
      leaves:
        'what was archived before is as it was; what was begun may be in the archive, and the next backup goes on with it',
      next: `./cogni backup list ${environment}, then ./cogni backup ${environment} --type ${type}`,
    }),
  ],
});

/** Reading back all that there is, as data. */
export const planReadBack = (environment: string): Plan => ({
  title: `read the backups of ${environment} back`,
  steps: [
    stepOf({
      id: 'read-back',
      name: 'read every backup and all log back',
      why: 'storage loses and changes data in silence: what is not whole any more loses its word, and does not count',
      command: readBack,
      leaves: 'the archive is as it was; which backups are good is written down in it',
      next: `./cogni backup list ${environment}; where none is good, ./cogni backup ${environment} --type full`,
    }),
  ],
});

/** A portable copy at once, as data. */
export const planCopy = (environment: string): Plan => ({
  title: `copy ${environment}`,
  steps: [
    stepOf({
      id: 'copy',
      name: 'make a portable copy and read it back',
      why: 'it opens without the archive, its passphrase or its programs; only what was read back counts',
      command: makeCopy,
      taken: { exit: copyUnderWay, says: 'another copy is under way' },
      service: copiesService.host,
      leaves: 'earlier copies are as they were; what was begun does not count',
      next: `./cogni logs ${environment} ${copiesService.host}, then ./cogni backup copy ${environment}`,
    }),
  ],
});

const stepOf = ({
  command,
  service = backup.host,
  taken = { exit: backupUnderWay, says: 'another backup is under way, or is being read back' },
  ...step
}: Pick<Step, 'id' | 'name' | 'why' | 'leaves' | 'next'> & {
  readonly command: RemoteCommand;
  readonly service?: string;
  readonly taken?: RunAction['taken'];
}): Step => ({
  ...step,
  actions: [{ do: 'run', command, taken }],
  diagnose: [healthOf(service), logsOf(service)],
});
