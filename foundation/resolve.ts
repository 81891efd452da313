import { Resolver, lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Failure } from './failure';

/** How long one DNS server may take for one question, and how often it is asked, before the name counts as unknown. */
const question = { timeout: 2_000, tries: 2 };

/**
 * A `lookup` for `node:net`, `node:tls` and `node:https` that asks one DNS server instead of the system's resolver, so
 * that names which exist nowhere else (the sandbox's) resolve without touching the machine.
 *
 * @param server address of the server, with a port where it is not 53: `172.20.0.2`, `127.0.0.1:5353`.
 * @throws Failure when that is no address.
 */
export function lookupVia(server: string): LookupFunction {
  const resolver = new Resolver(question);
  try {
    resolver.setServers([server]);
  } catch (cause) {
    throw new Failure({
      what: `"${server}" is not the address of a DNS server`,
      next: 'set COGNI_DNS to an IP address, or leave it unset',
      cause,
    });
  }
  return (name, options, callback) => {
    const { all = false, family = 0 }: LookupOptions = options;
    addresses(resolver, name, family).then(
      (found) => {
        const [first] = found;
        if (first === undefined) callback(notFound(name, server), all ? [] : '', 0);
        else if (all) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (reason: unknown) => callback(reason as NodeJS.ErrnoException, all ? [] : '', 0),
    );
  };
}

/** The `lookup` that COGNI_DNS asks for; the system's where it is unset or empty. */
export const lookupFrom = (dnsServer: string | undefined): LookupFunction =>
  dnsServer === undefined || dnsServer === '' ? systemLookup : lookupVia(dnsServer);

/**
 * A `lookup` that knows some names by itself, and asks another one for all others.
 *
 * @param known IPv4 addresses, by name
 */
export const lookupOf =
  (known: Readonly<Record<string, string>>, otherwise: LookupFunction): LookupFunction =>
  (name, options, callback) => {
    const address = Object.hasOwn(known, name) ? known[name] : undefined;
    if (address === undefined) otherwise(name, options, callback);
    // As every resolver: never before the call has returned.
    else if (options.all) setImmediate(() => callback(null, [{ address, family: 4 }]));
    else setImmediate(() => callback(null, address, 4));
  };

/** The addresses of a name, as texts, IPv4 first. Rejects where there are none. */
export const addressesOf = (name: string, lookup: LookupFunction): Promise<string[]> =>
  new Promise((resolve, reject) => {
    lookup(name, { all: true }, (error, found) => {
      if (error) reject(error);
      else resolve(typeof found === 'string' ? [found] : found.map(({ address }) => address));
    });
  });

async function addresses(
  resolver: Resolver,
  name: string,
  family: LookupOptions['family'],
): Promise<LookupAddress[]> {
  const ask = (version: 4 | 6): Promise<LookupAddress[]> =>
    new Promise((resolve, reject) => {
      const answer = (error: NodeJS.ErrnoException | null, found: string[]): void => {
        // A name may well have addresses of one family only.
        if (error && !['ENODATA', 'ENOTFOUND'].includes(error.code ?? '')) reject(error);
        else resolve(error ? [] : found.map((address) => ({ address, family: version })));
      };
      if (version === 4) resolver.resolve4(name, answer);
      else resolver.resolve6(name, answer);
    });
  const versions = ([4, 6] as const).filter((version) => !family || String(family).endsWith(String(version)));
  return (await Promise.all(versions.map(ask))).flat();
}

const notFound = (name: string, server: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${server} knows no address of ${name}`), { code: 'ENOTFOUND', hostname: name });
