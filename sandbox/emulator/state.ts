import type { Catalogue } from './catalogue';
import type { Fault } from './faults';
import type { MachineFault, MachineSpec } from './machines';
import type { Settings } from './settings';

/**
 * Everything that the emulator knows: the API's records, what is still to be done to machines, and what was armed
 * through the control API. Plain data that survives as JSON; times are milliseconds since 1970 on the emulator's
 * clock. What a machine really is stands behind `Machines`, not here.
 */
export interface State {
  /** Milliseconds by which the emulator's clock is ahead of the machine's. */
  readonly clockAhead: number;
  /** The next number of each kind. Never reused, so that ids are the same for the same calls. */
  readonly next: Readonly<Record<Counter, number>>;
  readonly settings: Settings;
  readonly catalogue: Catalogue;
  /** By token name: what was changed about it since the start. */
  readonly tokens: Readonly<Record<string, TokenAccess>>;
  readonly teams: Table<Team>;
  readonly projects: Table<Project>;
  readonly keys: Table<SshKey>;
  readonly servers: Table<Server>;
  readonly addresses: Table<Address>;
  /** Work on machines that is not done yet, in the order in which it was asked for. */
  readonly jobs: readonly Job[];
  /** What went wrong with machines, newest last. */
  readonly failures: readonly JobFailure[];
  readonly faults: readonly Fault[];
  /** Machine faults that the next boot with new user-data gets. */
  readonly machineFaults: readonly MachineFault[];
}

export type Counter = 'project' | 'key' | 'server' | 'address' | 'job' | 'fault';

/** Records by id. */
export type Table<T> = Readonly<Record<string, T>>;

export type TokenAccess = 'full' | 'read-only' | 'revoked';

export interface Team {
  readonly id: number;
  readonly name: string;
}

export interface Project {
  readonly id: number;
  readonly team: number;
  readonly name: string;
  readonly bgp: boolean;
}

export interface SshKey {
  readonly id: number;
  readonly team: number;
  readonly label: string;
  readonly key: string;
  /** MD5 in hex with colons. */
  readonly fingerprint: string;
  readonly created: number;
  readonly updated: number;
}

type ServerState = 'pending' | 'provisioning' | 'active' | 'inactive' | 'terminating' | 'failed';
type ServerStatus = 'deploying' | 'deployed' | 'rescue mode' | 'failed deployment';

export interface Server {
  readonly id: number;
  readonly project: number;
  readonly name: string;
  readonly hostname: string;
  /** Ids in the catalogue, since slugs can be renamed under a living server. */
  readonly plan: number;
  readonly region: number;
  /** As it was called when it was installed: a later change of the catalogue does not reach it. */
  readonly image: { readonly name: string; readonly slug: string };
  /** Ids. */
  readonly keys: readonly number[];
  readonly tags: Tags;
  readonly bgp: boolean;
  readonly spot: boolean;
  readonly state: ServerState;
  readonly status: ServerStatus;
  readonly power: 'on' | 'off';
  /** Whether its first deployment has succeeded: from then on it shows addresses and the installed image. */
  readonly installed: boolean;
  readonly created: number;
  /** When the next transitions are due. */
  readonly due: {
    readonly provisioning: number;
    readonly active: number;
    readonly deployed: number;
    readonly gone: number | null;
  };
}

export interface Address {
  /** UUID. */
  readonly id: string;
  readonly project: number;
  readonly region: number;
  readonly type: 'primary-ip' | 'private-ip' | 'floating-ip';
  readonly address: string;
  readonly cidr: string;
  /** Server that it belongs to or is targeted to. */
  readonly server: number | null;
  readonly ptr: string | null;
  readonly a: string | null;
  readonly tags: Tags;
}

type Tags = Readonly<Record<string, string>>;

/** Something to be done to the machine behind a server. */
export type Job = {
  readonly id: number;
  readonly server: number;
  /** Whether the call that asked for it is answered only when it is done. */
  readonly awaited: boolean;
  /** Set when it failed and its record waits for a retry. */
  readonly failed?: boolean;
} & Task;

export type Task =
  | { readonly kind: 'create'; readonly spec: MachineSpec; readonly fails?: boolean }
  | { readonly kind: 'reinstall'; readonly spec: MachineSpec; readonly fails?: boolean }
  | { readonly kind: 'power'; readonly action: 'on' | 'off' | 'reboot' }
  | { readonly kind: 'remove' };

interface JobFailure {
  readonly at: number;
  readonly server: number;
  readonly kind: Task['kind'];
  readonly message: string;
}

/** What an emulator begins with, and what a reset brings back. */
export interface Seed {
  readonly settings: Settings;
  readonly catalogue: Catalogue;
  readonly teams: readonly {
    readonly id: number;
    readonly name: string;
    readonly projects: readonly Team[];
  }[];
}

/** The state of an account in which nothing was ordered yet. */
export function initialState(seed: Seed): State {
  const projects = seed.teams.flatMap(({ id, projects: own }) =>
    own.map((project): Project => ({ ...project, team: id, bgp: false })),
  );
  return {
    clockAhead: 0,
    next: {
      project: Math.max(254000, ...projects.map(({ id }) => id)) + 1,
      key: 13001,
      server: 811000,
      address: 1,
      job: 1,
      fault: 1,
    },
    settings: seed.settings,
    catalogue: seed.catalogue,
    tokens: {},
    teams: Object.fromEntries(seed.teams.map(({ id, name }) => [id, { id, name }])),
    projects: Object.fromEntries(projects.map((project) => [project.id, project])),
    keys: {},
    servers: {},
    addresses: {},
    jobs: [],
    failures: [],
    faults: [],
    machineFaults: [],
  };
}

type Tables = {
  [K in keyof State]: State[K] extends Table<infer T> ? (T extends { id: unknown } ? K : never) : never;
}[keyof State];

/** The state with one record added or replaced. */
export const put = <K extends Tables>(state: State, table: K, record: State[K][string]): State => ({
  ...state,
  [table]: { ...state[table], [(record as { id: number | string }).id]: record },
});

/** The state without one record. */
export const drop = (state: State, table: Tables, id: number | string): State => ({
  ...state,
  [table]: Object.fromEntries(Object.entries(state[table]).filter(([key]) => key !== String(id))),
});

/** The state after a number was taken. */
export const took = (state: State, counter: Counter): State => ({
  ...state,
  next: { ...state.next, [counter]: state.next[counter] + 1 },
});

/** The state with one more job for a server's machine. */
export const withJob = (state: State, server: number, task: Task, awaited: boolean): State => ({
  ...took(state, 'job'),
  jobs: [...state.jobs, { id: state.next.job, server, awaited, ...task }],
});

/** The record of an id that a caller named, which may be anything. */
export const own = <T>(table: Table<T>, id: string | number): T | undefined =>
  Object.hasOwn(table, id) ? table[id] : undefined;

/** Records in the order of their ids, which is the order in which they were made. */
export const listOf = <T extends { id: number | string }>(table: Table<T>): T[] =>
  Object.values(table).sort((one, other) => (one.id < other.id ? -1 : 1));

/** Addresses of one server, or those of a kind only. */
export const addressesOf = (state: State, server: number, type?: Address['type']): Address[] =>
  listOf(state.addresses).filter((address) => address.server === server && (!type || address.type === type));
