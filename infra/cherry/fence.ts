import { systemClock, type Clock } from '../../foundation/clock';
import { ExitCode, Failure } from '../../foundation/failure';
import { CherryApiError, type Address, type CherryApi, type CherryChanges, type Server } from './client';
import { standingOf } from './standing';

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
  /** @default the machine's own */
  readonly clock?: Pick<Clock, 'monotonic' | 'sleep'>;
  /** Ends the wait for a server that is being installed. */
  readonly signal?: AbortSignal;
}

/** Milliseconds in which a server that the provider installs is waited for: until it is done, its power cannot be switched. */
const installing = 20 * 60_000;

/** Milliseconds between two looks at it. */
const lookAgain = 10_000;

/** A host name (RFC 1123) that no command takes for the host. */
export const fencedName = (hostName: string, server: number): string =>
  `lost-${server}-${hostName}`.slice(0, 63).replace(/-+$/, '');

/** What the API says of a server that has no power, or never got a system. Any other, also one in a state that is not known here, may answer. */
const silentStates: readonly string[] = ['inactive', 'failed'];

/**
 * What is left to do for a server to be out of the way, by what the API says of it now; nothing, where it is gone or being ended. Pure.
 *
 * The power goes first: what still serves or takes data ends with it, and its disk stays for whoever wants to look at it. One that is being installed
 * comes up with our user-data when that is done, and its power cannot be switched before: it loses its addresses first.
 */
export function fenceActs(
  server: Server | undefined,
  addresses: readonly Address[],
  hostName: string,
): readonly FenceAct[] {
  if (server === undefined || server.state === 'terminating') return [];
  const renamed = fencedName(hostName, server.id);
  const power: readonly FenceAct[] = silentStates.includes(server.state) ? [] : ['power-off'];
  const detaching = addresses
    .filter(({ type, targeted_to: target }) => type === 'floating-ip' && target?.id === server.id)
    .map(({ id }): FenceAct => ({ detach: id }));
  return [
    ...(isInstalled(server) ? [...power, ...detaching] : [...detaching, ...power]),
    ...([server.hostname, server.name].every((name) => name === renamed) &&
    server.tags?.['environment'] === undefined
      ? []
      : (['rename'] as const)),
  ];
}

const isInstalled = (server: Server): boolean => standingOf(server) !== 'deploying';

/** What the API says of the server now, and what is still to be done. */
export async function lookAtFence({
  api,
  projectId,
  server: id,
  hostName,
}: Pick<FenceProps, 'api' | 'projectId' | 'server' | 'hostName'>): Promise<{
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
      if (act === 'power-off') {
        if (!isInstalled(server) && !(await becomesInstalled(props)))
          return [`server ${id} is not at Cherry any more`];
        await changes.powerOff(id);
      } else if (act === 'rename')
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

/** @returns false where it is gone meanwhile @throws Failure when it takes too long */
async function becomesInstalled(props: FenceProps): Promise<boolean> {
  const { clock = systemClock, signal } = props;
  const until = clock.monotonic() + installing;
  for (;;) {
    const { server } = await lookAtFence(props);
    if (server === undefined || server.state === 'terminating') return false;
    if (isInstalled(server)) return true;
    if (clock.monotonic() >= until)
      throw notDone(
        props,
        `the provider still installs it ("${server.status ?? server.state}") after ${installing / 60_000} min, and takes no change of its power meanwhile`,
        undefined,
      );
    await clock.sleep(lookAgain, signal);
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
