import { Build } from './build';
import type { Config } from './config';
import { configHashOf, withConfigHash } from './config-hash';
import { renderDependencies, type Dependency } from './dependency';
import { renderDeployment, type Deployment } from './deployment';
import { renderWatches, type Watch } from './develop';
import { renderGrant, type Grant } from './grant';
import { Handle } from './handle';
import type { Logging } from './logging';
import { renderMount, type Mount } from './mount';
import type { Attachment } from './network';
import type { Project } from './project';
import { overlaid, type Raw } from './raw';
import type { Image } from './reference';
import type { Secret } from './secret';
import { mapped, orNone, together, type Mapping } from './tree';
import { renderIsolation, type IsolationProps } from './workload/isolation';
import { attachmentsOf, renderNetworking, type NetworkingProps } from './workload/networking';
import { renderPlatform, type PlatformProps } from './workload/platform';
import { renderProcess, type ProcessProps } from './workload/process';
import { renderResources, type ResourceProps } from './workload/resources';

/** What services and one-shot jobs have in common. A changed value recreates the container, and nothing else. */
export interface WorkloadProps<Owner extends string = string>
  extends ProcessProps, IsolationProps<Owner>, ResourceProps, NetworkingProps<Owner>, PlatformProps<Owner> {
  /** What runs: an image by digest, a declared variable that holds one, or a {@link Build}. */
  readonly image: Image | Build<Owner>;
  /** Volumes, folders, directories of the host and memory, by where the container sees them. @default - none */
  readonly mounts?: readonly Mount<Owner>[];
  /**
   * Paths that the image declares as volumes (`VOLUME`). Each must be mounted: Docker would make an anonymous volume
   * of it, which is lost with the container. @default - none that are known
   */
  readonly imageVolumes?: readonly string[];
  readonly configs?: readonly (Config<Owner> | Grant<Config<Owner>>)[];
  readonly secrets?: readonly (Secret<Owner> | Grant<Secret<Owner>>)[];
  /** Services that must have come so far before it is started. @default - none */
  readonly dependsOn?: readonly Dependency<Owner>[];
  /**
   * Whether a changed file that it mounts recreates it: the files' hash is then one of its labels. Off for what must
   * never stop by surprise and has a command of its own for such changes. @default true
   */
  readonly recreateOnConfigChange?: boolean;
  /** @default - the project's */
  readonly logging?: Logging;
  /** How a swarm or the like runs it; the engine alone takes only the limits. @default - none */
  readonly deployment?: Deployment;
  /** What `docker compose watch` does for a developer. @default - nothing */
  readonly watches?: readonly Watch[];
  /** What has no property here. @default - nothing */
  readonly raw?: Raw;
}

/** A service in the sense of Compose: long-running ({@link Service}) or run once ({@link OneShot}). */
export abstract class Workload<Owner extends string = string> extends Handle<Owner> {
  readonly attachments: readonly Attachment<Owner>[];

  /** @param name its name in the project, and the name that other containers reach it by */
  constructor(
    project: Project<Owner>,
    name: string,
    readonly props: WorkloadProps<NoInfer<Owner>>,
  ) {
    super(project, 'services', name);
    project.services.push(this);
    this.attachments = attachmentsOf(props);
  }

  /** The entries that only its kind has. */
  protected abstract renderOwn(): Mapping;

  /** The service's entry, its keys in one fixed order. */
  render(): Mapping {
    const { props } = this;
    const hash = configHashOf(this);
    const entry = together(
      props.image instanceof Build ? props.image.render() : { image: props.image },
      this.renderOwn(),
      renderPlatform(props, hash),
      renderProcess(props),
      renderIsolation(props),
      renderNetworking(props, this.attachments),
      {
        volumes: orNone(props.mounts?.map(renderMount)),
        configs: orNone(props.configs?.map(renderGrant)),
        secrets: orNone(props.secrets?.map(renderGrant)),
        depends_on: renderDependencies(props.dependsOn),
      },
      renderResources(props),
      {
        deploy: mapped(props.deployment, (deployment) => this.renderDeployment(deployment)),
        logging: (props.logging ?? this.project.logging).render(),
        develop: props.watches?.length ? renderWatches(props.watches) : undefined,
      },
    );
    return withConfigHash(overlaid(entry, props.raw), hash);
  }

  private renderDeployment(deployment: Deployment): Mapping {
    const { memory, cpus, maxProcesses, memoryReservation, replicas } = this.props;
    return renderDeployment(deployment, {
      replicas,
      limits: { memory: memory.toString(), cpus: mapped(cpus, String), pids: maxProcesses },
      reservedMemory: memoryReservation?.toString(),
    });
  }
}
