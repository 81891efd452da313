import type { Duration } from './duration';
import type { Healthcheck } from './healthcheck';
import type { Port } from './port';
import type { Project } from './project';
import type { Node } from './tree';
import { orNone, Workload, type WorkloadProps } from './workload';

export interface ServiceProps<
  Owner extends string,
  Health extends Healthcheck | undefined,
> extends WorkloadProps<Owner> {
  /** How Docker tells that it is well. Without one nobody can wait for it. @default - none */
  readonly healthcheck?: Health;
  /** When Docker starts it again. `always` also after it was stopped by hand and the engine restarts. */
  readonly restart: 'always' | 'unless-stopped' | 'on-failure';
  /** Published ports. @default - none */
  readonly ports?: readonly Port[];
  /** Time between being asked to stop and being killed: as long as its longest request. @default - Docker's 10 s */
  readonly stopGrace?: Duration;
  /** The signal that asks it to stop. @default - the image's, or SIGTERM */
  readonly stopSignal?: `SIG${string}`;
}

/** A service that is meant to run all the time. Whether it has a healthcheck is part of its type. */
export class Service<
  Owner extends string = string,
  Health extends Healthcheck | undefined = Healthcheck | undefined,
> extends Workload<Owner> {
  readonly kind = 'long-running';
  readonly healthcheck: Health;
  readonly ports: readonly Port[];

  /** @param name its name in the project, and the name that other containers reach it by. */
  constructor(
    project: Project<Owner>,
    name: string,
    private readonly own: ServiceProps<NoInfer<Owner>, Health>,
  ) {
    super(project, name, own);
    this.healthcheck = own.healthcheck as Health;
    this.ports = own.ports ?? [];
  }

  protected override renderOwn(): { readonly [key: string]: Node | undefined } {
    return {
      restart: this.own.restart,
      healthcheck: this.healthcheck?.render(),
      ports: orNone(this.ports.map(String)),
      stop_grace_period: this.own.stopGrace?.toString(),
      stop_signal: this.own.stopSignal,
    };
  }
}

export const isService = (workload: Workload): workload is Service => workload instanceof Service;
