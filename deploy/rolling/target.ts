import { app, runtimeServices } from '../../services';
import type { HostFacts } from './survey';

/** Where the new version runs. */
export interface Target {
  /** Its Compose service. */
  readonly service: string;
  /** Its name on the edge's network: what the file of the active upstream says. */
  readonly upstream: string;
  readonly port: number;
}

/**
 * The place that a new version is started in. There is one, so what served before has to make room for it; a second
 * one is chosen here, by what serves now.
 */
export const targetOf = (_facts: HostFacts): Target => ({
  service: runtimeServices.app,
  upstream: app.upstream,
  port: app.port,
});
