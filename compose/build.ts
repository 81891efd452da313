import type { Bytes } from './bytes';
import { ConfigFolder } from './config-folder';
import { renderExtraHosts, type ExtraHosts } from './extra-hosts';
import { ForeignFile, pathOf } from './file-reference';
import { renderGrant, type Grant } from './grant';
import { overlaid, type Raw } from './raw';
import type { Value, Values } from './reference';
import type { Secret } from './secret';
import { orNone, type Mapping } from './tree';
import { renderUlimits, type Ulimits } from './ulimit';
import type { Workload } from './workload';

/** Where a build's files come from: a folder of the project, one that others write, or a repository's URL. */
export type BuildContext<Owner extends string = string> =
  ConfigFolder<Owner> | ForeignFile | `${'https' | 'ssh' | 'git'}://${string}`;

/** How an image is built: one of a file in the context, which is the default, or the Dockerfile's own text. */
export type Dockerfile =
  | {
      /** Path in the context. @default 'Dockerfile' */
      readonly dockerfile?: string;
      readonly dockerfileContent?: never;
    }
  | {
      /** The Dockerfile's own text, instead of a file. */
      readonly dockerfileContent: string;
      readonly dockerfile?: never;
    };

export type BuildProps<Owner extends string = never> = Dockerfile & {
  readonly context: BuildContext<Owner>;
  /**
   * What the image is called here: `name:tag`. With one, each `up` builds anew what changed, unless the service's `pullPolicy`
   * is `never`: then it is built once. @default - `<project>-<service>`
   */
  readonly tag?: `${string}:${string}`;
  /** Further names. @default - none */
  readonly tags?: readonly Value[];
  /** The stage to build. @default - the last one */
  readonly target?: string;
  /** Build arguments. They stay in the image's history: no secret compiles here. @default - none */
  readonly arguments?: Values;
  /** Secrets for the build's own steps. @default - none */
  readonly secrets?: readonly (Secret<Owner> | Grant<Secret<Owner>>)[];
  /** SSH agents or keys that steps may use: id to socket or key; `default` takes the agent. @default - none */
  readonly ssh?: { readonly [id: string]: string };
  /** Further contexts by name: folders, images (`docker-image://…`), or another service's image. @default - none */
  readonly contexts?: {
    readonly [name: string]: BuildContext<Owner> | Workload<Owner> | `docker-image://${string}`;
  };
  readonly cacheFrom?: readonly Value[];
  readonly cacheTo?: readonly Value[];
  /** Build every step anew. @default false */
  readonly noCache?: boolean;
  /** Ask the registry for newer base images. @default false */
  readonly pull?: boolean;
  /** Network of the build's steps. @default - Docker's */
  readonly network?: 'default' | 'host' | 'none' | (string & {});
  readonly platforms?: readonly string[];
  /** Attestations of origin and content. @default - the builder's */
  readonly provenance?: boolean | string;
  readonly sbom?: boolean | string;
  /** Rights beyond the usual: `network.host`, `security.insecure`. @default - none */
  readonly entitlements?: readonly string[];
  readonly privileged?: boolean;
  readonly extraHosts?: ExtraHosts;
  readonly sharedMemory?: Bytes;
  readonly ulimits?: Ulimits;
  /** Labels of the image. @default - none */
  readonly labels?: Values;
  /** What has no property here. @default - nothing */
  readonly raw?: Raw;
};

/** An image that Compose builds: what a service has for its `image` where no registry does. */
export class Build<Owner extends string = never> {
  constructor(readonly props: BuildProps<Owner>) {}

  /** The entries `build`, `image` and, below that of its `pullPolicy`, `pull_policy` of the service. */
  render(): Mapping {
    const { props } = this;
    const entry: Mapping = {
      context: contextOf(props.context),
      dockerfile: props.dockerfile,
      dockerfile_inline: props.dockerfileContent,
      target: props.target,
      args: orNone(props.arguments),
      secrets: orNone(props.secrets?.map(renderGrant)),
      ssh: orNone(props.ssh),
      additional_contexts:
        props.contexts &&
        Object.fromEntries(
          Object.entries(props.contexts).map(([name, context]) => [name, contextOf(context)]),
        ),
      cache_from: orNone(props.cacheFrom),
      cache_to: orNone(props.cacheTo),
      no_cache: props.noCache ? true : undefined,
      pull: props.pull ? true : undefined,
      network: props.network,
      platforms: orNone(props.platforms),
      provenance: props.provenance,
      sbom: props.sbom,
      entitlements: orNone(props.entitlements),
      privileged: props.privileged ? true : undefined,
      extra_hosts: renderExtraHosts(props.extraHosts),
      shm_size: props.sharedMemory?.toString(),
      ulimits: renderUlimits(props.ulimits),
      tags: orNone(props.tags),
      labels: orNone(props.labels),
    };
    const build = overlaid(entry, props.raw);
    // Compose would ask a registry for the name first, and take whatever somebody has there.
    return props.tag === undefined ? { build } : { image: props.tag, pull_policy: 'build', build };
  }
}

function contextOf(context: ConfigFolder | ForeignFile | Workload | string): string {
  if (typeof context === 'string') return context;
  if (context instanceof ForeignFile) return pathOf(context);
  return context instanceof ConfigFolder ? `./${context.name}` : `service:${context.name}`;
}
