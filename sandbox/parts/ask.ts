import type { LookupFunction } from 'node:net';
import { httpsVia, type Https } from '../../foundation/https';
import type { CertificateAuthority } from '../certificates';

/**
 * Asks a server of the sandbox by its name, at a given address: this machine's own resolver does not know the name. The
 * sandbox's CA is the only one that is trusted.
 */
export const askAt = (address: string, authority: CertificateAuthority): Https =>
  httpsVia({ authorities: [authority.pem], lookup: lookupOf(address) });

const lookupOf =
  (address: string): LookupFunction =>
  (_name, options, callback) => {
    if (options.all) callback(null, [{ address, family: 4 }]);
    else callback(null, address, 4);
  };
