import { Construct } from 'constructs';
import type { ConfigFolder } from './config-folder';
import type { Logging } from './logging';
import type { Network } from './network';
import type { Node } from './tree';
import type { Volume } from './volume';
import type { Workload } from './workload';

export interface ProjectProps {
  /** First line of every file, without the comment sign: what made it and how to make it again. */
  readonly generatedBy: string;
  /** Logging of every service that has none of its own. */
  readonly logging: Logging;
}

/**
 * A Compose project: a folder on a host with a `compose.yaml` and the configuration folders that it mounts.
 *
 * What belongs to it (networks, volumes, folders, services) is made with the project as its first argument; its name
 * is part of their types, so that another project's handle does not compile.
 */
export class Project<const Name extends string = string> extends Construct {
  readonly name: Name;
  readonly generatedBy: string;
  readonly logging: Logging;
  /** What it declares, in the order of construction. Each adds itself when it is made. */
  readonly services: Workload[] = [];
  readonly networks: Network[] = [];
  readonly volumes: Volume[] = [];
  readonly folders: ConfigFolder[] = [];
  readonly #sections: Readonly<Record<Section, Construct>>;

  /**
   * @param scope the construct it is part of, or undefined where it stands alone
   * @param name project name: lower-case letters, digits, `-` and `_`. A changed name makes new containers and volumes.
   */
  constructor(scope: Construct | undefined, name: Name, props: ProjectProps) {
    // A construct without a scope is the root of its tree; the library's types leave that to RootConstruct alone.
    super(scope as Construct, name);
    this.name = name;
    this.generatedBy = props.generatedBy;
    this.logging = props.logging;
    this.#sections = {
      services: new Construct(this, 'services'),
      networks: new Construct(this, 'networks'),
      volumes: new Construct(this, 'volumes'),
      folders: new Construct(this, 'folders'),
    };
  }

  /** Where the handles of one kind hang, so that a service and a network may have the same name, as in Compose. */
  section(name: Section): Construct {
    return this.#sections[name];
  }

  /** The document, its names in alphabetical order: the order of construction means nothing to Compose. */
  render(): { readonly [key: string]: Node | undefined } {
    return {
      name: this.name,
      services: byName(this.services),
      networks: byName(this.networks),
      volumes: byName(this.volumes),
    };
  }
}

type Section = 'services' | 'networks' | 'volumes' | 'folders';

function byName(handles: readonly { readonly name: string; render(): Node }[]): Node | undefined {
  if (handles.length === 0) return undefined;
  const sorted = [...handles].sort((one, other) => (one.name < other.name ? -1 : 1));
  return Object.fromEntries(sorted.map((handle) => [handle.name, handle.render()]));
}
