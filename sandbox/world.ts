import { createHash } from 'node:crypto';
import { join } from 'node:path';

/**
 * Names, paths and addresses of one sandbox. Everything it makes on the machine carries its id, so that two checkouts
 * never touch each other's parts, and `down` finds what it made even after a crash.
 */
export interface World {
  /** Eight hex digits, derived from the folder's path. */
  readonly id: string;
  /** The one folder of its state: `<checkout>/.cogni/<name>`. */
  readonly folder: string;
  /** Docker label on every container, network and volume: `dev.cogni.sandbox=<id>`. */
  readonly label: string;
  /** Docker network that all its parts and hosts are on. */
  readonly network: string;
}

/**
 * @param checkout absolute path of the checkout
 * @param name lets one checkout have several sandboxes side by side: the end-to-end tests have one of their own, so
 *   that they never touch the one a person is working with. @default 'sandbox'
 */
export function worldOf(checkout: string, name = 'sandbox'): World {
  const folder = join(checkout, '.cogni', name);
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 8);
  return {
    id,
    folder,
    label: `dev.cogni.sandbox=${id}`,
    network: `cogni-${id}`,
  };
}

/** Name of a container, volume or network of this sandbox: `cogni-<id>-<part>`. */
export const partName = (world: World, part: string): string => `cogni-${world.id}-${part}`;

/**
 * Weight (`--cpu-shares`; 1024 is usual) of what is a machine of its own in reality, a host or its visitors: what builds and
 * tests on the same processors does not slow it down.
 */
export const machineShares = 4096;

/** Host names inside the sandbox network. `.test` is reserved for such use (RFC 2606), so none can be real. */
export const sandboxNames = {
  /** Plays the public registry: pulls need no login. */
  hub: 'hub.cogni.test',
  /** Plays the private registry of our own images: everything needs a login. */
  ghcr: 'ghcr.cogni.test',
  /** Plays Let's Encrypt. */
  acme: 'acme.cogni.test',
  /** Plays the provider of the models: a stub. */
  models: 'models.cogni.test',
  /** Plays the object storage off the hosts, where archives of databases go. */
  s3: 's3.cogni.test',
  /** Where the environments' own domains live: `preview.cogni.test`. */
  zone: 'cogni.test',
} as const;
