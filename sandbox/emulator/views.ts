import { imagesOf, type Catalogue, type Plan, type Region } from './catalogue';
import {
  addressesOf,
  listOf,
  type Address,
  type Project,
  type Server,
  type SshKey,
  type State,
  type Team,
} from './state';

/**
 * Records in the shapes that the API answers. Types matter to the client: ids of servers, projects and keys are
 * numbers, those of addresses strings, nested objects are there or absent, tags are never null.
 */

/** A time as the API writes it: `2026-02-06T11:30:00+00:00`. */
const timeOf = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(/\.\d+Z$/, '+00:00');

/** What stands for "no end planned". */
const never = timeOf(0);

const user = {
  id: 7001,
  first_name: 'Sandbox',
  last_name: 'User',
  email: 'ops@example.com',
  email_verified: true,
  phone: '',
  security_phone: '',
  security_phone_verified: false,
  href: '/users/7001',
};

export const userView = (): object => user;

export function teamView(state: State, team: Team): object {
  const projects = listOf(state.projects).filter((project) => project.team === team.id);
  const money = { remaining: 1000, usage: 0, currency: 'EUR' };
  return {
    id: team.id,
    name: team.name,
    credit: {
      account: money,
      promo: { ...money, remaining: 0 },
      resources: { remaining: { time: 1, unit: 'Years' } },
    },
    billing: { type: 'personal', vat: { amount: 21, valid: false }, currency: 'EUR' },
    projects: projects.map(projectView),
    memberships: [{ id: team.id, roles: ['owner'], user, href: `/memberships/${team.id}` }],
    href: `/teams/${team.id}`,
  };
}

export const projectView = (project: Project): object => ({
  id: project.id,
  name: project.name,
  // 0 while it is off: so it stands in answers that Cherry's own clients have kept (cherrygo v3.9.1, testdata/allow_bmc.json). The number
  // that comes with switching it on is invented, and so is that it goes again.
  bgp: { enabled: project.bgp, local_asn: project.bgp ? 65000 : 0 },
  href: `/projects/${project.id}`,
});

export const keyView = (key: SshKey): object => ({
  id: key.id,
  label: key.label,
  key: key.key,
  fingerprint: key.fingerprint,
  user,
  updated: timeOf(key.updated),
  created: timeOf(key.created),
  href: `/ssh-keys/${key.id}`,
});

export const planView = (catalogue: Catalogue, plan: Plan): object => ({
  ...planSummary(plan),
  available_regions: plan.regions.map(({ id, stock, spot }) => ({
    ...regionById(catalogue, id),
    stock_qty: stock,
    spot_qty: spot,
  })),
  softwares: imagesOf(catalogue, plan).map(({ name, slug }) => ({ image: { name, slug } })),
});

/** A plan as it stands inside a server. */
const planSummary = ({ regions: _regions, images: _images, ...plan }: Plan): object => plan;

export const planById = (catalogue: Catalogue, id: number): Plan =>
  catalogue.plans.find((plan) => plan.id === id)!;
const regionById = (catalogue: Catalogue, id: number): Region =>
  catalogue.regions.find((region) => region.id === id)!;

export function serverView(state: State, server: Server): object {
  const plan = planById(state.catalogue, server.plan);
  const price = plan.pricing[0]?.price ?? 0;
  return {
    id: server.id,
    name: server.name,
    href: `/servers/${server.id}`,
    hostname: server.hostname,
    username: 'root',
    password: '',
    image: server.image.name,
    ...(server.installed ? { deployed_image: server.image } : {}),
    spot_instance: server.spot,
    region: regionById(state.catalogue, server.region),
    state: server.state,
    status: server.status,
    bgp: {
      enabled: server.bgp,
      available: false,
      status: server.bgp ? 'Enabled' : 'Disabled',
      routers: 0,
      connected: 0,
      limit: 0,
      active: 0,
      routes: [],
      updated: timeOf(server.created),
    },
    plan: planSummary(plan),
    pricing: {
      id: plan.pricing[0]?.id ?? 0,
      currency: 'EUR',
      unit: 'Hours',
      unit_price: price,
      discount: 0,
      price,
      taxed: false,
      quantity: 1,
    },
    ip_addresses: server.installed
      ? addressesOf(state, server.id).map((address) => addressView(state, address))
      : [],
    ssh_keys: server.keys.flatMap((id) => state.keys[id] ?? []).map(keyView),
    tags: server.tags,
    termination_date: never,
    created_at: timeOf(server.created),
    traffic_used_bytes: 0,
    project: projectView(state.projects[server.project]!),
    upgradable: true,
  };
}

export function addressView(state: State, address: Address): object {
  const server = address.server === null ? undefined : state.servers[address.server];
  const floating = address.type === 'floating-ip';
  const primary = server && addressesOf(state, server.id, 'primary-ip')[0];
  return {
    id: address.id,
    ...addressCore(state, address),
    ddos_scrubbing: false,
    tags: address.tags,
    project: projectView(state.projects[address.project]!),
    href: `/ips/${address.id}`,
    ...(server && !floating ? { assigned_to: serverSummary(state, server) } : {}),
    ...(server ? { targeted_to: serverSummary(state, server) } : {}),
    ...(primary && floating ? { routed_to: { id: primary.id, ...addressCore(state, primary) } } : {}),
    ...(address.type === 'private-ip' ? { vlan_id: 1234 } : {}),
    ...(address.ptr === null ? {} : { ptr_record: address.ptr }),
    ...(address.a === null ? {} : { a_record: address.a }),
  };
}

const addressCore = (state: State, { address, cidr, type, region }: Address): object => ({
  address,
  address_family: 4,
  cidr,
  type,
  region: regionById(state.catalogue, region),
});

const serverSummary = (state: State, server: Server): object => ({
  id: server.id,
  name: planById(state.catalogue, server.plan).name,
  href: `/servers/${server.id}`,
  hostname: server.hostname,
  region: regionById(state.catalogue, server.region),
  state: server.state,
  project: projectView(state.projects[server.project]!),
});

/**
 * What a GET with `?fields=` answers: exactly the fields asked for when all of them are state, status or power, which
 * is what clients poll; else the whole object.
 */
export function selectedServerView(state: State, server: Server, fields: string | null): object {
  const { state: serverState, status, power } = server;
  const pollable: Record<string, string> = { state: serverState, status, power };
  const asked = fields === null ? [] : fields.split(',').filter(Boolean);
  if (asked.length === 0 || !asked.every((field) => Object.hasOwn(pollable, field)))
    return serverView(state, server);
  return Object.fromEntries(asked.map((field) => [field, pollable[field]]));
}
