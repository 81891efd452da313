import { mappingOf, type PlainMapping } from '../tree';
import { hasVariable, textOf } from './entry';

/** What a volume is in truth. */
interface VolumePath {
  /** As it stands in the file, or from `/` where the engine resolves it. */
  readonly path: string;
  readonly readOnly: boolean;
}

/** File systems of other machines: their devices are addresses (mount(2) as Docker's `local` driver calls it). */
const ofOtherMachines: ReadonlySet<string> = new Set([
  ...['nfs', 'nfs4', 'cifs', 'smb3', 'smbfs', 'ceph', 'glusterfs', '9p', 'afs', 'lustre'],
]);

/** The same by their first words, and whatever has a machine before its path: `files.test:/srv`. */
const isOfAnotherMachine = (type: string, device: string): boolean =>
  ofOtherMachines.has(type) ||
  /^fuse(?:\.|$)/.test(type) ||
  (!hasVariable(device) && /^[^/]+:\//.test(device));

/** Disks by what stands on them (mount(8)): no paths. */
const isTag = (device: string): boolean => /^(?:PART)?(?:LABEL|UUID)=/.test(device);

/** File systems that the kernel makes of itself, by where a host has them: their devices are only words. */
const ofTheKernel: ReadonlyMap<string, string> = new Map(
  (
    [
      ['/proc', ['proc', 'binfmt_misc']],
      ['/sys', ['sysfs', 'cgroup', 'cgroup2', 'debugfs', 'tracefs', 'securityfs', 'selinuxfs', 'configfs']],
      ['/sys', ['bpf', 'efivarfs', 'pstore', 'fusectl']],
      ['/dev', ['devtmpfs', 'devpts', 'mqueue', 'hugetlbfs']],
    ] as const
  ).flatMap(([place, types]) => types.map((type) => [type, place] as const)),
);

/** Those whose device is only a word, and that hold nothing of the host but what their options name. */
const ofNothing: ReadonlySet<string> = new Set(['tmpfs', 'ramfs', 'overlay']);

/**
 * Paths of the host behind a volume with options: Docker's own driver mounts what `mount(2)` would, a directory with `bind`, a
 * disk, the layers of an overlay, the kernel's own file systems.
 */
export function pathsBehindVolume({ driver, driver_opts }: PlainMapping): readonly VolumePath[] {
  if (driver !== undefined && driver !== 'local' && !hasVariable(driver)) return [];
  const { type, device, o } = mappingOf(driver_opts);
  const written = textOf(o) ?? '';
  const options = written.split(',');
  const readOnly = options.includes('ro');
  const path = deviceOf(textOf(type) ?? '', textOf(device) ?? '', written, options);
  const own = path === undefined || path === '' ? [] : [{ path, readOnly }];
  return [...own, ...options.flatMap((option) => layersOf(option, readOnly))];
}

function deviceOf(
  type: string,
  device: string,
  written: string,
  options: readonly string[],
): string | undefined {
  // The kernel looks at no type where it binds. What is a variable alone may be the word.
  if (options.some((option) => /^r?bind$/.test(option) || hasVariable(option.split('=')[0]))) {
    // Compose resolves what is relative for this one spelling (compose-go, paths, "volumeDriverOpts"); else the engine does.
    return written === 'bind' ? device : fromRoot(device);
  }
  const place = ofTheKernel.get(type);
  if (place !== undefined) return place;
  return isOfAnotherMachine(type, device) || ofNothing.has(type) || isTag(device)
    ? undefined
    : fromRoot(device);
}

/** What else of the host an option names: of all of them, an overlay alone writes there. */
function layersOf(option: string, readOnly: boolean): readonly VolumePath[] {
  const [key = '', value = ''] = option.split(/=(.*)/s);
  const isLower = /^(?:lower|data)dir\+?$/.test(key);
  if (isLower || /^(?:upper|work)dir$/.test(key)) {
    // A sign behind a backslash is itself (overlayfs in the kernel's documentation).
    const layers = value.split(':').filter((layer) => layer !== '');
    return layers.map((layer) => ({
      path: fromRoot(layer.replace(/\\(.)/g, '$1')),
      readOnly: readOnly || isLower,
    }));
  }
  const paths = value.split(':').filter((each) => /^\/(?!\/)/.test(each));
  return paths.map((path) => ({ path, readOnly: true }));
}

/** The engine runs in `/`. */
const fromRoot = (path: string): string =>
  path === '' || /^[/~]/.test(path) || hasVariable(path) ? path : `/${path}`;
