/** A range of IPv4 addresses that are handed out and come back. */
export interface AddressPool {
  /** Network in CIDR notation: `172.30.5.0/24`. */
  readonly network: string;
  /** First and last address of the range, both included. */
  readonly first: string;
  readonly last: string;
}

/**
 * The lowest address of the range that nobody holds, or undefined when all are taken. Taking the lowest brings a
 * freed address back at once: the new machine behind an old address is a hazard that clients must live with.
 */
export function tryNextAddress(pool: AddressPool, taken: ReadonlySet<string>): string | undefined {
  for (let number = numberOf(pool.first); number <= numberOf(pool.last); number += 1) {
    const address = textOf(number);
    if (!taken.has(address)) return address;
  }
  return undefined;
}

/** What is wrong with a range: nothing, one or several sentences. */
export function poolFaults(pool: AddressPool): string[] {
  const [network = '', bits = ''] = pool.network.split('/');
  const faults = [network, pool.first, pool.last]
    .filter((address) => !isAddress(address))
    .map((address) => `"${address}" is not an IPv4 address`);
  if (!/^([0-9]|[12][0-9]|3[0-2])$/.test(bits))
    faults.push(`"${pool.network}" is not a network such as 172.30.5.0/24`);
  if (faults.length > 0) return faults;
  const size = 2 ** (32 - Number(bits));
  const start = Math.floor(numberOf(network) / size) * size;
  for (const address of [pool.first, pool.last]) {
    const place = numberOf(address) - start;
    if (place < 0 || place >= size) faults.push(`${address} is not in ${pool.network}`);
  }
  if (numberOf(pool.first) > numberOf(pool.last)) faults.push(`${pool.first} comes after ${pool.last}`);
  return faults;
}

const isAddress = (text: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255);

const numberOf = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const textOf = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
