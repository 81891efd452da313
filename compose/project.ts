import { Construct } from 'constructs';
import type { Allowance } from './allowance';
import { idOf, idWithin } from './construct-id';
import type { Config } from './config';
import type { ConfigFile, ConfigFolder } from './config-folder';
import type { Logging } from './logging';
import type { Model } from './model';
import type { Network } from './network';
import type { Profile } from './profile';
import { overlaid, type Raw } from './raw';
import type { Secret } from './secret';
import type { Mapping } from './tree';
import type { Volume } from './volume';
import type { Workload } from './workload';

export interface ProjectProps {
  /** First line of every file, without the comment sign: what made it and how to make it again. */
  readonly generatedBy: string;
  /** Logging of every service that has none of its own. */
  readonly logging: Logging;
  /** What services may do beyond the rules, each with its reason. @default - nothing */
  readonly allow?: readonly Allowance[];
  /** What has no construct here: `include`, extension fields. @default - nothing */
  readonly raw?: Raw;
}

const sections = [
  'services',
  'networks',
  'volumes',
  'folders',
  'configs',
  'secrets',
  'models',
  'profiles',
] as const;

/** Where the handles of one kind hang in the tree. */
export type Section = (typeof sections)[number];

/**
 * A Compose project: a folder on a host with a `compose.yaml` and the configuration folders that it mounts.
 *
 * What belongs to it (networks, volumes, folders, configs, secrets, models, profiles, services) is made with the project as its
 * first argument; its name is part of their types, so that another project's handle does not compile. Where the name is no literal, it
 * does, and COMPOSE-201 refuses it.
 */
export class Project<const Name extends string = string> extends Construct {
  readonly name: Name;
  readonly generatedBy: string;
  readonly logging: Logging;
  readonly allow: readonly Allowance[];
  readonly raw: Raw | undefined;
  /** What it declares, in the order of construction. Each adds itself when it is made. */
  readonly services: Workload[] = [];
  readonly networks: Network[] = [];
  readonly volumes: Volume[] = [];
  readonly folders: ConfigFolder[] = [];
  readonly configs: Config[] = [];
  readonly secrets: Secret[] = [];
  readonly models: Model[] = [];
  readonly profiles: Profile[] = [];
  readonly #sections: ReadonlyMap<Section, Construct>;
  /** Files of the folders, by path. A folder's files do not change once it is made. */
  #files: ReadonlyMap<string, ConfigFile> = new Map();
  #foldersSeen = 0;

  /**
   * @param scope the construct it is part of, or undefined where it stands alone
   * @param name project name: lower-case letters, digits, `-` and `_`. A changed name makes new containers and volumes.
   */
  constructor(scope: Construct | undefined, name: Name, props: ProjectProps) {
    // A construct without a scope is the root of its tree; the library's types leave that to RootConstruct alone.
    super(scope as Construct, scope === undefined ? idOf(name) : idWithin(scope, name));
    this.name = name;
    this.generatedBy = props.generatedBy;
    this.logging = props.logging;
    this.allow = props.allow ?? [];
    this.raw = props.raw;
    this.#sections = new Map(sections.map((section) => [section, new Construct(this, section)]));
  }

  /** Where the handles of one kind hang, so that a service and a network may have the same name, as in Compose. */
  section(name: Section): Construct {
    return this.#sections.get(name)!;
  }

  /** The file that one of its folders writes to this path below the project's folder. */
  file(path: string): ConfigFile | undefined {
    if (this.#foldersSeen !== this.folders.length) {
      this.#foldersSeen = this.folders.length;
      this.#files = new Map(
        this.folders.flatMap((folder) => folder.files.map((file) => [`${folder.name}/${file.path}`, file])),
      );
    }
    return this.#files.get(path);
  }

  /**
   * The document, its names in alphabetical order: the order of construction means nothing to Compose.
   *
   * @param services the services' entries, where they were rendered before
   */
  render(services: ReadonlyMap<Workload, Mapping> = new Map()): Mapping {
    const entry: Mapping = {
      name: this.name,
      services: byName(this.services, (service) => services.get(service) ?? service.render()),
      networks: byName(this.networks, (network) => network.render()),
      volumes: byName(this.volumes, (volume) => volume.render()),
      configs: byName(this.configs, (config) => config.render()),
      secrets: byName(this.secrets, (secret) => secret.render()),
      models: byName(this.models, (model) => model.render()),
    };
    return overlaid(entry, this.raw);
  }
}

function byName<Named extends { readonly name: string }>(
  handles: readonly Named[],
  render: (handle: Named) => Mapping,
): Mapping | undefined {
  if (handles.length === 0) return undefined;
  const sorted = [...handles].sort((one, other) => (one.name < other.name ? -1 : 1));
  return Object.fromEntries(sorted.map((handle) => [handle.name, render(handle)]));
}
