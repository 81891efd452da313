import { tryNextAddress, type AddressPool } from './address-pool';
import { tryFindRegion } from './catalogue';
import type { CreateAddressBody, UpdateAddressBody } from './inputs';
import {
  addressesOf,
  drop,
  listOf,
  own,
  put,
  took,
  type Address,
  type Project,
  type Server,
  type State,
} from './state';
import { found, refuseIf, Refused, type RuleName } from './validation';

/** Where addresses come from. */
export interface Pools {
  readonly primary: AddressPool;
  readonly floating: AddressPool;
  /** Exists in the API's records only; no machine has such an address. */
  readonly private: AddressPool;
}

type Pooled = Pick<Address, 'project' | 'region' | 'type' | 'server'>;

/** The state with one more address, taken from the pool. */
export function allocate(
  state: State,
  pool: AddressPool,
  wanted: Pooled,
  exhausted: RuleName,
): { state: State; address: Address } {
  const taken = new Set(Object.values(state.addresses).map(({ address }) => address));
  const address = found(tryNextAddress(pool, taken), exhausted);
  const record: Address = {
    ...wanted,
    id: `aaaaaaaa-0000-4000-8000-${String(state.next.address).padStart(12, '0')}`,
    address,
    cidr: wanted.type === 'floating-ip' ? `${address}/32` : pool.network,
    ptr: null,
    a: null,
    tags: {},
  };
  return { state: put(took(state, 'address'), 'addresses', record), address: record };
}

/** Orders a floating address. */
export function createAddress(
  state: State,
  project: Project,
  body: CreateAddressBody,
  pools: Pools,
): { state: State; address: Address } {
  const region = found(tryFindRegion(state.catalogue, body.region), 'unknownRegion');
  const servers = Object.values(state.servers).filter((server) => server.project === project.id);
  const floating = Object.values(state.addresses).filter(
    (address) => address.project === project.id && address.type === 'floating-ip',
  );
  const quota = state.settings.floatingPerServer * Math.max(1, servers.length);
  refuseIf(floating.length >= quota, 'floatingQuota', `${floating.length} of ${quota}.`);
  const place = { project: project.id, region: region.id };
  const server = targetOf(state, place, body) ?? null;
  const wanted: Pooled = { ...place, type: 'floating-ip', server };
  const allocated = allocate(state, pools.floating, wanted, 'noFloatingAddress');
  const address = {
    ...allocated.address,
    ...recordsOf(state, allocated.address, body),
    tags: body.tags ?? {},
  };
  return { state: put(allocated.state, 'addresses', address), address };
}

/** Retargets an address, or changes its DNS records and tags. What the body leaves out stays. */
export function updateAddress(
  state: State,
  address: Address,
  body: UpdateAddressBody,
): { state: State; address: Address } {
  const retargets = body.targeted_to !== undefined || body.routed_to !== undefined;
  refuseIf(retargets && address.type !== 'floating-ip', 'addressBelongsToServer');
  refuseIf(body.ptr_record !== undefined && absolute(body.ptr_record) === address.ptr, 'pointerRepeated');
  const changed: Address = {
    ...address,
    ...(retargets ? { server: targetOf(state, address, body) ?? null } : {}),
    ...recordsOf(state, address, body),
    tags: body.tags ?? address.tags,
  };
  return { state: put(state, 'addresses', changed), address: changed };
}

export function deleteAddress(state: State, address: Address): State {
  refuseIf(address.type !== 'floating-ip', 'addressBelongsToServer');
  return drop(state, 'addresses', address.id);
}

/** Addresses of a new server's `ip_addresses`: all must be free floating ones of its project and region. */
export function extraAddresses(
  state: State,
  ids: readonly string[],
  place: { readonly project: number; readonly region: number },
): Address[] {
  return ids.map((id) => {
    const address = found(own(state.addresses, id), 'unknownExtraAddress', id);
    refuseIf(address.server !== null, 'extraAddressTaken', id);
    refuseIf(
      address.project !== place.project || address.region !== place.region,
      'extraAddressElsewhere',
      id,
    );
    return address;
  });
}

/** What a server that is gone leaves: its own addresses go back to the pool, floating ones become free. */
export function released(state: State, server: Server): State {
  return addressesOf(state, server.id).reduce(
    (left, address) =>
      address.type === 'floating-ip'
        ? put(left, 'addresses', { ...address, server: null })
        : drop(left, 'addresses', address.id),
    state,
  );
}

/** The server that an address shall point to; undefined for none, which clients say as "0". */
function targetOf(
  state: State,
  place: { readonly project: number; readonly region: number },
  {
    targeted_to: target,
    routed_to: route,
  }: { targeted_to?: string | undefined; routed_to?: string | undefined },
): number | undefined {
  const server = route ? routeOf(state, route) : target && target !== '0' ? target : undefined;
  if (server === undefined) return undefined;
  const targeted = own(state.servers, server);
  if (!targeted || targeted.state === 'terminating') throw new Refused('unknownTarget', String(server));
  refuseIf(targeted.project !== place.project || targeted.region !== place.region, 'targetElsewhere');
  return targeted.id;
}

function routeOf(state: State, id: string): number | undefined {
  const route = found(own(state.addresses, id), 'unknownTarget', id);
  if (route.type !== 'primary-ip' || route.server === null) throw new Refused('targetNotRoutable');
  return route.server;
}

/** DNS records as the API stores them: with the domain it adds. An empty one is taken as left out. */
function recordsOf(
  state: State,
  address: Address,
  { ptr_record: ptr, a_record: a }: { ptr_record?: string | undefined; a_record?: string | undefined },
): Partial<Pick<Address, 'ptr' | 'a'>> {
  const name = a ? `${a.replace(/\.cloud\.cherryservers\.net\.?$/, '')}.cloud.cherryservers.net.` : undefined;
  const holder = listOf(state.addresses).find((other) => name !== undefined && other.a === name);
  refuseIf(holder !== undefined && holder.id !== address.id, 'recordTaken', a);
  return { ...(ptr ? { ptr: absolute(ptr) } : {}), ...(name ? { a: name } : {}) };
}

const absolute = (name: string): string => (name.endsWith('.') ? name : `${name}.`);
