import { isIPv6 } from 'node:net';

/** One spelling of each IPv6 address; everything else is left as it stands. */
export const canonicalAddress = (address: string): string =>
  isIPv6(address) && !address.includes('%') ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
