import type { Bytes } from './bytes';
import type { ConfigFolder } from './config-folder';
import { type FileReference, pathOf } from './file-reference';
import type { Image, Values } from './reference';
import { orNone, type Node } from './tree';
import type { Volume } from './volume';

/**
 * Where a container sees something that is not in its image. `cluster` volumes and Windows' named pipes have no type
 * here: they go through `raw`.
 */
export type Mount<Owner extends string = string> =
  VolumeMount<Owner> | FolderMount<Owner> | HostMount | ImageMount | Tmpfs;

export interface VolumeMountProps {
  /** @default false */
  readonly readOnly?: boolean;
  /** A folder of the volume instead of all of it; needs Docker 26. @default - all of it */
  readonly subpath?: string;
  /** Leave an empty volume empty instead of filling it from the image. @default false */
  readonly noCopy?: boolean;
  /** Labels of the volume, when this makes it. @default - none */
  readonly labels?: Values;
}

export interface VolumeMount<Owner extends string = string> extends VolumeMountProps {
  readonly kind: 'volume';
  readonly volume: Volume<Owner>;
  readonly target: string;
}

export interface FolderMount<Owner extends string = string> {
  readonly kind: 'folder';
  readonly folder: ConfigFolder<Owner>;
  readonly target: string;
}

export interface HostMountProps {
  /** Let the container write to it. A host's directory is state that no volume command knows of. @default false */
  readonly writable?: boolean;
  /** Make the directory when it is not there, as root. @default false, and Docker refuses to start */
  readonly create?: boolean;
  /** Whether mounts made later below it are seen on the other side. @default - Docker's `rprivate` */
  readonly propagation?: 'private' | 'rprivate' | 'shared' | 'rshared' | 'slave' | 'rslave';
  /** What becomes of mounts below it: none, all, all but writable, or all read-only or nothing. @default 'enabled' */
  readonly recursive?: 'disabled' | 'enabled' | 'writable' | 'readonly';
  /** Relabel it for SELinux: shared (`z`) or this container's alone (`Z`). @default - not at all */
  readonly selinux?: 'z' | 'Z';
  /** How exact Docker Desktop keeps it; nothing on Linux. @default - none */
  readonly consistency?: 'consistent' | 'cached' | 'delegated';
}

export interface HostMount extends HostMountProps {
  readonly kind: 'host';
  /** Absolute path on the host, or a file beside `compose.yaml`. */
  readonly source: FileReference;
  readonly target: string;
}

export interface ImageMount {
  readonly kind: 'image';
  readonly image: Image;
  readonly target: string;
  readonly subpath?: string;
}

export interface Tmpfs {
  readonly kind: 'tmpfs';
  readonly target: string;
  readonly size: Bytes;
  readonly mode?: number;
}

/** A volume, writable unless said otherwise. */
export const mountVolume = <Owner extends string>(
  volume: Volume<Owner>,
  target: string,
  props: VolumeMountProps = {},
): VolumeMount<Owner> => ({ kind: 'volume', volume, target, ...props });

/** A configuration folder, read-only. */
export const mountFolder = <Owner extends string>(
  folder: ConfigFolder<Owner>,
  target: string,
): FolderMount<Owner> => ({ kind: 'folder', folder, target });

/** A directory of the host, read-only unless said otherwise. Docker refuses to start when it is not there. */
export const mountHostDirectory = (
  source: FileReference,
  target: string,
  props: HostMountProps = {},
): HostMount => ({ kind: 'host', source, target, ...props });

/** The files of another image, read-only; needs Docker 28. */
export const mountImage = (
  image: Image,
  target: string,
  props: { readonly subpath?: string } = {},
): ImageMount => ({ kind: 'image', image, target, ...props });

/**
 * Memory that the container may write to and that is gone with it.
 *
 * @param props permission bits of its root. @default 0o1777
 */
export const tmpfs = (target: string, size: Bytes, props: { readonly mode?: number } = {}): Tmpfs => ({
  kind: 'tmpfs',
  target,
  size,
  ...props,
});

/** The entry under `volumes`. A missing source is an error: Docker would otherwise make an empty directory of it. */
export function renderMount(mount: Mount): Node {
  const { target } = mount;
  switch (mount.kind) {
    case 'volume': {
      const { volume, readOnly, subpath, noCopy, labels } = mount;
      return {
        type: 'volume',
        source: volume.name,
        target,
        read_only: readOnly ? true : undefined,
        volume: withAny({ subpath, nocopy: noCopy ? true : undefined, labels: orNone(labels) }),
      };
    }
    case 'folder':
      return { type: 'bind', source: `./${mount.folder.name}`, target, read_only: true, bind: existing };
    case 'host': {
      const { source, writable, create, propagation, recursive, selinux, consistency } = mount;
      return {
        type: 'bind',
        source: pathOf(source),
        target,
        read_only: writable ? undefined : true,
        consistency,
        bind: { create_host_path: create ?? false, propagation, recursive, selinux },
      };
    }
    case 'image':
      return { type: 'image', source: mount.image, target, image: withAny({ subpath: mount.subpath }) };
    case 'tmpfs':
      // The mode in decimal: Compose takes no text here, and 0700 is one number to YAML 1.1 and another to 1.2.
      return { type: 'tmpfs', target, tmpfs: { size: mount.size.toBytes(), mode: mount.mode } };
  }
}

const existing = { create_host_path: false } as const;

const withAny = (entry: { readonly [key: string]: Node | undefined }): Node | undefined =>
  Object.values(entry).every((value) => value === undefined) ? undefined : entry;
