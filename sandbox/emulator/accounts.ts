import { drop, listOf, put, took, type Project, type SshKey, type State } from './state';
import { tryFingerprint } from './public-key';
import { found, refuseIf } from './validation';

/** Teams' own things: keys and projects. */

export function createKey(
  state: State,
  team: number,
  body: { label: string; key: string },
  now: number,
): { state: State; key: SshKey } {
  refuseIf(body.label.trim() === '', 'labelMissing');
  const id = state.next.key;
  const key: SshKey = {
    id,
    team,
    label: body.label,
    ...keyText(state, id, body.key),
    created: now,
    updated: now,
  };
  return { state: put(took(state, 'key'), 'keys', key), key };
}

/** Changes label or text under the same id; servers that were installed with the old text keep it. */
export function updateKey(
  state: State,
  key: SshKey,
  body: { label?: string | undefined; key?: string | undefined },
  now: number,
): { state: State; key: SshKey } {
  refuseIf(body.label?.trim() === '', 'labelMissing');
  const changed: SshKey = {
    ...key,
    label: body.label ?? key.label,
    ...(body.key === undefined ? {} : keyText(state, key.id, body.key)),
    updated: now,
  };
  return { state: put(state, 'keys', changed), key: changed };
}

/** Servers that name the key no longer show it; their machines keep what they were installed with. */
export function deleteKey(state: State, key: SshKey): State {
  const without = listOf(state.servers)
    .filter(({ keys }) => keys.includes(key.id))
    .reduce(
      (next, server) => put(next, 'servers', { ...server, keys: server.keys.filter((id) => id !== key.id) }),
      state,
    );
  return drop(without, 'keys', key.id);
}

function keyText(state: State, id: number, text: string): { key: string; fingerprint: string } {
  const key = text.trim();
  const fingerprint = found(tryFingerprint(key), 'badKey');
  const twin = listOf(state.keys).some((other) => other.fingerprint === fingerprint && other.id !== id);
  refuseIf(twin && state.settings.duplicateKeys === 'refuse', 'keyTaken');
  return { key, fingerprint };
}

export function createProject(
  state: State,
  team: number,
  body: { name: string; bgp: boolean },
): { state: State; project: Project } {
  refuseIf(body.name.trim() === '', 'projectNameMissing');
  const project: Project = { id: state.next.project, team, name: body.name, bgp: body.bgp };
  return { state: put(took(state, 'project'), 'projects', project), project };
}

export function updateProject(
  state: State,
  project: Project,
  body: { name?: string | undefined; bgp?: boolean | undefined },
): { state: State; project: Project } {
  refuseIf(body.name?.trim() === '', 'projectNameMissing');
  const changed: Project = { ...project, name: body.name ?? project.name, bgp: body.bgp ?? project.bgp };
  return { state: put(state, 'projects', changed), project: changed };
}

/** Refused while servers are left, also terminating ones; floating addresses go with it. */
export function deleteProject(state: State, project: Project): State {
  const servers = Object.values(state.servers).some((server) => server.project === project.id);
  refuseIf(servers, 'projectInUse');
  const without = listOf(state.addresses)
    .filter((address) => address.project === project.id)
    .reduce((next, { id }) => drop(next, 'addresses', id), state);
  return drop(without, 'projects', project.id);
}
