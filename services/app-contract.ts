/** What the application promises to those who run it (spec, cogni-architecture, "Health Validation"). */
export const app = {
  /**
   * Two places to run in: a new version is started in the one while the old version serves from the other. `service` is
   * the Compose service; `upstream` is its name on the edge's network, which a deploy writes into the edge's file of
   * the active upstream; `loginSuffix` is put after APP_DB_USER for the role that it logs in to the database as, so that
   * the one's password can be changed while the other is in use.
   */
  slots: {
    a: { service: 'app-a', upstream: 'cogni-app-a', loginSuffix: '' },
    b: { service: 'app-b', upstream: 'cogni-app-b', loginSuffix: '_b' },
  },
  /** Its name on the runtime's own network, in whichever slot it runs. */
  name: 'app',
  port: 3000,
  /** Milliseconds in which it says whether it is ready: what it asks others has shorter limits of its own. */
  readyWithin: 8_000,
  /** Milliseconds in which it says that it lives, whatever else it does. */
  liveWithin: 5_000,
  /**
   * Milliseconds without that sign, once there was one, after which it counts as hung and is started again. To the first one it has
   * as long as whoever starts it waits (`waitBudgets.app`).
   */
  deadAfter: 60_000,
  paths: {
    /** The process answers. */
    live: '/livez',
    /** It can serve: the health check and the gate of a deploy. */
    ready: '/readyz',
    /** Which build answers: the only proof of a rollout. */
    version: '/version',
    /** For the collector inside; closed to the world at the edge. */
    metrics: '/api/metrics',
  },
} as const;

/** One of the two places that the application runs in. */
export type AppSlot = keyof typeof app.slots;

/** The slot that an edge's upstream names; undefined for every other upstream, `none` included. */
export const slotOf = (upstream: string | undefined): AppSlot | undefined =>
  (['a', 'b'] as const).find((slot) => app.slots[slot].upstream === upstream);
