import { run } from '../foundation/process';
import { attach } from './attach';
import { hold } from './hold';
import type { Transport } from './transport';

/** The commands run on this machine: in tests, and for an agent that works on its own host. */
export function localTransport(
  options: { readonly env?: Record<string, string | undefined> } = {},
): Transport {
  const env = options.env === undefined ? {} : { env: options.env };
  return {
    describe: () => 'this machine',
    run: (command, runOptions = {}) => run({ ...command, ...env }, runOptions),
    hold: (command, holdOptions = {}) => hold({ ...command, ...env }, holdOptions),
    attach: (command, attachOptions) => attach({ argv: command.argv, ...env }, attachOptions),
    close: () => Promise.resolve(),
  };
}
