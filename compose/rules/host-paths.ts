import { posix } from 'node:path';
import type { Power } from '../allowance';
import { mappingOf, type Plain, type PlainMapping } from '../tree';
import { grantsOf, hasVariable, listOf, mountsOf, partOf, textOf, textsOf } from './entry';
import { pathsBehindVolume } from './volume-paths';

/** Something of the host that a service gets to see. */
export interface HostPath {
  /** As it stands in the file. */
  readonly path: string;
  /** In words, up to the path: `it mounts`. */
  readonly how: string;
  readonly readOnly: boolean;
  /** Where the service sees it, as far as an entry of its own says it. */
  readonly target?: string;
}

/**
 * Paths of the host that a service gets to see, by whatever way: mounts, volumes that are a directory of the host in
 * truth, files of configs and secrets, the volumes of other services, and what it is built from.
 */
export function hostPathsOf(entry: PlainMapping, document: PlainMapping): readonly HostPath[] {
  const build = mappingOf(entry['build']);
  const contexts = build['additional_contexts'];
  return [
    ...mounted(entry, document),
    ...[...granted(entry, document), ...granted(build, document)].map((path) => ({
      how: 'a config or secret of it is',
      path,
      readOnly: true,
    })),
    ...[
      textOf(entry['build']),
      textOf(build['context']),
      ...Object.values(mappingOf(contexts)).map(textOf),
      ...textsOf(contexts).map((context) => context.split('=')[1]),
    ].flatMap((path) =>
      path === undefined || path.includes(':') ? [] : [{ how: 'it is built from', path, readOnly: true }],
    ),
  ];
}

function mounted(
  entry: PlainMapping,
  document: PlainMapping,
  seen: ReadonlySet<PlainMapping> = new Set(),
): readonly HostPath[] {
  if (seen.has(entry)) return [];
  const own = mountsOf(entry).flatMap(({ type, source, target, readOnly }): readonly HostPath[] => {
    if (source === undefined) return [];
    if (type === 'bind') return [{ how: 'it mounts', path: source, readOnly, target }];
    return pathsBehindVolume(partOf(document, 'volumes', source)).map((behind) => ({
      how: 'a volume that it mounts is',
      path: behind.path,
      readOnly: readOnly || behind.readOnly,
      target,
    }));
  });
  const others = textsOf(entry['volumes_from']).flatMap((from): readonly HostPath[] => {
    // Nobody can tell what a container outside of the project has mounted: it may be anything.
    if (from.startsWith('container:')) {
      const how = 'it takes over the mounts of a container outside of the project, perhaps';
      return [{ how, path: '/', readOnly: true }];
    }
    const [name = from, mode] = from.split(':');
    const theirs = mounted(partOf(document, 'services', name), document, new Set([...seen, entry]));
    return mode === 'ro' ? theirs.map((each) => ({ ...each, readOnly: true })) : theirs;
  });
  return [...own, ...others];
}

/** Files behind what is under its `configs` and `secrets`. */
const granted = (entry: PlainMapping, document: PlainMapping): readonly string[] =>
  (['configs', 'secrets'] as const).flatMap((section) =>
    grantsOf(entry[section]).flatMap((name) => textOf(partOf(document, section, name)['file']) ?? []),
  );

/** Folders of the machine as such. */
const machine: readonly string[] = [
  ...['/', '/var', '/var/lib', '/var/spool', '/etc', '/etc/ssl', '/usr', '/home'],
  ...['/bin', '/sbin', '/lib', '/lib64'],
];

/** The same with everything below: the kernel's, the engine's, what says who may do what, and what runs by itself. */
const machineAndBelow: readonly string[] = [
  ...['/proc', '/sys', '/dev', '/boot', '/root', '/var/lib/docker', '/var/lib/containerd', '/var/lib/cloud'],
  ...['/etc/shadow', '/etc/gshadow', '/etc/ssh', '/etc/sudoers', '/etc/sudoers.d', '/etc/pam.d'],
  ...['/etc/ssl/private', '/etc/systemd', '/etc/docker', '/etc/crontab', '/etc/cron.d', '/var/spool/cron'],
  ...['/etc/cron.hourly', '/etc/cron.daily', '/etc/cron.weekly', '/etc/cron.monthly'],
];

/** Whose sockets are root on the host. */
const engines: readonly string[] = ['docker', 'containerd', 'podman', 'crio', 'buildkit'];

/** Who has sockets below /run by which the host is told what to do: read-only, a socket takes orders all the same. */
const managers: readonly string[] = [
  ...['systemd', 'dbus', 'bus', 'initctl', 'udev', 'polkit', 'snapd', 'lxd', 'incus', 'libvirt'],
];

/** What a person keeps keys in, below a home of theirs. */
const keys: readonly string[] = ['.ssh', '.gnupg', '.docker', '.aws', '.kube'];

/**
 * Which part of the machine itself a path is; undefined where it is none.
 *
 * @returns the power that it takes, and what is known of the path, in words: never more of what stands in the file
 */
export function partOfMachine(source: string): readonly [power: Power, what: string] | undefined {
  if (hasVariable(source)) return ['host-files', 'a path that a variable names'];
  const path = onHost(source);
  if (path === undefined) return undefined;
  // Mounting the folder is mounting the socket.
  if (/^\/run(?:\/user(?:\/[^/]*)?)?$/.test(path)) return ['engine-socket', '/run of the host'];
  const [, whose = ''] = /^\/run\/(?:user\/[^/]+\/)?([a-z]+)/.exec(path) ?? [];
  if (engines.includes(whose)) {
    const socket = `/run/${whose}.sock`;
    return ['engine-socket', `${path === socket ? socket : `/run/${whose}`} of the host`];
  }
  if (managers.includes(whose)) return ['host-files', `/run/${whose} of the host`];
  const [isHome, kept] = /^\/home\/[^/]+(?:\/([^/]+).*)?$/.exec(path) ?? [];
  if (isHome !== undefined && kept === undefined) return ['host-files', 'the home of a user of the host'];
  if (kept !== undefined && keys.includes(kept)) return ['host-files', `the ${kept} of a user of the host`];
  const folder =
    machine.find((each) => path === each) ??
    machineAndBelow.find((each) => path === each || path.startsWith(`${each}/`));
  return folder === undefined ? undefined : ['host-files', `${folder} of the host`];
}

/**
 * The path as the host resolves it; undefined for one inside the project's folder. How deep that lies is not known: what
 * climbs out of it is taken for what climbs to the root.
 */
function onHost(source: string): string | undefined {
  const path = posix.normalize(source.replace(/^~(?=\/|$)/, '/root'));
  const climbed = path.replace(/^(?:\.\.(?:\/|$))+/, '');
  if (!path.startsWith('/') && (climbed === path || climbed === '')) return undefined;
  const absolute = posix.normalize(`/${climbed}`).replace(/(.)\/+$/, '$1');
  return absolute.replace(/^\/var\/run(?=\/|$)/, '/run');
}

/** Directories and files of the host that a service writes to, without those that are the machine itself. */
export const writtenPathsOf = (entry: PlainMapping, document: PlainMapping): readonly string[] =>
  mounted(entry, document).flatMap(({ path, readOnly }) => {
    if (readOnly || partOfMachine(path) !== undefined) return [];
    return onHost(path) ?? [];
  });

/** Character devices that each container has (Docker source, oci, "DefaultLinuxSpec"): null, zero, full, random, terminals. */
const everyonesDevice = /^\s*c\s+(?:1:[35789]|5:[012]|136:(?:\*|\d+))\s/;

/** What a rule asks for that lets nobody read or write: to make the file of a device. */
const onlyMakes = /\s+m\s*$/;

/**
 * Devices of the host that a service may open, by path (a name such as `vendor.com/gpu=0` is none), and rules that let it
 * make and open others.
 */
export function devicesOf(entry: PlainMapping): readonly string[] {
  const paths = listOf(entry['devices'])
    .map((item: Plain) => textOf(item) ?? textOf(mappingOf(item)['source']) ?? '')
    .filter((source) => source.startsWith('/') || hasVariable(source));
  const rules = textsOf(entry['device_cgroup_rules']).filter(
    (rule) => hasVariable(rule) || !(everyonesDevice.test(rule) || onlyMakes.test(rule)),
  );
  return [
    ...paths.map(() => 'it gets a device of the host'),
    ...rules.map(() => 'it may open devices of the host that a rule names'),
  ];
}
