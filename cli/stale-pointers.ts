import { isIP } from 'node:net';
import { ExitCode, Failure, messageOf } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
import { addressesOf, lookupFrom } from '../foundation/resolve';
import { findRecord } from '../stacks/here';
import type { SyncRow } from '../workflows';
import { hostKeyAlias, knownHostsFile, tryHostOutputs } from './host-access';

/** What points at a host, as each place has it; undefined where nobody could look. */
export interface Pointers {
  readonly domain: string;
  /** Out of the state. */
  readonly address: string | undefined;
  readonly hostKey: string | undefined;
  /** The lines of the pin that this checkout has. */
  readonly pinned: string | undefined;
  /** Addresses that DNS gives for the domain; none where it knows no such name. */
  readonly resolved: readonly string[];
  /** What a sync would do. */
  readonly atGithub: readonly SyncRow[] | undefined;
}

/** What points elsewhere than the state says, in words; names and addresses of hosts are no secret. */
export function pointerFaults(pointers: Pointers): readonly string[] {
  const { domain, address, hostKey, pinned, resolved, atGithub = [] } = pointers;
  const atHost = atGithub.filter(({ name }) => name === 'VM_HOST' || name === 'VM_HOST_KEY');
  return [
    ...(address === undefined || resolved.includes(address)
      ? []
      : [`DNS: ${domain} leads to ${resolved.join(', ') || 'nowhere'}, and the host is ${address}`]),
    ...(hostKey === undefined || pinned === undefined || pinned.includes(hostKey)
      ? []
      : ['key: the host key that is pinned here is not the one in the state']),
    ...atHost.flatMap(({ name, action }) => {
      if (action === 'change') return [`GitHub: ${name} is not what the state says`];
      return action === 'make' ? [`GitHub: ${name} is missing`] : [];
    }),
    ...atGithub
      .filter(({ kind, action }) => kind === 'secret' && action === 'make')
      .map(({ name }) => `GitHub: the secret ${name} is missing`),
  ];
}

/**
 * Looks at everything that points at the host of an environment: DNS, the pinned key, GitHub's variables and secrets.
 *
 * @param syncRows asks GitHub; undefined where there is no token for it
 * @returns what was looked at
 * @throws Failure that names every pointer that is stale
 */
export async function checkPointers(
  name: string,
  syncRows: (() => Promise<readonly SyncRow[]>) | undefined,
): Promise<{ readonly looked: readonly string[]; readonly notLooked: readonly string[] }> {
  const record = findRecord(name);
  const outputs = await tryHostOutputs(record);
  const address = record.host.kind === 'existing' ? record.host.address : outputs?.address;
  const known = tryReadFile(knownHostsFile(name));
  const faults = pointerFaults({
    domain: record.domain,
    address: address !== undefined && isIP(address) ? address : undefined,
    hostKey: outputs?.hostKey,
    pinned: known?.includes(hostKeyAlias(name)) ? known : undefined,
    resolved: await resolvedHere(record.domain),
    atGithub: await syncRows?.(),
  });
  if (faults.length > 0) {
    throw new Failure({
      what: `these point elsewhere than at the host of ${name}`,
      faults,
      next: `DNS: change the A record; GitHub: ./cogni settings sync ${name}; key: ./cogni host check ${name}, before anything is deployed`,
      exitCode: ExitCode.failed,
    });
  }
  return {
    looked: ['DNS', ...(known === undefined ? [] : ['pinned key']), ...(syncRows ? ['GitHub'] : [])],
    notLooked: [
      ...(known === undefined ? ['pinned key: none here yet'] : []),
      ...(syncRows ? [] : ['GitHub: GITHUB_TOKEN or the repository is not set']),
    ],
  };
}

/** @throws Failure when DNS does not answer: that a name is unknown is an answer */
async function resolvedHere(domain: string): Promise<readonly string[]> {
  try {
    return await addressesOf(domain, lookupFrom(process.env['COGNI_DNS']));
  } catch (thrown) {
    const { code } = thrown as { readonly code?: string };
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw new Failure({
      what: `DNS could not be asked for ${domain}: ${messageOf(thrown)}`,
      next: 'run the same command again when it answers',
    });
  }
}
