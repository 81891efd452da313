import type { Server } from './client';
import type { StateFacts } from '../plan/state-facts';
import { idsOfType } from '../plan/state-facts';
import { importBlock } from '../plan/imports';
import { removal, standingOf } from './standing';

/** Addresses of what a host's stack makes (`infra/host-stack.ts`). */
export const serverAddress = 'cherryservers_server.host';
export const keyAddress = 'cherryservers_ssh_key.deploy_key';

/** Which servers are an environment's: by host name, or by the label that ours have. */
export interface Belonging {
  readonly environment: string;
  readonly hostName: string;
}

/** Whether a server carries our host name or our label. */
export const isOf = ({ hostname, name, tags }: Server, { environment, hostName }: Belonging): boolean =>
  [hostname, name].includes(hostName) || tags?.['environment'] === environment;

/**
 * Servers that the API has for an environment and its state does not know: each costs money, and the next apply would
 * order a twin beside it.
 */
export const orphansOf = (
  servers: readonly Server[],
  state: StateFacts,
  belonging: Belonging,
): readonly Server[] => {
  const known = idsOfType(state, 'cherryservers_server');
  return servers.filter(
    (server) =>
      server.state !== 'terminating' && !known.includes(String(server.id)) && isOf(server, belonging),
  );
};

/**
 * What an orphan is, in a line, and the ways back: to keep it, or to remove it. One without a system is not worth keeping,
 * and one that is still being installed can be kept when that has ended.
 */
export function orphanAdvice(server: Server, stack: string, address = serverAddress): string {
  const { id, hostname, name, state, created_at: created, ip_addresses: addresses } = server;
  const standing = standingOf(server);
  const primary = addresses?.find(({ type }) => type === 'primary-ip')?.address;
  const facts = [state, primary, created ? `since ${created}` : undefined].filter(Boolean).join(', ');
  return [
    `server ${id} "${hostname ?? name ?? ''}" (${facts}) exists at Cherry, is paid for, and is not in the state`,
    ...(standing === 'failed'
      ? [`    it has no system (${server.status ?? state}): there is nothing in it to keep`]
      : [
          `    keep it:   ./cogni plan ${stack} --import ${address}=${id}${standing === 'deploying' ? '    (when it is active, not before)' : ''}`,
          '               which adds, for that plan alone:',
          ...importBlock({ address, id: String(id) })
            .split('\n')
            .map((line) => `                 ${line}`),
        ]),
    `    remove it: ${removal(server)}`,
  ].join('\n');
}
