import { ActionFailed } from './action-failed';
import type { HoldAction } from './step';
import type { Held } from './transport';

/** What the run held on the host is gone: from here on it must not touch the host. */
export class HoldLost extends ActionFailed {}

export const lockLost = 'the lock on the host was lost, and may be held by another run now';

/** The commands that a run holds on the host: as long as all of them live, what it holds is its own. */
export class Holding {
  private held: { readonly what: Held; readonly until: HoldAction['until'] }[] = [];

  add(what: Held, until: HoldAction['until']): void {
    this.held.push({ what, until });
  }

  /** Those that are held until then, and at the end of the plan whatever is left; last first. */
  async letGo(until: HoldAction['until']): Promise<void> {
    const leaving = this.held.filter((held) => until === 'end of plan' || held.until === until);
    this.held = this.held.filter((held) => !leaving.includes(held));
    for (const { what } of leaving.reverse()) await what.release();
  }

  holds(): boolean {
    return this.held.every(({ what }) => what.alive());
  }

  /** @throws HoldLost */
  check(): void {
    if (!this.holds()) throw new HoldLost(lockLost);
  }
}
