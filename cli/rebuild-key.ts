import { randomBytes } from 'node:crypto';
import { requireArchive } from '../deploy/backup/report';
import { ExitCode, Failure, messageOf } from '../foundation/failure';
import { httpsVia } from '../foundation/https';
import { lookupFrom } from '../foundation/resolve';
import { s3Client } from '../foundation/s3-client';
import { Secret } from '../foundation/secret';
import { trustedAuthorities } from '../foundation/trust';
import { oldKeyFaults, standingOfKey, type KeyStanding } from '../recovery/rebuild/old-key';
import type { StageWork } from '../recovery/rebuild/run';
import type { WorkProps } from './rebuild-work';
import { settingsSource } from './settings-source';

/** Sees that a machine that nobody can switch off from here has no way into the archive any more. */
export function oldKeyWork({ environment, given, story }: WorkProps): StageWork {
  const { oldKey } = story.begun;
  const look = async (old: string): Promise<readonly string[]> =>
    oldKeyFaults(old, await standingNow(environment, old), {
      current: settingsSource(environment.name, given.settings)['ARCHIVE_KEY'],
      revoked: given.revoked,
    });
  return {
    run: async () => {
      if (oldKey === undefined) return 'what is given up is switched off instead';
      const faults = await look(oldKey);
      if (faults.length === 0) return `${oldKey} has no way in`;
      throw new Failure({
        what: `what is given up may still write into the archive of ${environment.name}`,
        faults,
        state: 'the archive is as it was',
        next: `at the storage, make another key for the account that writes, and end ${oldKey}; put the other one into the settings as ARCHIVE_KEY and ARCHIVE_SECRET`,
        exitCode: ExitCode.refused,
      });
    },
  };
}

async function standingNow(
  { name, archive }: Pick<WorkProps['environment'], 'name' | 'archive'>,
  key: string,
): Promise<KeyStanding> {
  const { endpoint, region, bucket } = requireArchive(name, archive);
  const https = httpsVia({
    authorities: trustedAuthorities({ extra: process.env['COGNI_CA'] }),
    lookup: lookupFrom(process.env['COGNI_DNS']),
  });
  // Nobody's: what is asked is whether the key is there, and not what it may.
  const secret = Secret.of('ARCHIVE_SECRET', randomBytes(20).toString('hex'));
  try {
    return await standingOfKey(s3Client(https, endpoint, region, { key, secret }), bucket);
  } catch (thrown) {
    return { untold: messageOf(thrown) };
  }
}
