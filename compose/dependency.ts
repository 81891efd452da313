import type { Healthcheck } from './healthcheck';
import type { OneShot } from './one-shot';
import type { Service } from './service';
import type { Workload } from './workload';

/** What must be true of another service before one is started. */
export interface Dependency<Owner extends string = string> {
  readonly on: Workload<Owner>;
  readonly condition: 'service_healthy' | 'service_completed_successfully' | 'service_started';
}

/** Waits until the service is healthy. One without a healthcheck does not compile: it never would be. */
export const whenHealthy = <Owner extends string>(on: Service<Owner, Healthcheck>): Dependency<Owner> => ({
  on,
  condition: 'service_healthy',
});

/** Waits until the job has ended with 0. A long-running service does not compile: it never ends. */
export const whenCompleted = <Owner extends string>(on: OneShot<Owner>): Dependency<Owner> => ({
  on,
  condition: 'service_completed_successfully',
});

/** Waits until the container has been started, ready or not. */
export const whenStarted = <Owner extends string>(on: Workload<Owner>): Dependency<Owner> => ({
  on,
  condition: 'service_started',
});
