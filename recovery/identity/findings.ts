import type { HostCheck } from '../../deploy/host/check';
import type { Server } from '../../infra/cherry/client';
import type { Case } from './case';
import type { ArchivedBackup, Read, Sources, StateServer } from './look';
import { primaryOf } from './words';

interface Looked {
  readonly one: Case;
  readonly sources: Pick<Sources, 'environment' | 'hostName'>;
  readonly state: Read<StateServer>;
  readonly inventory: Read<readonly Server[]>;
  /** Asked about a machine without data alone. */
  readonly archive: Read<ArchivedBackup | undefined>;
  readonly ours: Server | undefined;
  readonly others: readonly Server[];
  readonly host: HostCheck | undefined;
  readonly elsewhere: readonly HostCheck[];
}

/** Everything that is not as it should be, whatever the verdict picks out of it; one sentence each. */
export const findings = (looked: Looked): readonly string[] => [
  ...unread('the state', looked.state),
  ...unread('the inventory', looked.inventory),
  ...ofServers(looked),
  ...ofHost(looked),
  ...ofArchive(looked),
  ...looked.elsewhere.map(({ address, identity }) =>
    identity === 'pinned' ? `the pinned machine answers at ${address}` : `at ${address}: ${identity}`,
  ),
];

const unread = (what: string, source: Read<unknown>): readonly string[] =>
  'trouble' in source ? [`${what} could not be read: ${source.trouble}`] : [];

function ofArchive({ archive }: Looked): readonly string[] {
  if ('trouble' in archive)
    return [
      `whether its archive holds a backup, which would say that its data are lost, could not be read: ${archive.trouble}`,
    ];
  if (!('value' in archive) || archive.value === undefined) return [];
  const { label, at } = archive.value;
  return [`its archive holds the backup ${label} of ${at.toISOString()}`];
}

function ofServers({ one, state, inventory, ours, others, sources }: Looked): readonly string[] {
  if (!('value' in inventory)) return [];
  const known = 'value' in state ? state.value : null;
  return [
    ...(ours === undefined && known !== null
      ? [`server ${known.id} of the state is not among the ${inventory.value.length} of the project`]
      : []),
    ...(ours === undefined && known === null
      ? [`no server of the project is called ${sources.hostName} or has the label ${sources.environment}`]
      : []),
    ...(ours && one.state === 'empty' ? [`${nameOf(ours)} is not in the state`] : []),
    ...(ours && one.api === 'not active' ? [`${nameOf(ours)} is not active: ${ours.state}`] : []),
    ...(ours && one.api === 'no keys' ? [`${nameOf(ours)} has no SSH keys in the inventory`] : []),
    ...(ours && known?.address !== undefined && primaryOf(ours) !== known.address
      ? [`${nameOf(ours)} is at ${primaryOf(ours) ?? 'no address'}, and the state has ${known.address}`]
      : []),
    ...others.map(
      (server) => `${nameOf(server)} (${server.state}, ${primaryOf(server) ?? 'no address'}) is beside it`,
    ),
  ];
}

const nameOf = ({ id, hostname, name }: Server): string => `server ${id} "${hostname ?? name ?? ''}"`;

function ofHost({ host }: Looked): readonly string[] {
  if (host === undefined) return ['no source says at which address the host is'];
  const { address, identity, seen, pinned, login, bootstrap, evidence } = host;
  const said: string[] = [];
  if (identity === 'silent') said.push(`nothing answers on SSH at ${address}`);
  if (identity === 'other key')
    said.push(`${address} showed ${seen ?? 'another key'}, and ${pinned.join(', ')} is pinned`);
  if (identity === 'not pinned') said.push(`${address} showed ${seen ?? 'a key'}, and none is pinned here`);
  if (login !== undefined && identity !== 'silent') said.push(login);
  if (evidence === undefined) return said;
  const { marker, disk, data } = evidence;
  if (bootstrap !== 'done') said.push(`its bootstrap: ${bootstrap}`);
  if (marker === 'none') said.push('its disk has no marker');
  else if (marker === 'unreadable') said.push('its marker cannot be read');
  else {
    if (marker.environment !== host.environment) said.push(`its disk is marked for ${marker.environment}`);
    if (disk !== undefined && disk !== marker.disk) said.push('its disk is not the one that was marked');
    if (data.state === 'marked' && data.id !== marker.data)
      said.push(`its database holds the data ${data.id}, and its disk was marked with ${marker.data}`);
    if (data.state === 'unmarked') said.push(`its database does not hold the data ${marker.data}`);
  }
  if (data.state === 'silent' && marker !== 'none')
    said.push(`its database does not say which data it holds: ${data.why}`);
  return said;
}
