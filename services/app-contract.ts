/** What the application promises to those who run it (spec, cogni-architecture, "Health Validation"). */
export const app = {
  /** Its name on the edge's network, and what a deploy writes into the edge's file of the active upstream. */
  upstream: 'cogni-app',
  port: 3000,
  /** Milliseconds in which it says whether it is ready: what it asks others has shorter limits of its own. */
  readyWithin: 8_000,
  /** Milliseconds in which it says that it lives, whatever else it does. */
  liveWithin: 5_000,
  /** Milliseconds without that sign, from its start or later, after which it counts as hung and is started again. */
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
