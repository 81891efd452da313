import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { messageOf } from '../../foundation/failure';
import { changedCatalogue } from './catalogue';
import * as inputs from './control-inputs';
import { faultSchema } from './faults';
import type { Jobs } from './jobs';
import { afterTime } from './lifecycle';
import { listen } from './listen';
import type { Machines, MachineSpec } from './machines';
import { withoutSecrets, type RequestLog } from './request-log';
import { changedSettings, settingsChangeSchema } from './settings';
import { addressesOf, listOf, own, took, type Server, type State } from './state';
import type { Store } from './store';
import type { Tokens } from './tokens';
import { allRules } from './validation';

export interface ControlProps {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly machines: Machines;
  readonly requests: RequestLog;
  readonly tokens: Tokens;
  /** Milliseconds on the emulator's clock. */
  readonly now: () => number;
  /** What a reset brings back. */
  readonly initial: () => State;
  readonly log: (line: string) => void;
}

interface ControlCall {
  readonly props: ControlProps;
  /** What stands for `{}` in the path. */
  readonly id: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** A call of the control API that cannot be done: a status, and what is wrong in plain words. */
class Rejected extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Every path of the control API (docs/emulator.md); `{}` stands for one segment. What a handler returns is the answer. */
const controls: Readonly<Record<string, (call: ControlCall) => unknown>> = {
  'GET /_emu/health': ({ props: { store, now } }) => ({
    ok: true,
    now: new Date(now()).toISOString(),
    servers: Object.keys(store.state.servers).length,
    jobs: store.state.jobs.length,
  }),
  'GET /_emu/state': ({ props }) => withoutSecrets(present(props)),
  'POST /_emu/reset': reset,
  'GET /_emu/rules': () => allRules,

  'GET /_emu/clock': ({ props }) => ({ now: new Date(props.now()).toISOString() }),
  'POST /_emu/clock': async ({ props, body }) => {
    const { advance } = parsed(inputs.advanceBody, body);
    // Work that is under way belongs to the time before.
    await props.jobs.idle();
    props.store.change((state) => ({ ...state, clockAhead: state.clockAhead + advance * 1000 }));
    present(props);
    return { now: new Date(props.now()).toISOString() };
  },
  'GET /_emu/settings': ({ props }) => props.store.state.settings,
  'PATCH /_emu/settings': ({ props, body }) => {
    const change = parsed(settingsChangeSchema, body);
    return props.store.change((state) => ({ ...state, settings: changedSettings(state.settings, change) }))
      .settings;
  },
  'PATCH /_emu/catalogue': ({ props, body }) => {
    const change = parsed(inputs.catalogueBody, body);
    return props.store.change((state) => ({ ...state, catalogue: changedCatalogue(state.catalogue, change) }))
      .catalogue;
  },
  'PATCH /_emu/tokens/{}': ({ props, id, body }) => {
    const { access } = parsed(inputs.tokenBody, body);
    if (!props.tokens.has(id)) throw new Rejected(404, `there is no token "${id}"`);
    return props.store.change((state) => ({ ...state, tokens: { ...state.tokens, [id]: access } })).tokens;
  },

  'GET /_emu/faults': ({ props }) => props.store.state.faults,
  'POST /_emu/faults': ({ props, body }) => {
    const fault = { ...parsed(faultSchema, body), id: props.store.state.next.fault, seen: 0 };
    props.store.change((state) => ({ ...took(state, 'fault'), faults: [...state.faults, fault] }));
    return fault;
  },
  'DELETE /_emu/faults': ({ props }) => props.store.change((state) => ({ ...state, faults: [] })).faults,
  'DELETE /_emu/faults/{}': ({ props, id }) =>
    props.store.change((state) => ({
      ...state,
      faults: state.faults.filter((fault) => String(fault.id) !== id),
    })).faults,
  'GET /_emu/machine-faults': ({ props }) => props.store.state.machineFaults,
  'PUT /_emu/machine-faults': ({ props, body }) => {
    const { faults } = parsed(inputs.machineFaultsBody, body);
    return props.store.change((state) => ({ ...state, machineFaults: faults })).machineFaults;
  },

  'GET /_emu/machines': async ({ props }) =>
    Promise.all(listOf(present(props).servers).map((server) => hostView(props, server))),
  'GET /_emu/machines/{}': ({ props, id }) => hostView(props, serverOf(props, id)),
  'POST /_emu/machines/{}/power': ({ props, id, body }) => {
    const { action } = parsed(inputs.powerBody, body);
    return behindTheApi(props, id, (server) => props.machines.power(server.id, action));
  },
  'POST /_emu/machines/{}/reinstall': ({ props, id, body }) => {
    const given = parsed(inputs.reinstallBody, body);
    return behindTheApi(props, id, (server) => props.machines.reinstall(specOf(props, server, given)));
  },
  'DELETE /_emu/machines/{}': ({ props, id }) =>
    behindTheApi(props, id, (server) => props.machines.remove(server.id)),
  'GET /_emu/failures': ({ props }) => props.store.state.failures,
  'POST /_emu/jobs/retry': async ({ props: { jobs, store } }) => {
    jobs.retry();
    await jobs.idle();
    return withoutSecrets(store.state.jobs);
  },

  'GET /_emu/requests': ({ props, query }) =>
    props.requests.entries.filter(({ n }) => n > Number(query.get('after') ?? 0)),
  'DELETE /_emu/requests': ({ props }) => {
    props.requests.clear();
    return props.requests.entries;
  },
};

/** Forgets everything and removes every machine. */
async function reset({ props }: ControlCall): Promise<object> {
  const { store, jobs, machines, requests, initial } = props;
  await jobs.idle();
  for (const { id } of listOf(store.state.servers)) await jobs.exclusively(id, () => machines.remove(id));
  store.change(initial);
  requests.clear();
  return {};
}

/** The state as of now. */
const present = ({ store, now }: ControlProps): State => store.change((state) => afterTime(state, now()));

function serverOf(props: ControlProps, id: string): Server {
  const server = own(present(props).servers, id);
  if (!server) throw new Rejected(404, `there is no server ${id}`);
  return server;
}

/** What the machine itself says, beside what the API says of it. */
async function hostView({ machines, store }: ControlProps, server: Server): Promise<object> {
  const address = addressesOf(store.state, server.id, 'primary-ip')[0]?.address;
  const { id, hostname, state, status, power } = server;
  const machine = (await machines.tryInspect(id)) ?? null;
  return { api: { id, hostname, state, status, power, address }, machine: withoutSecrets(machine) };
}

/** Does something to a machine that the API's record never hears of. */
async function behindTheApi(
  props: ControlProps,
  id: string,
  work: (server: Server) => Promise<void>,
): Promise<object> {
  const server = serverOf(props, id);
  await props.jobs.exclusively(server.id, () => work(server));
  return hostView(props, server);
}

function specOf(
  { store }: ControlProps,
  server: Server,
  given: { userData?: string | undefined; authorizedKeys: readonly string[] },
): MachineSpec {
  return {
    serverId: server.id,
    hostname: server.hostname,
    image: server.image.slug,
    address: addressesOf(store.state, server.id, 'primary-ip')[0]!.address,
    authorizedKeys: given.authorizedKeys,
    userData: given.userData,
    faults: [],
  };
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  throw new Rejected(400, z.prettifyError(result.error));
}

/**
 * Serves the control API on a loopback port: plain HTTP, JSON in and out, no token. It is for tests and the sandbox
 * alone and has nothing to do with the vendor's API.
 */
export async function startControl(
  props: ControlProps,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    respond(props, request, response).catch((thrown: unknown) => {
      props.log(`control: ${messageOf(thrown)}`);
      response.destroy();
    });
  });
  await listen(server, port, 'control API');
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  props: ControlProps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://control');
  const method = request.method ?? 'GET';
  const [status, body] = await outcomeOf(props, method, url, await readText(request));
  const text = JSON.stringify(body, null, 2);
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${text}\n`);
  if (method !== 'GET') props.log(`control: ${method} ${url.pathname}: ${status}`);
}

async function outcomeOf(
  props: ControlProps,
  method: string,
  url: URL,
  text: string,
): Promise<[status: number, body: unknown]> {
  try {
    const { handler, id } = routed(method, url.pathname);
    const body: unknown = text.trim() === '' ? undefined : JSON.parse(text);
    return [200, await handler({ props, id, query: url.searchParams, body })];
  } catch (thrown) {
    const status = thrown instanceof Rejected ? thrown.status : thrown instanceof SyntaxError ? 400 : 500;
    return [status, { error: messageOf(thrown) }];
  }
}

function routed(method: string, path: string): { handler: (call: ControlCall) => unknown; id: string } {
  const given = `${method} ${path}`.split('/');
  for (const [pattern, handler] of Object.entries(controls)) {
    const wanted = pattern.split('/');
    const fits =
      wanted.length === given.length && wanted.every((part, at) => part === '{}' || part === given[at]);
    if (fits) return { handler, id: given[wanted.indexOf('{}')] ?? '' };
  }
  throw new Rejected(404, `there is no ${method} ${path}; there are: ${Object.keys(controls).join(', ')}`);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
