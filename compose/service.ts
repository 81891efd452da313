import { Healthcheck } from './healthcheck';
import type { Port } from './port';
import type { Project } from './project';
import { orNone, type Mapping } from './tree';
import { Workload, type WorkloadProps } from './workload';

/** What a service may have for a healthcheck: one of its own, the image's switched off, or whatever the image has. */
export type Health = Healthcheck | 'disabled' | undefined;

export interface ServiceProps<Owner extends string, Checked extends Health> extends WorkloadProps<Owner> {
  /** How Docker tells that it is well. Without one nobody can wait for it. @default - the image's, if it has one */
  readonly healthcheck?: Checked;
  /** When Docker starts it again. `always` also after it was stopped by hand and the engine restarts. */
  readonly restart: 'always' | 'unless-stopped' | 'on-failure' | `on-failure:${number}` | 'no';
  /** Published ports. @default - none */
  readonly ports?: readonly Port[];
}

/** A service that is meant to run all the time. Whether it has a healthcheck is part of its type. */
export class Service<Owner extends string = string, Checked extends Health = Health> extends Workload<Owner> {
  readonly kind = 'long-running';
  readonly healthcheck: Checked;
  readonly ports: readonly Port[];

  /** @param name its name in the project, and the name that other containers reach it by. */
  constructor(
    project: Project<Owner>,
    name: string,
    private readonly own: ServiceProps<NoInfer<Owner>, Checked>,
  ) {
    super(project, name, own);
    this.healthcheck = own.healthcheck as Checked;
    this.ports = own.ports ?? [];
  }

  protected override renderOwn(): Mapping {
    const { healthcheck } = this;
    return {
      restart: this.own.restart,
      healthcheck: healthcheck instanceof Healthcheck ? healthcheck.render() : disabled(healthcheck),
      ports: orNone(this.ports.map((port) => port.render())),
    };
  }
}

const disabled = (healthcheck: 'disabled' | undefined): Mapping | undefined =>
  healthcheck === undefined ? undefined : { disable: true };

/** Is it long-running? */
export const isService = (workload: Workload): workload is Service => workload instanceof Service;
