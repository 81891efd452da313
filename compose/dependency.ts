import type { Healthcheck } from './healthcheck';
import type { OneShot } from './one-shot';
import type { Service } from './service';
import type { Node } from './tree';
import type { Workload } from './workload';

export interface DependencyProps {
  /** Restart the dependant too whenever Compose restarts or recreates the other one. @default false */
  readonly restart?: boolean;
  /** Whether the other one must be there; if not, Compose only warns when it is not. @default true */
  readonly required?: boolean;
}

/** What must be true of another service before one is started. */
export interface Dependency<Owner extends string = string> extends DependencyProps {
  readonly on: Workload<Owner>;
  readonly condition: 'service_healthy' | 'service_completed_successfully' | 'service_started';
}

/** Waits until the service is healthy. One without a healthcheck does not compile: it never would be. */
export const whenHealthy = <Owner extends string>(
  on: Service<Owner, Healthcheck>,
  props: DependencyProps = {},
): Dependency<Owner> => ({ on, condition: 'service_healthy', ...props });

/** Waits until the job has ended with 0. A long-running service does not compile: it never ends. */
export const whenCompleted = <Owner extends string>(
  on: OneShot<Owner>,
  props: DependencyProps = {},
): Dependency<Owner> => ({ on, condition: 'service_completed_successfully', ...props });

/** Waits until the container has been started, ready or not. */
export const whenStarted = <Owner extends string>(
  on: Workload<Owner>,
  props: DependencyProps = {},
): Dependency<Owner> => ({ on, condition: 'service_started', ...props });

/** The entry under `depends_on`; undefined where nothing is waited for. */
export function renderDependencies(dependencies: readonly Dependency[] | undefined): Node | undefined {
  if (dependencies === undefined || dependencies.length === 0) return undefined;
  return Object.fromEntries(
    dependencies.map(({ on, condition, restart, required }) => [
      on.name,
      { condition, restart: restart ? true : undefined, required: required === false ? false : undefined },
    ]),
  );
}
