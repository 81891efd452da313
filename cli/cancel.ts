import { Failure } from '../foundation/failure';

let shared: AbortSignal | undefined;

/**
 * A signal that is aborted by the first Ctrl-C or SIGTERM, so that what was begun is taken back; the second one ends the
 * process at once. The same one for everything that a process does.
 */
export const cancelledBySignals = (): AbortSignal => (shared ??= listen());

function listen(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => controller.abort(cancelled(name)));
  }
  return controller.signal;
}

/** What is said where nothing was begun yet; a plan that runs says itself what it has taken back. */
const cancelled = (signal: string): Failure =>
  new Failure({ what: `cancelled by ${signal}`, next: 'run the same command again when it is wanted' });
