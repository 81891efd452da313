import { app, slotOf, type AppSlot } from '../../services';
import type { HostFacts } from './survey';

/** A place that the application runs in. */
export interface Target {
  readonly slot: AppSlot;
  /** Its Compose service. */
  readonly service: string;
  /** Its name on the edge's network: what the file of the active upstream says. */
  readonly upstream: string;
  readonly port: number;
}

const targetIn = (slot: AppSlot): Target => ({ slot, ...app.slots[slot], port: app.port });

/** Where the version runs that gets the requests; undefined while none does. */
export function servingTarget({ upstream }: HostFacts): Target | undefined {
  const slot = slotOf(upstream);
  return slot && targetIn(slot);
}

/** Where a new version is started: not where requests go. What is left there of an earlier deploy makes room. */
export const freeTarget = (facts: HostFacts): Target => targetIn(slotOf(facts.upstream) === 'a' ? 'b' : 'a');

/** The other place, where there is a container in it, running or not: what a finished deploy does not leave behind. */
export function leftOver({ containers }: HostFacts, { slot }: Target): Target | undefined {
  const other = targetIn(slot === 'a' ? 'b' : 'a');
  return containers.some(({ service }) => service === other.service) ? other : undefined;
}
