import { isIP } from 'node:net';

/** What is wrong with ranges of addresses that are to be believed, each with its range: none when all are sound. */
export function proxyFaults(ranges: readonly string[]): readonly string[] {
  return ranges.flatMap((range, index) => {
    const fault = rangeFault(range) ?? (ranges.indexOf(range) < index ? 'is there twice' : undefined);
    return fault === undefined ? [] : [`"${range}": ${fault}`];
  });
}

/** Larger ranges are a mistake: who is in them could claim to be anybody. */
const shortestPrefix = 8;

function rangeFault(range: string): string | undefined {
  const [, address = '', length = ''] = /^([0-9A-Fa-f.:]+)\/(\d{1,3})$/.exec(range) ?? [];
  const longest = { 4: 32, 6: 128 }[isIP(address)];
  if (longest === undefined || Number(length) > longest || length !== String(Number(length))) {
    return 'not a range of addresses, as in "192.0.2.0/24" or "2001:db8::/32"';
  }
  return Number(length) < shortestPrefix
    ? `more than a proxy can have: /${shortestPrefix} is the largest`
    : undefined;
}
