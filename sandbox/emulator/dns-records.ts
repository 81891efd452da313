import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tryReadFile, writeAtomically } from '../../foundation/files';
import { addressesOf, listOf, type State } from './state';

/** Names that point to a server's primary address, by host name. */
export type Domains = Readonly<Record<string, readonly string[]>>;

/**
 * The address of each name, undefined where no server with that host name is deployed. Of several servers with one
 * host name the newest wins, as a person would have moved the record to it.
 */
export function recordsOf(state: State, domains: Domains): Map<string, string | undefined> {
  const newestFirst = listOf(state.servers).reverse();
  return new Map(
    Object.entries(domains).flatMap(([hostname, names]) => {
      const server = newestFirst.find(
        (candidate) =>
          candidate.hostname === hostname && candidate.installed && candidate.state !== 'terminating',
      );
      const address = server && addressesOf(state, server.id, 'primary-ip')[0]?.address;
      return names.map((name): [string, string | undefined] => [name, address]);
    }),
  );
}

/** Keeps a DNS server's folder of host files at what the state says: `<folder>/<name>` holds `<address> <name>`. */
export class DnsRecords {
  readonly #folder: string;
  readonly #domains: Domains;

  constructor(folder: string, domains: Domains) {
    this.#folder = folder;
    this.#domains = domains;
    mkdirSync(folder, { recursive: true });
  }

  /** Writes what differs; files of other names in the folder are left alone. */
  follow(state: State): void {
    for (const [name, address] of recordsOf(state, this.#domains)) {
      const file = join(this.#folder, name);
      const present = tryReadFile(file);
      if (address === undefined) {
        if (present !== undefined) rmSync(file, { force: true });
      } else if (present !== `${address} ${name}\n`) {
        // dnsmasq reads each new file in the folder at once, but none whose name begins with a dot: so it never
        // sees the temporary one as a second source of the same name.
        const unseen = join(this.#folder, `.${name}`);
        writeAtomically(unseen, `${address} ${name}\n`);
        renameSync(unseen, file);
      }
    }
  }
}
