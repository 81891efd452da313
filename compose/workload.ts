import type { Bytes } from './bytes';
import type { Dependency } from './dependency';
import { Handle } from './handle';
import type { Logging } from './logging';
import { renderMount, type Mount } from './mount';
import { Network, type Attachment } from './network';
import type { Project } from './project';
import type { EnvironmentValue, Image, Value } from './reference';
import type { Node } from './tree';

/** What services and one-shot jobs have in common. A changed value recreates the container, and nothing else. */
export interface WorkloadProps<Owner extends string = string> {
  readonly image: Image;
  /** Most memory it may use; the kernel kills it beyond that, instead of the whole host. */
  readonly memory: Bytes;
  /** Networks it is on. None at all is no network. */
  readonly networks: readonly (Network<Owner> | Attachment<Owner>)[];
  /** Replaces the image's entrypoint. @default - the image's */
  readonly entrypoint?: readonly [Value, ...Value[]];
  /** Replaces the image's command. @default - the image's */
  readonly command?: readonly [Value, ...Value[]];
  /** Only what it needs: the one place that takes secrets. @default - none */
  readonly environment?: { readonly [name: string]: EnvironmentValue };
  readonly mounts?: readonly Mount<Owner>[];
  /** Services that must have come so far before it is started. @default - none */
  readonly dependsOn?: readonly Dependency<Owner>[];
  /** Started only where one of these is asked for. @default - always */
  readonly profiles?: readonly string[];
  /** Processors' worth of time, e.g. 1.5. @default - no limit */
  readonly cpus?: number;
  /** Most processes and threads. @default - no limit */
  readonly maxProcesses?: number;
  /** Size of /dev/shm. @default - Docker's 64 MiB */
  readonly sharedMemory?: Bytes;
  /** User (and group) that it runs as. @default - the image's */
  readonly user?: string;
  /** Root file system that cannot be written to. @default false */
  readonly readOnly?: boolean;
  /** Linux capabilities that it keeps; all others are dropped. @default - Docker's default set */
  readonly capabilities?: readonly string[];
  /** No program in it gains rights by its owner or file capabilities. @default true */
  readonly noNewPrivileges?: boolean;
  /** A small init process that passes signals on and reaps children. @default false */
  readonly init?: boolean;
  /** @default - the project's */
  readonly logging?: Logging;
  /** Docker labels. @default - none */
  readonly labels?: { readonly [name: string]: Value };
}

/** A service in the sense of Compose: long-running ({@link Service}) or run once ({@link OneShot}). */
export abstract class Workload<Owner extends string = string> extends Handle<Owner> {
  readonly attachments: readonly Attachment<Owner>[];

  constructor(
    project: Project<Owner>,
    name: string,
    readonly props: WorkloadProps<NoInfer<Owner>>,
  ) {
    super(project, 'services', name);
    project.services.push(this);
    this.attachments = props.networks.map((joined) => (joined instanceof Network ? joined.as() : joined));
  }

  /** The entries that only its kind has. */
  protected abstract renderOwn(): { readonly [key: string]: Node | undefined };

  /** The service's entry, its keys in one fixed order. */
  render(): { readonly [key: string]: Node | undefined } {
    const { props } = this;
    return {
      image: props.image,
      ...this.renderOwn(),
      profiles: orNone(props.profiles),
      entrypoint: props.entrypoint,
      command: props.command,
      user: props.user,
      read_only: props.readOnly ? true : undefined,
      init: props.init ? true : undefined,
      cap_drop: props.capabilities === undefined ? undefined : ['ALL'],
      cap_add: orNone(props.capabilities),
      security_opt: props.noNewPrivileges === false ? undefined : ['no-new-privileges:true'],
      environment: orNone(props.environment),
      // Without an entry Compose would put it on a network of its own making.
      network_mode: this.attachments.length === 0 ? 'none' : undefined,
      networks: orNone(
        Object.fromEntries(
          this.attachments.map(({ network, aliases }) => [
            network.name,
            aliases.length > 0 ? { aliases } : {},
          ]),
        ),
      ),
      volumes: orNone(props.mounts?.map(renderMount)),
      depends_on: orNone(
        Object.fromEntries((props.dependsOn ?? []).map(({ on, condition }) => [on.name, { condition }])),
      ),
      mem_limit: props.memory.toString(),
      cpus: props.cpus === undefined ? undefined : String(props.cpus),
      pids_limit: props.maxProcesses,
      shm_size: props.sharedMemory?.toString(),
      logging: (props.logging ?? this.project.logging).render(),
      labels: orNone(props.labels),
    };
  }
}

/** Entries that are empty are left out. */
export function orNone<Entry extends Node>(entry: Entry | undefined): Entry | undefined {
  return entry === undefined || Object.keys(entry).length === 0 ? undefined : entry;
}
