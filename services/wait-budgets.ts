import { Duration } from '../compose';

/**
 * How long whoever starts a service waits until it is healthy, by what it is. Deploys and the commands of edge and SourceCred
 * wait as long, and the start period of each healthcheck covers it (COMPOSE-206): until then nothing calls a slow start a
 * failure. One that is healthy sooner is taken at once; one that never is costs all of this time before it is given up.
 */
export const waitBudgets = {
  /** After a crash it reads its log first. */
  postgres: Duration.minutes(5),
  app: Duration.minutes(2),
  /** Its first start migrates its database, which was measured at 90 s (Cogni's own operations). */
  litellm: Duration.minutes(6),
  alloy: Duration.seconds(90),
  /** Until it has reached its archive. */
  backup: Duration.seconds(90),
  /** Until it has begun. */
  copies: Duration.seconds(90),
  /** Until it has reached the database's host, over another network. */
  receiver: Duration.seconds(45),
  /** The site is closed meanwhile: a start that fails is to be taken back soon. */
  caddy: Duration.minutes(1),
  /** The first computation reads whole repositories from GitHub: upstream waits five minutes for it. */
  sourcecred: Duration.minutes(12),
} as const;
