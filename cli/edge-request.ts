import type { EdgeSite } from '../deploy/edge/apply';
import type { EdgeRequest } from '../deploy/edge/request';
import { systemClock } from '../foundation/clock';
import type { Environment } from '../stacks/environment';
import { findEnvironment } from '../stacks/here';
import { findHost } from './host-access';
import { hostNeedsHere } from './host-needs';
import { operator } from './operator';

/**
 * What a change of an environment's edge needs to know, gathered from its record, the state and this machine.
 *
 * @throws Failure for a host that somebody else made: no edge is rendered for it
 */
export async function edgeRequest(
  name: string,
  replaceContainer: boolean,
): Promise<{ readonly request: EdgeRequest; readonly site: EdgeSite }> {
  const environment = findEnvironment(name);
  const extraCa = process.env['COGNI_CA'];
  const dnsServer = process.env['COGNI_DNS'];
  return {
    request: requestFor(environment, replaceContainer),
    site: {
      host: await findHost(environment),
      ...(extraCa ? { extraCa } : {}),
      ...(dnsServer ? { dnsServer } : {}),
    },
  };
}

/** The edge as it is rendered; undefined for a host that somebody else made. */
export function edgeOfOurs(name: string): EdgeRequest | undefined {
  const environment = findEnvironment(name);
  return environment.host.kind === 'cherry' ? requestFor(environment, false) : undefined;
}

const requestFor = (environment: Environment, replaceContainer: boolean): EdgeRequest => ({
  environment: environment.name,
  domain: environment.domain,
  files: hostNeedsHere(environment).edge.files,
  by: operator(),
  replaceContainer,
  at: systemClock.now(),
});
