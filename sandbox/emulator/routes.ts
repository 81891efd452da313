import type { z } from 'zod';
import { createAddress, deleteAddress, updateAddress } from './addresses';
import { createKey, createProject, deleteKey, deleteProject, updateKey, updateProject } from './accounts';
import { imagesOf, tryFindPlan, tryFindRegion } from './catalogue';
import * as inputs from './inputs';
import { actOnServer, createServer, deleteServer, updateServer, type Surroundings } from './servers';
import {
  listOf,
  own,
  type Address,
  type Project,
  type Server,
  type SshKey,
  type State,
  type Team,
} from './state';
import type { Caller } from './tokens';
import { found, refuseIf, Refused } from './validation';
import * as views from './views';

/** A call whose caller is known. */
interface Call extends Surroundings {
  readonly state: State;
  readonly caller: Caller;
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined when there was none. */
  readonly body: unknown;
  /** What stands for `{}` in the path. */
  readonly id: string;
}

/** What a call comes to: the next state, and the answer. */
export interface Outcome {
  readonly state: State;
  readonly status: number;
  readonly body?: unknown;
  /** For lists: all that there are, before limit and offset. */
  readonly total?: number;
}

type Handler = (call: Call) => Outcome;

/** Every path that the emulator knows (docs/emulator.md); `{}` stands for one segment. */
export const routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/v1/user': { GET: (call) => answer(call, 200, views.userView()) },
  '/v1/teams': {
    GET: (call) =>
      list(
        call,
        [teamOf(call, call.caller.team)].map((team) => views.teamView(call.state, team)),
      ),
  },
  '/v1/teams/{}': { GET: (call) => answer(call, 200, views.teamView(call.state, teamOf(call, call.id))) },
  '/v1/teams/{}/projects': {
    GET: (call) => {
      const team = teamOf(call, call.id);
      return list(
        call,
        listOf(call.state.projects)
          .filter((project) => project.team === team.id)
          .map(views.projectView),
      );
    },
    POST: (call) => {
      const made = createProject(call.state, teamOf(call, call.id).id, bodyOf(call, inputs.projectBody));
      return answer(made, 201, views.projectView(made.project));
    },
  },

  '/v1/projects/{}': {
    GET: (call) => answer(call, 200, views.projectView(projectOf(call))),
    PUT: (call) => {
      const changed = updateProject(call.state, projectOf(call), bodyOf(call, inputs.updateProjectBody));
      return answer(changed, 201, views.projectView(changed.project));
    },
    DELETE: (call) => gone(deleteProject(call.state, projectOf(call))),
  },
  '/v1/projects/{}/servers': {
    GET: (call) => {
      const project = projectOf(call);
      const servers = listOf(call.state.servers).filter((server) => server.project === project.id);
      return list(
        call,
        servers.map((server) => views.serverView(call.state, server)),
      );
    },
    POST: (call) => {
      const made = createServer(call.state, projectOf(call), bodyOf(call, inputs.createServerBody), call);
      return answer(made, 201, views.serverView(made.state, made.server));
    },
  },
  '/v1/projects/{}/ips': {
    GET: (call) => {
      const project = projectOf(call);
      const addresses = listOf(call.state.addresses).filter((address) => address.project === project.id);
      return list(
        call,
        addresses.map((address) => views.addressView(call.state, address)),
      );
    },
    POST: (call) => {
      const made = createAddress(
        call.state,
        projectOf(call),
        bodyOf(call, inputs.createAddressBody),
        call.pools,
      );
      return answer(made, 201, views.addressView(made.state, made.address));
    },
  },

  '/v1/servers/{}': {
    GET: (call) =>
      answer(call, 200, views.selectedServerView(call.state, serverOf(call), call.query.get('fields'))),
    PUT: (call) => {
      const changed = updateServer(call.state, serverOf(call), bodyOf(call, inputs.updateServerBody));
      return answer(changed, 201, views.serverView(changed.state, changed.server));
    },
    DELETE: (call) => gone(deleteServer(call.state, serverOf(call), call)),
  },
  '/v1/servers/{}/actions': {
    POST: (call) => {
      const acted = actOnServer(call.state, serverOf(call), bodyOf(call, inputs.actionBody), call);
      return answer(acted, 201, views.serverView(acted.state, acted.server));
    },
  },

  '/v1/ips/{}': {
    GET: (call) => answer(call, 200, views.addressView(call.state, addressOf(call))),
    PUT: (call) => {
      const changed = updateAddress(call.state, addressOf(call), bodyOf(call, inputs.updateAddressBody));
      return answer(changed, 200, views.addressView(changed.state, changed.address));
    },
    DELETE: (call) => gone(deleteAddress(call.state, addressOf(call))),
  },

  '/v1/ssh-keys': {
    GET: (call) =>
      list(
        call,
        listOf(call.state.keys)
          .filter((key) => key.team === call.caller.team)
          .map(views.keyView),
      ),
    POST: (call) => {
      const made = createKey(call.state, call.caller.team, bodyOf(call, inputs.keyBody), call.now);
      return answer(made, 201, views.keyView(made.key));
    },
  },
  '/v1/ssh-keys/{}': {
    GET: (call) => answer(call, 200, views.keyView(keyOf(call))),
    PUT: (call) => {
      const changed = updateKey(call.state, keyOf(call), bodyOf(call, inputs.updateKeyBody), call.now);
      return answer(changed, 201, views.keyView(changed.key));
    },
    DELETE: (call) => gone(deleteKey(call.state, keyOf(call))),
  },

  '/v1/regions': { GET: (call) => list(call, call.state.catalogue.regions) },
  '/v1/regions/{}': {
    GET: (call) => answer(call, 200, found(tryFindRegion(call.state.catalogue, call.id), 'unknownResource')),
  },
  '/v1/plans': {
    GET: (call) => {
      const { catalogue } = call.state;
      return list(
        call,
        catalogue.plans.map((plan) => views.planView(catalogue, plan)),
      );
    },
  },
  '/v1/plans/{}': {
    GET: (call) => {
      const { catalogue } = call.state;
      return answer(
        call,
        200,
        views.planView(catalogue, found(tryFindPlan(catalogue, call.id), 'unknownResource')),
      );
    },
  },
  '/v1/plans/{}/images': {
    GET: (call) => {
      const { catalogue } = call.state;
      return list(call, imagesOf(catalogue, found(tryFindPlan(catalogue, call.id), 'unknownResource')));
    },
  },
  '/v1/cycles': { GET: (call) => list(call, call.state.catalogue.cycles) },
};

/**
 * Finds what a path means.
 * @throws Refused for a path or method that is not known.
 */
export function routed(method: string, path: string): { handler: Handler; id: string } {
  for (const [pattern, methods] of Object.entries(routes)) {
    const id = tryMatch(pattern, path);
    if (id === undefined) continue;
    const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
    return {
      handler: found(handler, 'methodNotAllowed', `It knows ${Object.keys(methods).join(', ')}.`),
      id,
    };
  }
  throw new Refused('unknownPath');
}

/** The segment in the place of `{}`, "" where the pattern has none, undefined when the path is another one. */
function tryMatch(pattern: string, path: string): string | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  if (!wanted.every((part, index) => (part === '{}' ? given[index] !== '' : part === given[index])))
    return undefined;
  return decodeSegment(given[wanted.indexOf('{}')] ?? '');
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

const answer = ({ state }: { readonly state: State }, status: number, body: unknown): Outcome => ({
  state,
  status,
  body,
});

const gone = (state: State): Outcome => ({ state, status: 204 });

/** A list as the caller asked for it: `limit` entries (0 = all) from `offset` on. */
function list({ state, query }: Call, entries: readonly unknown[]): Outcome {
  const offset = countOf(query, 'offset');
  const limit = countOf(query, 'limit') || entries.length;
  return { state, status: 200, body: entries.slice(offset, offset + limit), total: entries.length };
}

function countOf(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '0';
  refuseIf(!/^\d{1,9}$/.test(text), 'badParameters', `${name} must be a whole number, not "${text}"`);
  return Number(text);
}

const bodyOf = <T>(call: Call, schema: z.ZodType<T>): T => inputs.parsedBody(schema, call.body);

// What a path names: 404 where there is no such thing, 403 where it is another team's.

function teamOf(call: Call, id: string | number): Team {
  const team = found(own(call.state.teams, id), 'unknownResource');
  refuseIf(team.id !== call.caller.team, 'otherTeam');
  return team;
}

const projectOf = (call: Call): Project =>
  visible(call, found(own(call.state.projects, call.id), 'unknownResource'));

function serverOf(call: Call): Server {
  const server = found(own(call.state.servers, call.id), 'unknownResource');
  visible(call, call.state.projects[server.project]!);
  return server;
}

function addressOf(call: Call): Address {
  const { settings, addresses } = call.state;
  const missing = settings.deletedAddresses === 403 ? 'otherTeam' : 'unknownResource';
  const address = found(own(addresses, call.id), missing);
  visible(call, call.state.projects[address.project]!);
  return address;
}

const keyOf = (call: Call): SshKey => visible(call, found(own(call.state.keys, call.id), 'unknownResource'));

function visible<T extends { readonly team: number }>(call: Call, record: T): T {
  refuseIf(record.team !== call.caller.team, 'otherTeam');
  return record;
}
