import { systemClock } from '../foundation/clock';
import { httpsThrough, proxyFrom } from '../foundation/proxy';
import { lookupFrom } from '../foundation/resolve';
import { Secret } from '../foundation/secret';
import { trustedAuthorities } from '../foundation/trust';
import { cherryApi, CherryApiError, type CherryApi } from '../infra/cherry/client';
import { orphanAdvice, orphansOf } from '../infra/cherry/orphans';
import type { Wanted } from '../infra/cherry/preflight';
import type { Import } from '../infra/plan/imports';
import type { StateFacts } from '../infra/plan/state-facts';
import { messageOf } from '../foundation/failure';
import type { PlanTarget } from './plan-target';

/** The Cherry API as Terraform's provider reaches it from here: same token, same proxy, same authorities. */
export function cherryApiHere(signal: AbortSignal | undefined): CherryApi {
  const token = process.env['CHERRY_AUTH_KEY'] || process.env['CHERRY_AUTH_TOKEN'];
  const reach = {
    authorities: trustedAuthorities({ extra: process.env['COGNI_CA'] }),
    lookup: lookupFrom(process.env['COGNI_DNS']),
  };
  const https = httpsThrough(reach, proxyFrom(process.env));
  return cherryApi({
    https: (request) => {
      if (!token)
        throw new CherryApiError(
          'token',
          'no Cherry token: neither CHERRY_AUTH_TOKEN nor CHERRY_AUTH_KEY is set',
        );
      return https(request);
    },
    token: Secret.of('CHERRY_AUTH_TOKEN', token ?? ''),
    clock: systemClock,
    signal,
  });
}

/** What the plan of a host needs of the account. */
export const wantedBy = (
  { environment, host, stack }: PlanTarget,
  state: StateFacts,
  imports: readonly Import[],
): Wanted => ({
  environment: environment.name,
  hostName: host.name,
  stack,
  projectId: host.projectId,
  plan: host.plan,
  region: host.region,
  image: host.image,
  key: { label: `${host.name}-deploy`, line: host.deployKey.line },
  state,
  imports,
});

/** Servers that a failed apply left behind, each with the way back; or why that cannot be said. */
export async function leftBehind(
  api: CherryApi,
  { environment, host, stack }: PlanTarget,
  state: StateFacts,
): Promise<readonly string[]> {
  try {
    const servers = await api.servers(host.projectId);
    const belonging = { environment: environment.name, hostName: host.name };
    return orphansOf(servers, state, belonging).map((server) => orphanAdvice(server, stack));
  } catch (thrown) {
    return [
      `whether it left a server behind that the state does not know cannot be said: ${messageOf(thrown)}; ./cogni plan ${stack} asks again before it plans`,
    ];
  }
}
