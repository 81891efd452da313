import type { HostNeeds } from '../bootstrap';
import { ExitCode, Failure } from '../foundation/failure';
import type { Environment } from '../stacks/environment';
import { hostNeedsOf } from '../stacks/user-data';

/**
 * What a host of ours is to be today.
 * @throws Failure for a host that somebody else made: nothing is rendered for it
 */
export function hostNeedsHere(environment: Environment): HostNeeds {
  const { host } = environment;
  if (host.kind === 'cherry') return hostNeedsOf(environment, host);
  throw new Failure({
    what: `${environment.name} has a host that exists already (${host.address}): nothing is rendered for it`,
    next: 'look after it by whatever made it',
    exitCode: ExitCode.usage,
  });
}
