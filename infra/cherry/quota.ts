import type { PlannedChange } from './account-gate';
import type { Address, Server } from './client';
import type { AccountFacts } from './preflight';

/** Floating addresses that there may be for each server, those of all servers together (vendor's documentation). */
const addressesPerServer = 4;

/**
 * What is known of quotas where a plan orders something; nothing where it orders nothing. No answer of the API holds a quota (cherrygo
 * 3.9, its shapes of teams, projects and users), so that none can stop a plan: it is said what is there already.
 */
export function quotaNotes(
  changes: readonly PlannedChange[],
  { servers, addresses }: Pick<AccountFacts, 'servers' | 'addresses'>,
): readonly string[] {
  if (servers === undefined || !('value' in servers)) return [];
  const living = servers.value.filter(({ state }) => state !== 'terminating');
  return [
    ...(adds(changes, 'cherryservers_server') ? [serverNote(living)] : []),
    ...(adds(changes, 'cherryservers_ip') && addresses !== undefined && 'value' in addresses
      ? addressNotes(living, addresses.value)
      : []),
  ];
}

/** Whether there is one more of them for a time, or for good: of what is destroyed first, the place is free again. */
const adds = (changes: readonly PlannedChange[], wanted: string): boolean =>
  changes.some(({ type, actions }) => type === wanted && actions[0] === 'create');

const serverNote = (living: readonly Server[]): string =>
  `a server is ordered, and how many the account may have is said nowhere in the API (its project has ${living.length} now): where that quota is used up, ` +
  "Cherry refuses the order, nothing is made, and Cherry's support can raise it";

function addressNotes(living: readonly Server[], addresses: readonly Address[]): readonly string[] {
  const floating = addresses.filter(({ type }) => type === 'floating-ip').length;
  const most = addressesPerServer * Math.max(1, living.length);
  return floating < most
    ? []
    : [
        `a floating address is ordered, and Cherry documents ${addressesPerServer} for each server: the project has ${floating} of them and ${living.length} ${living.length === 1 ? 'server' : 'servers'}, so that ` +
          "the order will probably be refused, with nothing made. Remove one that nobody uses, or let Cherry's support raise the quota first",
      ];
}
