import type { Glance } from '../../../../deploy/host/glance';
import type { Look } from '../../../../recovery/watch/observe';
import { check, otherKey } from '../identity/examples';

export const inside = { deploying: false, maintenance: false, disk: { used: 10, free: 90 } };
export const glance = (change: Partial<Glance> = {}): Glance => ({ check: check(), inside, ...change });
export const noAnswer: Glance = {
  check: check({ identity: 'silent', seen: undefined, bootstrap: 'unknown', evidence: undefined }),
  inside: undefined,
};
export const replaced: Glance = { check: otherKey(), inside: undefined };

/** A look at a host with which all is well. */
export const look = (change: Partial<Look> = {}): Look => ({
  environment: 'preview',
  begun: 1_000_000,
  at: 1_000_400,
  glance: glance(),
  siteFault: undefined,
  slow: {},
  ...change,
});
