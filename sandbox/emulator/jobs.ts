import type { Clock } from '../../foundation/clock';
import { messageOf } from '../../foundation/failure';
import { afterFailedJob, afterJob } from './lifecycle';
import type { Machines } from './machines';
import type { Job } from './state';
import type { Store } from './store';

export interface JobsProps {
  readonly store: Store;
  readonly machines: Machines;
  readonly clock: Clock;
  /** Milliseconds on the emulator's clock. */
  readonly now: () => number;
  readonly log: (line: string) => void;
  /** Milliseconds after which work on a machine counts as failed. */
  readonly deadline: number;
}

/**
 * Does the state's jobs: one after the other for each server, side by side for several. A job leaves the state when
 * it has ended, so one that a killed process left behind is done again; `Machines` bears that.
 */
export class Jobs {
  readonly #props: JobsProps;
  readonly #started = new Set<number>();
  readonly #last = new Map<number, Promise<unknown>>();

  constructor(props: JobsProps) {
    this.#props = props;
  }

  /** Starts the jobs of the state that have not been started yet, and gives those. */
  startAll(): Job[] {
    const fresh = this.#props.store.state.jobs.filter(({ id, failed }) => !failed && !this.#started.has(id));
    for (const job of fresh) {
      this.#started.add(job.id);
      this.exclusively(job.server, () => this.#run(job)).catch((thrown: unknown) => {
        this.#props.log(`the end of job ${job.id} could not be recorded: ${messageOf(thrown)}`);
      });
    }
    return fresh;
  }

  /** Starts the jobs once more that failed and wait. */
  retry(): Job[] {
    this.#props.store.change((state) => ({
      ...state,
      jobs: state.jobs.map((job) => ({ ...job, failed: false })),
    }));
    return this.startAll();
  }

  /** Returns when the work on one server's machine that was asked for so far has ended. */
  async settled(server: number): Promise<void> {
    await this.#last.get(server);
  }

  /** Returns when no work is under way. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values());
  }

  /** Does something with a server's machine when the work before it has ended. Rejects as the work does. */
  exclusively<T>(server: number, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(server) ?? Promise.resolve();
    const result = before.then(work);
    const settled = result
      .catch(() => undefined)
      .finally(() => {
        if (this.#last.get(server) === settled) this.#last.delete(server);
      });
    this.#last.set(server, settled);
    return result;
  }

  async #run(job: Job): Promise<void> {
    const { store, now, log } = this.#props;
    const what = `${job.kind} machine of server ${job.server}`;
    log(`${what}: begun`);
    try {
      await this.#withDeadline(perform(this.#props.machines, job));
      store.change((state) => afterJob(state, job, now()));
      log(`${what}: done`);
    } catch (thrown) {
      const message = messageOf(thrown);
      store.change((state) => afterFailedJob(state, job, message, now()));
      log(`${what}: failed: ${message}`);
    } finally {
      // By now it has left the state, or waits there for a retry.
      this.#started.delete(job.id);
    }
  }

  async #withDeadline(work: Promise<void>): Promise<void> {
    const { clock, deadline } = this.#props;
    const ended = new AbortController();
    const timeout = clock.sleep(deadline, ended.signal).then(
      () => Promise.reject(new Error(`not done within ${deadline / 1000} s`)),
      () => undefined,
    );
    try {
      await Promise.race([work, timeout]);
    } finally {
      ended.abort();
    }
  }
}

async function perform(machines: Machines, job: Job): Promise<void> {
  switch (job.kind) {
    case 'create':
    case 'reinstall':
      if (!job.fails) return machines[job.kind](job.spec);
      // The old system is gone by then, and no new one has come.
      await machines.remove(job.server);
      throw new Error('the vendor could not install it (setting "deployments")');
    case 'power':
      return machines.power(job.server, job.action);
    case 'remove':
      return machines.remove(job.server);
  }
}
