import { renderUserData, UnfitHostNeeds, type HostNeeds } from '../bootstrap';
import { Failure } from '../foundation/failure';
import { renderEdge, type EdgeProps } from '../services/edge/edge';
import { committedImageLock, imageReference, loadImageLock } from '../services/images';
import { sourcecredUpstream } from '../services/sourcecred/sourcecred';
import type { Environment, ResolvedCherryHost } from './environment';
import { sourcecredPropsOf } from './sourcecred';

/** What an environment's edge is rendered from. */
export function edgePropsOf(environment: Environment): EdgeProps {
  const lock = environment.sandbox ? loadImageLock(environment.sandbox.imageLockFile) : committedImageLock();
  const { domain, www, acme, trustedProxies } = environment;
  const scored = sourcecredPropsOf(environment);
  return {
    domain,
    www,
    acme,
    image: imageReference(lock, 'caddy'),
    ...(trustedProxies ? { trustedProxies } : {}),
    ...(scored ? { sourcecred: sourcecredUpstream(scored) } : {}),
  };
}

/** What the bootstrap of an environment's host needs: users, swap, and the files of the edge as rendered today. */
export const hostNeedsOf = (environment: Environment, host: ResolvedCherryHost): HostNeeds => ({
  hostName: host.name,
  deployKeys: [host.deployKey.line],
  swapBytes: host.swapMebibytes * 1024 * 1024,
  edge: { domain: environment.domain, files: renderEdge(edgePropsOf(environment)) },
});

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
