import { fillIn } from './expressions/template';
import type { Members } from './expressions/evaluate';
import { Groups } from './groups';
import type { FileConcurrency } from './workflow-file';

/** Who may go on when: concurrency groups, and the machines that there are. */
export class Turns {
  /** What begins and ends, in order: `begin deploy-production.yml#4 deploy`. */
  readonly chronicle: string[] = [];
  private readonly groups = new Groups();
  private readonly idle: (() => void)[] = [];

  /** @param free how many jobs run at once */
  constructor(private free: number) {}

  /** In its turn of a group, where it is in one. @returns undefined when something newer took its place */
  async inTurn<T>(
    concurrency: FileConcurrency | undefined,
    contexts: Members,
    cancel: () => void,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    if (concurrency === undefined) return work();
    const group = fillIn(concurrency.group, { contexts });
    const leave = await this.groups.enter(group, concurrency['cancel-in-progress'], cancel);
    if (leave === undefined) return undefined;
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** On a machine, as soon as one is free. */
  async onMachine<T>(work: () => Promise<T>): Promise<T> {
    if (this.free === 0) await new Promise<void>((resolve) => this.idle.push(resolve));
    else this.free -= 1;
    try {
      return await work();
    } finally {
      const next = this.idle.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}
