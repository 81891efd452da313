import { pgbackrestAway } from '../deploy/backup/away';
import { newestAway } from '../deploy/backup/look-away';
import { checkHost } from '../deploy/host/check';
import { Failure } from '../foundation/failure';
import { run, type Run } from '../foundation/process';
import { Secret } from '../foundation/secret';
import { stackFolder } from '../infra/stack-folder';
import { stateServer } from '../infra/state-server';
import { lookAtIdentity, type ArchivedBackup, type IdentityReport } from '../recovery/identity/look';
import type { Archive, SettingsSource } from '../services';
import { findEnvironment, outputFolder } from '../stacks/here';
import { withArchiveAway } from './archive-away';
import { cherryApiHere } from './cherry-account';
import { findHost, sshHost } from './host-access';
import { settingsSource } from './settings-source';

/**
 * The three sources as they can be read from this checkout.
 *
 * @param asksArchive a machine that nothing was deployed to is held against the archive. @default false: whoever asks knows what is in it
 */
export function identityHere(name: string, asksArchive = false): Promise<IdentityReport> {
  const environment = findEnvironment(name);
  const { host, archive } = environment;
  return lookAtIdentity({
    environment: name,
    hostName: host.name,
    provisioned: host.kind !== 'existing',
    state: () => stateServer({ folder: stackFolder(outputFolder(), name) }),
    servers: async () => (host.kind === 'existing' ? [] : cherryApiHere(undefined).servers(host.projectId)),
    // This also takes the pin from the state, where this checkout never met the host.
    address: async () => (await findHost(environment)).address || undefined,
    look: (address) => checkHost({ host: sshHost(name, address) }),
    ...(asksArchive && archive !== undefined
      ? { newestBackup: () => newestBackupOf(name, archive, settingsSource(name, undefined)) }
      : {}),
  });
}

/** @throws Failure where the archive cannot be asked from here */
async function newestBackupOf(
  name: string,
  archive: Archive,
  variables: SettingsSource,
): Promise<ArchivedBackup | undefined> {
  const [key, secret, passphrase] = archiveSettings.map((each) => variables[each] ?? '');
  if (!key || !secret || !passphrase) {
    const missing = archiveSettings.filter((each) => !variables[each]);
    throw new Failure({
      what: `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set here`,
      next: `./cogni settings check ${name}`,
    });
  }
  const known = {
    archive,
    key,
    secret: Secret.of('ARCHIVE_SECRET', secret),
    passphrase: Secret.of('ARCHIVE_PASSPHRASE', passphrase),
  };
  return withArchiveAway(known, (away) =>
    newestAway(
      { environment: name, archive, pgbackrest: pgbackrestAway({ ...away, runProgram: soon }) },
      `./cogni host check ${name}`,
    ),
  );
}

/** A storage that does not answer, or an image that takes its time, must not keep a check from saying the rest. */
const soon: Run = (command) => run({ ...command, deadline: 3 * 60_000 });

const archiveSettings = ['ARCHIVE_KEY', 'ARCHIVE_SECRET', 'ARCHIVE_PASSPHRASE'] as const;
