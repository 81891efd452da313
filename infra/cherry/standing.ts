import type { StateFacts } from '../plan/state-facts';
import { idsOfType } from '../plan/state-facts';
import type { Server } from './client';

/**
 * How a server that the state has stands at the API. Terraform itself looks at none of it: what is gone it orders anew
 * without a word, and what failed to deploy it calls unchanged.
 */
export type Standing = 'well' | 'gone' | 'terminating' | 'failed' | 'deploying';

export interface StandingServer {
  /** As the state has it. */
  readonly id: string;
  readonly standing: Standing;
  /** As the API has it; undefined when it is gone. */
  readonly server: Server | undefined;
}

/** Every server of the state, as the API's list of the project has it. */
export const standingsOf = (state: StateFacts, servers: readonly Server[]): readonly StandingServer[] =>
  idsOfType(state, 'cherryservers_server').map((id) => {
    const server = servers.find((each) => String(each.id) === id);
    return { id, server, standing: server === undefined ? 'gone' : standingOf(server) };
  });

/** Source of the words: `state` and `status` of the API's servers, as its clients take them. */
export function standingOf({ state, status }: Pick<Server, 'state' | 'status'>): Exclude<Standing, 'gone'> {
  if (state === 'terminating') return 'terminating';
  if (state === 'failed' || /fail/i.test(status ?? '')) return 'failed';
  if (['pending', 'provisioning'].includes(state) || ['deploying', 'pending'].includes(status ?? ''))
    return 'deploying';
  return 'well';
}

/** Whether a plan has to order a server in the place of this one. */
export const isLost = ({ standing }: StandingServer): boolean => ['gone', 'terminating'].includes(standing);

/** What should be known before anything is planned; undefined for one that is well. */
export function standingNote({ id, standing, server }: StandingServer, stack: string): string | undefined {
  const name = nameOf(id, server);
  switch (standing) {
    case 'well':
      return undefined;
    case 'gone':
      return `${name} of the state is no longer at Cherry, and its disk with it: this plan orders another one. Its address may be a stranger's by now`;
    case 'terminating':
      return `${name} is being ended at Cherry (or was reclaimed), and its disk with it: this plan orders another one. A floating address of it is free only when it is gone`;
    case 'failed':
      return `${name} has no system: Cherry says "${server?.status ?? server?.state}". Terraform does not look at that`;
    case 'deploying':
      return `${name} is still being installed ("${server?.status ?? server?.state}"), whatever Terraform says: ./cogni host wait ${stack}`;
  }
}

/** Why a plan that leaves a server without a system as it is would be called safe for nothing; with the way out. */
export function failedFault({ id, standing, server }: StandingServer, stack: string): string | undefined {
  if (standing !== 'failed' || server === undefined) return undefined;
  return [
    `${nameOf(id, server)} has no system: Cherry says "${server.status ?? server.state}". This plan leaves it as it is, since Terraform does not look at that`,
    `    remove it: ${removal(server)}`,
    `    then plan anew, which orders another one: ./cogni plan ${stack}`,
  ].join('\n');
}

/**
 * How a server is removed by hand, in a shell. The token goes to curl on its standard input, by a `printf` that shells have built in: whoever else is
 * on that machine can read what programs were called with.
 */
export const removal = ({ id }: { readonly id: number | string }): string =>
  `printf 'Authorization: Bearer %s' "$CHERRY_AUTH_TOKEN" | curl -fsS -X DELETE -H @- https://api.cherryservers.com/v1/servers/${id}`;

const nameOf = (id: string, server: Server | undefined): string =>
  server === undefined ? `server ${id}` : `server ${id} "${server.hostname ?? server.name ?? ''}"`;
