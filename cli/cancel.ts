/**
 * A signal that is aborted by the first Ctrl-C or SIGTERM, so that what was begun is taken back; the second one ends the
 * process at once.
 */
export function cancelledBySignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => controller.abort(new Error(`cancelled by ${name}`)));
  }
  return controller.signal;
}
