import type { AddressPool } from './address-pool';
import { allocate, extraAddresses, type Pools } from './addresses';
import { tryFindImage, tryFindPlan, tryFindRegion, imagesOf } from './catalogue';
import type { ActionBody, CreateServerBody, UpdateServerBody } from './inputs';
import type { MachineSpec } from './machines';
import {
  addressesOf,
  drop,
  own,
  put,
  took,
  withJob,
  type Address,
  type Project,
  type Server,
  type State,
} from './state';
import { decodedUserData, found, isHostname, isPassword, refuseIf } from './validation';
import { planById } from './views';

/** What is outside the state but decides a transition. */
export interface Surroundings {
  /** Milliseconds since 1970 on the emulator's clock. */
  readonly now: number;
  readonly pools: Pools;
}

interface Changed {
  readonly state: State;
  readonly server: Server;
}

/** Orders a server: its record is there at once, its machine is a job. */
export function createServer(
  before: State,
  project: Project,
  body: CreateServerBody,
  { now, pools }: Surroundings,
): Changed {
  const { catalogue, settings } = before;
  const { timing } = settings;
  const team = Object.values(before.servers).filter(
    ({ project: id }) => before.projects[id]?.team === project.team,
  );
  refuseIf(team.length >= settings.serverQuota, 'serverQuota', `${team.length} of ${settings.serverQuota}.`);
  const plan = found(tryFindPlan(catalogue, body.plan), 'unknownPlan');
  const region = found(tryFindRegion(catalogue, body.region), 'unknownRegion');
  const offer = found(
    plan.regions.find(({ id }) => id === region.id),
    'planNotInRegion',
  );
  refuseIf(offer.stock === 0, 'outOfStock');
  const image = body.image ? tryFindImage(catalogue, plan, body.image) : imagesOf(catalogue, plan)[0];
  const { name, slug } = found(image, 'unknownImage', body.image);
  refuseIf(
    body.cycle !== undefined && !catalogue.cycles.some((cycle) => cycle.slug === body.cycle),
    'unknownCycle',
  );
  const id = before.next.server;
  const hostname = body.hostname || `server-${id}`;
  refuseIf(!isHostname(hostname), 'badHostname', hostname);
  const keys = keysOf(before, project, body.ssh_keys);
  const userData = userDataOf(body.user_data, settings.userDataLimit);
  const place = { project: project.id, region: region.id };
  const extra = extraAddresses(before, body.ip_addresses, place);

  const server: Server = {
    ...place,
    id,
    name: hostname,
    hostname,
    plan: plan.id,
    image: { name, slug },
    keys,
    tags: body.tags ?? {},
    bgp: false,
    spot: body.spot_market,
    state: 'pending',
    status: 'deploying',
    power: 'off',
    installed: false,
    created: now,
    due: {
      provisioning: now + timing.pending * 1000,
      active: now + (timing.pending + timing.provisioning) * 1000,
      deployed: now,
      gone: null,
    },
  };
  let state = put(took(before, 'server'), 'servers', server);
  const primary = allocate(
    state,
    pools.primary,
    { ...place, type: 'primary-ip', server: id },
    'noPrimaryAddress',
  );
  state = allocate(
    primary.state,
    pools.private,
    { ...place, type: 'private-ip', server: id },
    'noPrimaryAddress',
  ).state;
  state = extra.reduce((next, address) => put(next, 'addresses', { ...address, server: id }), state);
  const spec = specOf(state, server, primary.address, userData);
  const fails = settings.deployments === 'fail';
  state = withJob(
    { ...state, machineFaults: [] },
    id,
    { kind: 'create', spec, fails },
    server.due.active <= now,
  );
  return { state, server };
}

/** Changes the record only: a machine keeps the host name it was installed with. */
export function updateServer(state: State, server: Server, body: UpdateServerBody): Changed {
  refuseIf(server.state === 'terminating', 'serverTerminating');
  refuseIf(body.hostname !== undefined && !isHostname(body.hostname), 'badHostname', body.hostname);
  const changed: Server = {
    ...server,
    name: body.name ?? server.name,
    hostname: body.hostname ?? server.hostname,
    tags: body.tags ?? server.tags,
    bgp: body.bgp ?? server.bgp,
  };
  return { state: put(state, 'servers', changed), server: changed };
}

/**
 * Does what the action names. Both spellings are taken: the Go client's `power_on`, the Python client's `power-on`
 * and `rebuild`.
 */
export function actOnServer(
  state: State,
  server: Server,
  body: ActionBody,
  surroundings: Surroundings,
): Changed {
  refuseIf(server.state === 'terminating', 'serverTerminating');
  const action = found(actions[body.type.replaceAll('-', '_')], 'unknownAction', body.type);
  return action(state, server, body, surroundings);
}

const actions: Readonly<
  Record<string, (state: State, server: Server, body: ActionBody, s: Surroundings) => Changed>
> = {
  reinstall,
  rebuild: reinstall,
  power_on: (state, server) => power(state, server, 'on'),
  power_off: (state, server) => power(state, server, 'off'),
  reboot: (state, server) => power(state, server, 'reboot'),
  enter_rescue_mode: (state, server, body) => {
    refuseIf(!isPassword(body.password), 'badPassword');
    return deployed(state, server, { status: 'rescue mode' });
  },
  exit_rescue_mode: (state, server) => deployed(state, server, { status: 'deployed' }),
};

/** The disk is wiped and installed anew. The record says `deploying` before the call is answered. */
function reinstall(before: State, server: Server, body: ActionBody, { now, pools }: Surroundings): Changed {
  const { catalogue, settings } = before;
  refuseIf(!server.installed || server.status === 'deploying', 'serverNotDeployed');
  const wanted = found(body.image, 'reinstallWithoutImage');
  const { name, slug } = found(
    tryFindImage(catalogue, planById(catalogue, server.plan), wanted),
    'unknownImage',
    wanted,
  );
  refuseIf(!isPassword(body.password), 'badPassword');
  refuseIf(body.hostname !== undefined && !isHostname(body.hostname), 'badHostname', body.hostname);
  const keys = keysOf(before, before.projects[server.project]!, body.ssh_keys);
  const userData = userDataOf(body.user_data, settings.userDataLimit);
  const changed: Server = {
    ...server,
    image: { name, slug },
    hostname: body.hostname ?? server.hostname,
    keys,
    state: 'active',
    status: 'deploying',
    power: settings.reinstallPower,
    due: { ...server.due, deployed: now + settings.timing.reinstall * 1000 },
  };
  let state = put(before, 'servers', changed);
  if (settings.reinstallPrivateAddress === 'new')
    state = withOtherAddress(state, changed, 'private-ip', pools.private);
  if (settings.reinstallPrimaryAddress === 'new')
    state = withOtherAddress(state, changed, 'primary-ip', pools.primary);
  const primary = addressesOf(state, server.id, 'primary-ip')[0]!;
  const spec = specOf(state, changed, primary, userData);
  const fails = settings.deployments === 'fail';
  const awaited = changed.due.deployed <= now;
  state = withJob({ ...state, machineFaults: [] }, server.id, { kind: 'reinstall', spec, fails }, awaited);
  if (settings.reinstallPower === 'off' && !fails)
    state = withJob(state, server.id, { kind: 'power', action: 'off' }, awaited);
  return { state, server: changed };
}

function power(state: State, server: Server, action: 'on' | 'off' | 'reboot'): Changed {
  const changed = deployed(state, server, {
    state: action === 'off' ? 'inactive' : 'active',
    power: action === 'off' ? 'off' : 'on',
  });
  return { ...changed, state: withJob(changed.state, server.id, { kind: 'power', action }, true) };
}

/** A change that only a deployed server can undergo. */
function deployed(state: State, server: Server, change: Partial<Server>): Changed {
  const ready = server.state === 'active' || server.state === 'inactive';
  refuseIf(
    !ready || server.status === 'deploying' || server.status === 'failed deployment',
    'serverNotDeployed',
  );
  const changed = { ...server, ...change };
  return { state: put(state, 'servers', changed), server: changed };
}

/** Begins its end: the record says `terminating` until the machine is gone and the time for it has passed. */
export function deleteServer(state: State, server: Server, { now }: Surroundings): State {
  if (server.state === 'terminating') {
    refuseIf(state.settings.deleteTerminating === 404, 'serverTerminating');
    return state;
  }
  const gone = now + state.settings.timing.termination * 1000;
  const ending: Server = { ...server, state: 'terminating', power: 'off', due: { ...server.due, gone } };
  return withJob(put(state, 'servers', ending), server.id, { kind: 'remove' }, gone <= now);
}

function keysOf(state: State, project: Project, ids: readonly string[]): number[] {
  return ids.map((id) => {
    const key = own(state.keys, id);
    return found(key?.team === project.team ? key : undefined, 'unknownKey', id).id;
  });
}

const userDataOf = (encoded: string | undefined, limit: number): string | undefined =>
  encoded ? decodedUserData(encoded, limit) : undefined;

function specOf(state: State, server: Server, primary: Address, userData: string | undefined): MachineSpec {
  return {
    serverId: server.id,
    hostname: server.hostname,
    image: server.image.slug,
    address: primary.address,
    authorizedKeys: server.keys.flatMap((id) => state.keys[id]?.key ?? []),
    userData,
    faults: state.machineFaults,
  };
}

/** The server's addresses of one type, given back for a new one. */
function withOtherAddress(
  state: State,
  server: Server,
  type: 'primary-ip' | 'private-ip',
  pool: AddressPool,
): State {
  const wanted = { project: server.project, region: server.region, type, server: server.id };
  const { state: next } = allocate(state, pool, wanted, 'noPrimaryAddress');
  return addressesOf(state, server.id, type).reduce((left, { id }) => drop(left, 'addresses', id), next);
}
