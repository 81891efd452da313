import { isIPv4 } from 'node:net';
import { Failure } from '../../foundation/failure';

/** A range of IPv4 addresses as numbers, both ends included. */
export interface Subnet {
  readonly first: number;
  readonly last: number;
}

/** A subnet such as `10.1.2.0/24`, or undefined for anything that is none. */
export function parseSubnet(text: string): Subnet | undefined {
  const [address = '', bits = ''] = text.split('/');
  if (!isIPv4(address) || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(numberOf(address) / size) * size;
  return { first, last: first + size - 1 };
}

/**
 * The networks of the kernel's main routing table (proc(5), `/proc/net/route`: hexadecimal, least significant byte
 * first), without the default route, which leads everywhere.
 */
export function routesOf(table: string): readonly Subnet[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .flatMap(([, destination, , , , , , mask]) => {
      if (!destination || !mask || mask === '00000000') return [];
      const first = littleEndian(destination);
      return [{ first, last: first + (0xffffffff - littleEndian(mask)) }];
    });
}

/**
 * A free subnet of 256 addresses. 10.0.0.0/8 comes first: the Docker engines inside the hosts give their own networks
 * addresses of 172.16.0.0/12 and 192.168.0.0/16, and a host cannot reach what lies behind one of its own networks.
 *
 * @param taken what must not be touched
 * @param seed eight hex digits that decide where the search begins, so that two sandboxes rarely want the same
 * @param preferred taken when it is still free
 * @param client how a person reaches the engine that was asked, for the message
 * @throws Failure when every private range is taken
 */
export function chooseSubnet(
  taken: readonly Subnet[],
  seed: string,
  preferred?: Subnet,
  client = 'docker',
): { readonly text: string; readonly parsed: Subnet } {
  const isFree = (candidate: Subnet): boolean =>
    taken.every(({ first, last }) => candidate.last < first || candidate.first > last);
  for (const candidate of candidates(Number.parseInt(seed, 16), preferred)) {
    if (isFree(candidate)) return { text: `${textOf(candidate.first)}/24`, parsed: candidate };
  }
  throw new Failure({
    what: 'no private IPv4 range has 256 free addresses left for the sandbox: routes or Docker networks use them all',
    next: `${client} network ls and ip route show what uses them; remove what is not needed, then run this again`,
  });
}

function* candidates(seed: number, preferred: Subnet | undefined): Generator<Subnet> {
  if (preferred && preferred.last - preferred.first === 255) yield preferred;
  for (const range of ['10.0.0.0/8', '192.168.0.0/16', '172.16.0.0/12']) {
    const { first, last } = parseSubnet(range)!;
    const count = (last - first + 1) / 256;
    for (let index = 0; index < count; index += 1) {
      const start = first + ((seed + index) % count) * 256;
      yield { first: start, last: start + 255 };
    }
  }
}

const numberOf = (address: string): number =>
  address.split('.').reduce((number, part) => number * 256 + Number(part), 0);

const textOf = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');

const littleEndian = (hex: string): number =>
  Number.parseInt((hex.match(/../g) ?? []).reverse().join(''), 16);
