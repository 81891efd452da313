import { renderUserData, UnfitHostNeeds, type CommandKey, type HostNeeds } from '../bootstrap';
import { Failure } from '../foundation/failure';
import { renderEdge, type EdgeProps } from '../services/edge/edge';
import { receiverCommand } from '../services';
import { imageReference } from '../services/images';
import { sourcecredUpstream } from '../services/sourcecred/sourcecred';
import type { Environment, EnvironmentRecord, ResolvedCherryHost } from './environment';
import { imageLockOf } from './image-lock';

/** What an environment's edge is rendered from. @throws Failure when Caddy has no digest yet */
export const edgePropsOf = (environment: Environment): EdgeProps =>
  edgeOfRecord(environment, imageReference(imageLockOf(environment), 'caddy'));

/** The same by its record alone: everything but the image, which is Caddy's. */
export const edgeOfRecord = (
  { domain, www, acme, trustedProxies, sourcecred }: EnvironmentRecord | Environment,
  image: EdgeProps['image'],
): EdgeProps => ({
  domain,
  www,
  acme,
  image,
  ...(trustedProxies ? { trustedProxies } : {}),
  ...(sourcecred ? { sourcecred: sourcecredUpstream(sourcecred) } : {}),
});

/** The receiver's key, and all that it can do: to be joined to the socket of the database, as a user whom that lets fetch the log alone. */
export function receiverKeyOf({ archive }: Pick<EnvironmentRecord, 'archive'>): CommandKey | undefined {
  const key = archive?.receiver?.key;
  return key === undefined ? undefined : { key, command: receiverCommand };
}

/** What the bootstrap of an environment's host needs: users, swap, and the files of the edge as rendered today. */
export const hostNeedsOf = (environment: Environment, host: ResolvedCherryHost): HostNeeds => ({
  hostName: host.name,
  deployKeys: [host.deployKey.line],
  ...commandKeysOf(environment),
  swapBytes: host.swapMebibytes * 1024 * 1024,
  edge: { domain: environment.domain, files: renderEdge(edgePropsOf(environment)) },
});

function commandKeysOf(environment: Environment): Pick<HostNeeds, 'commandKeys'> {
  const key = receiverKeyOf(environment);
  return key === undefined ? {} : { commandKeys: [key] };
}

/**
 * The cloud-init document of an environment's host, without an enrollment token.
 *
 * @throws Failure with every fault: an image without a digest, a document over the limit
 */
export function userDataOf(environment: Environment, host: ResolvedCherryHost): string {
  const needs = hostNeedsOf(environment, host);
  try {
    return renderUserData(needs);
  } catch (cause) {
    if (!(cause instanceof UnfitHostNeeds)) throw cause;
    throw new Failure({
      what: `no user-data can be rendered for ${environment.name}`,
      faults: cause.faults,
      next: `mend its record in stacks/environments.ts, then: ./cogni render ${environment.name}`,
      cause,
    });
  }
}
