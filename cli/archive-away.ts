import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwayProps } from '../deploy/backup/away';
import { addressesOf, lookupFrom } from '../foundation/resolve';
import { trustedAuthorities } from '../foundation/trust';

/**
 * Gives what is needed to ask an archive from this machine, away from every host: whom to trust, as this process does, and where the
 * storage is, where COGNI_DNS knows its name and the system does not.
 */
export async function withArchiveAway<T>(
  known: Pick<AwayProps, 'archive' | 'key' | 'secret' | 'passphrase'>,
  use: (props: Omit<AwayProps, 'runProgram'>) => Promise<T>,
): Promise<T> {
  const dns = process.env['COGNI_DNS'];
  const host = known.archive.endpoint.split(':')[0] ?? '';
  const address = dns ? (await addressesOf(host, lookupFrom(dns)))[0] : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'cogni-trust-'));
  try {
    const authorities = join(folder, 'ca-certificates.crt');
    writeFileSync(authorities, trustedAuthorities({ extra: process.env['COGNI_CA'] }).join('\n'), {
      mode: 0o644,
    });
    return await use({ ...known, authorities, address });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
