import type { HostCheck } from '../../deploy/host/check';
import type { Server } from '../../infra/cherry/client';
import type { ApiWord, HostWord, OthersWord } from './case';

export const primaryOf = ({ ip_addresses: addresses }: Server): string | undefined =>
  addresses?.find(({ type }) => type === 'primary-ip')?.address;

/** @param expected the address that the state has */
export function apiWordOf(ours: Server | undefined, expected: string | undefined): ApiWord {
  if (ours === undefined) return 'gone';
  // "active" is the one word for a server that runs (reference on the Cherry API, section 7.3).
  if (ours.state !== 'active') return 'not active';
  // An answer without the field says nothing of keys.
  if (ours.ssh_keys?.length === 0) return 'no keys';
  const address = primaryOf(ours);
  return expected === undefined || address === undefined || address === expected ? 'same' : 'other address';
}

/** What is said of the servers beside ours, and at the addresses that may be ours too. */
export function othersWordOf({
  others,
  host,
  elsewhere,
  address,
}: {
  readonly others: readonly Server[];
  readonly host: HostCheck | undefined;
  readonly elsewhere: readonly HostCheck[];
  readonly address: string | undefined;
}): OthersWord {
  // A machine may have several addresses; the number of its boot tells that it is one.
  const boot = host?.evidence?.boot;
  const isHere = ({ evidence }: HostCheck): boolean => boot !== undefined && evidence?.boot === boot;
  if (elsewhere.some((check) => check.identity === 'pinned' && !isHere(check))) return 'pinned elsewhere';
  if (address !== undefined && others.some((server) => primaryOf(server) === address)) return 'address taken';
  return others.length > 0 ? 'twin' : 'none';
}

/**
 * @param check undefined where no source knew an address
 * @param hadData it is known from elsewhere that the environment had data: a machine without any is not one that is new
 */
export function hostWordOf(environment: string, check: HostCheck | undefined, hadData = false): HostWord {
  if (check === undefined) return 'no address';
  const { identity, evidence, bootstrap } = check;
  if (identity === 'other key' || identity === 'not pinned' || identity === 'silent') return identity;
  if (evidence === undefined) return 'closed';
  const { marker, disk, data, release } = evidence;
  if (marker === 'unreadable') return 'foreign';
  if (marker === 'none') {
    if (bootstrap !== 'done') return 'unfinished';
    if (release !== undefined) return 'unmarked';
    return hadData ? 'emptied' : 'fresh';
  }
  if (marker.environment !== environment) return 'foreign';
  if (disk !== undefined && disk !== marker.disk) return 'other disk';
  switch (data.state) {
    case 'silent':
      return 'data silent';
    case 'unmarked':
      return 'no data';
    case 'marked':
      if (data.id !== marker.data) return 'other data';
  }
  return bootstrap === 'done' ? 'well' : 'unfinished';
}
