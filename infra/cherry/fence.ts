import { ExitCode, Failure } from '../../foundation/failure';
import { CherryApiError, type Address, type CherryApi, type CherryChanges, type Server } from './client';

/** What still has to be done so that a server can neither answer for us nor be taken for ours. */
export type FenceAct = 'power-off' | 'rename' | { readonly detach: string };

export interface FenceProps {
  readonly api: Pick<CherryApi, 'servers' | 'addresses'>;
  readonly changes: CherryChanges;
  readonly environment: string;
  readonly hostName: string;
  readonly projectId: number;
  /** Number of the server that is given up. */
  readonly server: number;
}

/** A host name (RFC 1123) that no command takes for the host. */
export const fencedName = (hostName: string, server: number): string =>
  `lost-${server}-${hostName}`.slice(0, 63).replace(/-+$/, '');

/**
 * What is left to do for a server to be out of the way, by what the API says of it now; nothing, where it is gone or being ended. Pure.
 *
 * The power goes first: what still serves or takes data ends with it, and its disk stays for whoever wants to look at it.
 */
export function fenceActs(
  server: Server | undefined,
  addresses: readonly Address[],
  hostName: string,
): readonly FenceAct[] {
  if (server === undefined || server.state === 'terminating') return [];
  const renamed = fencedName(hostName, server.id);
  return [
    ...(server.state === 'active' ? (['power-off'] as const) : []),
    ...addresses
      .filter(({ type, targeted_to: target }) => type === 'floating-ip' && target?.id === server.id)
      .map(({ id }) => ({ detach: id })),
    ...([server.hostname, server.name].every((name) => name === renamed) &&
    server.tags?.['environment'] === undefined
      ? []
      : (['rename'] as const)),
  ];
}

/** What the API says of the server now, and what is still to be done. */
export async function lookAtFence({
  api,
  projectId,
  server: id,
  hostName,
}: Omit<FenceProps, 'changes'>): Promise<{
  readonly server: Server | undefined;
  readonly acts: readonly FenceAct[];
}> {
  const server = (await api.servers(projectId)).find((each) => each.id === id);
  const addresses = server === undefined ? [] : await api.addresses(projectId);
  return { server, acts: fenceActs(server, addresses, hostName) };
}

/**
 * Takes a server that is given up out of the way: its power ends, floating addresses leave it, and its record loses our host name and
 * label. It is not deleted: its disk may hold what nobody else has.
 *
 * @returns what was done, for people
 * @throws Failure when the API does not do it; what was done by then stays done, and the same call goes on
 */
export async function fenceServer(props: FenceProps): Promise<readonly string[]> {
  const { changes, server: id, hostName, environment } = props;
  try {
    const { acts, server } = await lookAtFence(props);
    if (server === undefined) return [`server ${id} is not at Cherry any more`];
    for (const act of acts) {
      if (act === 'power-off') await changes.powerOff(id);
      else if (act === 'rename')
        await changes.rename(id, { name: fencedName(hostName, id), tags: { 'given-up-by': environment } });
      else await changes.detach(act.detach);
    }
    const left = (await lookAtFence(props)).acts;
    if (left.length > 0) throw notDone(props, `the API took it, and shows the server as before`, undefined);
    return [
      `server ${id} is switched off${acts.some((act) => typeof act === 'object') ? ', has no floating address' : ''} and is called ${fencedName(hostName, id)}; it is still paid for`,
    ];
  } catch (thrown) {
    if (!(thrown instanceof CherryApiError)) throw thrown;
    throw notDone(props, thrown.message, thrown);
  }
}

const notDone = ({ server, environment, hostName }: FenceProps, why: string, cause: unknown): Failure =>
  new Failure({
    what: `server ${server} could not be taken out of the way: ${why}`,
    state: 'it may still answer at its address; nothing was ordered',
    next: `in the provider’s console switch it off, take floating addresses from it and call it ${fencedName(hostName, server)} without the label environment=${environment}, or remove it; then go on`,
    exitCode: ExitCode.failed,
    cause,
  });
