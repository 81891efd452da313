import { changedCatalogue } from './catalogue';
import {
  parsed,
  present,
  Rejected,
  type ControlCall,
  type ControlProps,
  type Controls,
} from './control-call';
import * as inputs from './control-inputs';
import { machineControls } from './control-machines';
import { recordControls } from './control-records';
import { faultModes, namesIn, ordersOf, tryFindMode } from './fault-modes';
import { faultSchema } from './faults';
import { withoutSecrets } from './request-log';
import { changedSettings, settingsChangeSchema } from './settings';
import { listOf, took } from './state';
import { allRules } from './validation';

/** Every path of the control API (docs/emulator.md); `{}` stands for one segment. What a handler returns is the answer. */
const controls: Controls = {
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

  'GET /_emu/fault-modes': () => faultModes,
  'POST /_emu/fault-modes/{}': injectMode,

  ...machineControls,
  ...recordControls,
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

/** Makes the calls of a fault mode one after the other, and gives them with their answers. */
async function injectMode({ props, id, body }: ControlCall): Promise<object> {
  const mode = tryFindMode(id);
  const numbers = faultModes.map(({ number }) => number);
  if (!mode)
    throw new Rejected(404, `there is no fault mode ${id}; there are ${numbers[0]} to ${numbers.at(-1)}`);
  const names = Object.keys(mode.variants);
  const { variant = names[0]!, ...named } = parsed(inputs.faultModeBody, body);
  const orders = Object.hasOwn(mode.variants, variant) ? mode.variants[variant] : undefined;
  if (!orders)
    throw new Rejected(400, `fault mode ${id} has no variant "${variant}"; it has ${names.join(', ')}`);
  const needed = namesIn(orders);
  const missing = needed.filter((name) => !Object.hasOwn(named, name));
  const unused = Object.keys(named).filter((name) => !needed.includes(name));
  if (missing.length > 0 || unused.length > 0)
    throw new Rejected(
      400,
      `fault mode ${id} (${variant}) needs ${needed.join(', ') || 'nothing'}; ${[
        ...missing.map((name) => `${name} is missing`),
        ...unused.map((name) => `${name} is not used`),
      ].join(', ')}`,
    );
  const done: object[] = [];
  for (const { call, body: own } of ordersOf(orders, named)) {
    const [method = '', path = ''] = call.split(' ');
    done.push({ call, answer: (await controlled(props, method, path, own)) ?? null });
  }
  return { mode: mode.number, variant, done };
}

/**
 * Does what a call of the control API asks for, and gives the answer.
 *
 * @throws Rejected for a call that there is not, or that cannot be done
 */
export async function controlled(
  props: ControlProps,
  method: string,
  path: string,
  body: unknown,
  query = new URLSearchParams(),
): Promise<unknown> {
  const { handler, id } = routed(method, path);
  return await handler({ props, id, query, body });
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
