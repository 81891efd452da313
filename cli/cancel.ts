import { Failure } from '../foundation/failure';
import { progressOn } from './output';
import { asksForJson } from './output-options';

let shared: AbortSignal | undefined;

/**
 * A signal that is aborted by the first Ctrl-C or SIGTERM, so that what was begun is taken back; the second one, of either
 * name, ends the process at once. The same one for everything that a process does.
 */
export const cancelledBySignals = (): AbortSignal => (shared ??= listen());

function listen(): AbortSignal {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM'] as const;
  const abort = (name: NodeJS.Signals): void => {
    // With nobody listening, the next one does what it does to any process. GitHub, for one, sends both.
    for (const each of names) process.off(each, abort);
    progressOn({ json: asksForJson(process.argv.slice(2)) }).note(`${name}: ending; once more ends at once`);
    controller.abort(cancelled(name));
  };
  for (const name of names) process.on(name, abort);
  return controller.signal;
}

/** What is said where nothing was begun yet; a plan that runs says itself what it has taken back. */
const cancelled = (signal: string): Failure =>
  new Failure({ what: `cancelled by ${signal}`, next: 'run the same command again when it is wanted' });
