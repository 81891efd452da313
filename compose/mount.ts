import type { Bytes } from './bytes';
import type { ConfigFolder } from './config-folder';
import type { Node } from './tree';
import type { Volume } from './volume';

/** Where a container sees something that is not in its image. */
export type Mount<Owner extends string = string> =
  VolumeMount<Owner> | FolderMount<Owner> | HostMount | Tmpfs;

export interface VolumeMount<Owner extends string = string> {
  readonly kind: 'volume';
  readonly volume: Volume<Owner>;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface FolderMount<Owner extends string = string> {
  readonly kind: 'folder';
  readonly folder: ConfigFolder<Owner>;
  readonly target: string;
}

export interface HostMount {
  readonly kind: 'host';
  /** Absolute path of a directory on the host. */
  readonly source: string;
  readonly target: string;
}

export interface Tmpfs {
  readonly kind: 'tmpfs';
  readonly target: string;
  readonly size: Bytes;
}

/** A volume, writable unless said otherwise. */
export const mountVolume = <Owner extends string>(
  volume: Volume<Owner>,
  target: string,
  options: { readonly readOnly?: boolean } = {},
): VolumeMount<Owner> => ({ kind: 'volume', volume, target, readOnly: options.readOnly ?? false });

/** A configuration folder, read-only. */
export const mountFolder = <Owner extends string>(
  folder: ConfigFolder<Owner>,
  target: string,
): FolderMount<Owner> => ({ kind: 'folder', folder, target });

/** A directory of the host, read-only. Docker refuses to start when it is not there. */
export const mountHostDirectory = (source: string, target: string): HostMount => ({
  kind: 'host',
  source,
  target,
});

/** Memory that the container may write to and that is gone with it. */
export const tmpfs = (target: string, size: Bytes): Tmpfs => ({ kind: 'tmpfs', target, size });

/** The entry under `volumes`. A missing source is an error: Docker would otherwise make an empty directory of it. */
export function renderMount(mount: Mount): Node {
  switch (mount.kind) {
    case 'volume':
      return {
        type: 'volume',
        source: mount.volume.name,
        target: mount.target,
        read_only: mount.readOnly ? true : undefined,
      };
    case 'folder':
      return bind(`./${mount.folder.name}`, mount.target);
    case 'host':
      return bind(mount.source, mount.target);
    case 'tmpfs':
      return { type: 'tmpfs', target: mount.target, tmpfs: { size: mount.size.toBytes() } };
  }
}

const bind = (source: string, target: string): Node => ({
  type: 'bind',
  source,
  target,
  read_only: true,
  bind: { create_host_path: false },
});
