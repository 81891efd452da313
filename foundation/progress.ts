import { systemClock, type Clock } from './clock';

/** One event of a running command; `--json` prints them one a line on standard error. */
export type ProgressEvent =
  | { readonly kind: 'step'; readonly name: string; readonly why?: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'done'; readonly name: string; readonly milliseconds: number; readonly result?: string }
  | { readonly kind: 'failed'; readonly name: string; readonly milliseconds: number };

/** Tells a person (or a program) what is being done. All of it goes to standard error. */
export interface Progress {
  /**
   * Runs one named step and reports it begun, ended and how long it took. The step may return a few words on its
   * outcome with {@link Progress.result}-style strings: whatever `describe` makes of its value.
   */
  step<T>(
    name: string,
    work: () => Promise<T>,
    options?: { why?: string; describe?: (value: T) => string | undefined },
  ): Promise<T>;
  note(text: string): void;
}

/** Progress that hands each event to a sink: a printer, or an array in a test. */
export function progressTo(sink: (event: ProgressEvent) => void, clock: Clock = systemClock): Progress {
  return {
    async step(name, work, options = {}) {
      const started = clock.monotonic();
      sink({ kind: 'step', name, ...(options.why === undefined ? {} : { why: options.why }) });
      try {
        const value = await work();
        const result = options.describe?.(value);
        sink({
          kind: 'done',
          name,
          milliseconds: clock.monotonic() - started,
          ...(result === undefined ? {} : { result }),
        });
        return value;
      } catch (thrown) {
        sink({ kind: 'failed', name, milliseconds: clock.monotonic() - started });
        throw thrown;
      }
    },
    note: (text) => sink({ kind: 'note', text }),
  };
}

/** The same progress, whose next step does not begin once the signal is aborted: it throws what that was aborted with. */
export const untilAborted = (signal: AbortSignal, progress: Progress): Progress => ({
  async step(name, work, options) {
    signal.throwIfAborted();
    return progress.step(name, work, options);
  },
  note: (text) => progress.note(text),
});

/** Progress that says nothing. */
export const silent: Progress = progressTo(() => undefined);
