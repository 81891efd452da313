import { orNone, type Node } from './tree';

/** Names that a container's `/etc/hosts` knows, with their addresses; `host-gateway` is the host's. */
export interface ExtraHosts {
  readonly [name: string]: string | readonly string[];
}

/** The entry under `extra_hosts`. */
export const renderExtraHosts = (hosts: ExtraHosts | undefined): Node | undefined =>
  hosts === undefined ? undefined : orNone({ ...hosts });
