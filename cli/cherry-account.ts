import { systemClock } from '../foundation/clock';
import { httpsThrough, proxyFrom } from '../foundation/proxy';
import { lookupFrom } from '../foundation/resolve';
import { Secret } from '../foundation/secret';
import { trustedAuthorities } from '../foundation/trust';
import {
  cherryApi,
  cherryChanges,
  CherryApiError,
  type CherryApi,
  type CherryApiProps,
  type CherryChanges,
} from '../infra/cherry/client';
import type { Wanted } from '../infra/cherry/preflight';
import { AccountGate, type PlannedChange } from '../infra/cherry/account-gate';
import { byHand } from '../infra/plan/by-hand';
import { readPlan, type Review } from '../review';
import { cherryToken } from './cherry-token';
import type { PlanTarget } from './plan-target';

/** The Cherry API as Terraform's provider reaches it from here: same token, same proxy, same authorities. */
export const cherryApiHere = (signal: AbortSignal | undefined): CherryApi => cherryApi(apiPropsHere(signal));

/** What is changed there of a server that is given up. */
export const cherryChangesHere = (signal: AbortSignal | undefined): CherryChanges =>
  cherryChanges(apiPropsHere(signal));

function apiPropsHere(signal: AbortSignal | undefined): CherryApiProps {
  const token = cherryToken(process.env);
  const reach = {
    authorities: trustedAuthorities({ extra: process.env['COGNI_CA'] }),
    lookup: lookupFrom(process.env['COGNI_DNS']),
  };
  const https = httpsThrough(reach, proxyFrom(process.env));
  return {
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
  };
}

/** What a host of this target needs of the account. */
export const wantedOf = ({
  environment,
  host,
  stack,
  at,
}: Omit<PlanTarget, 'kind'>): Omit<Wanted, 'state' | 'imports'> => ({
  environment: environment.name,
  hostName: host.name,
  stack,
  projectId: host.projectId,
  plan: host.plan,
  region: host.region,
  image: host.image,
  ...(environment.rehearses === undefined
    ? { key: { label: `${host.name}-deploy`, line: host.deployKey.line } }
    : {}),
  forget: (address) => byHand(at, 'state', 'rm', address),
});

/** What the account is asked around a plan of this target. */
export const accountGateOf = (target: PlanTarget): AccountGate =>
  new AccountGate({ api: cherryApiHere(target.at.signal), kind: target.kind, wanted: wantedOf(target) });

/** What a plan does, as far as the account is concerned. */
export function plannedChanges({ changes }: Review, json: string): readonly PlannedChange[] {
  const imported = new Map(
    (readPlan(json).resource_changes ?? []).map(({ address, change }) => [address, change.importing?.id]),
  );
  return changes.map(({ address, type, actions, verdict }) => ({
    address,
    type,
    actions,
    wipes: verdict === 'WIPE',
    imports: imported.get(address),
  }));
}
