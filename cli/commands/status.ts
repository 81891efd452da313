import type { Command } from 'commander';
import { outputOptions } from '../output-options';

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description(
      'what runs on a host, since when, from which release, and whether it is what was recorded and rendered',
    )
    .argument('<env>', 'environment')
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni status preview --json\n\nExit codes: 0 well (or nothing deployed yet), 1 it serves, and something is not as recorded or rendered; or the host does not answer, 5 visitors do not get the application.\n',
    )
    .action(async (name: string, _given: object, command: Command) => {
      const { exitCodeOf, readStatus } = await import('../../deploy/status/status.js');
      const { edgeOfOurs } = await import('../edge-request.js');
      const { onHost } = await import('../on-host.js');
      const { printResult } = await import('../output.js');
      const { statusText } = await import('../status-text.js');
      const edge = edgeOfOurs(name);
      const status = await onHost(name, (transport) => readStatus(transport, name, edge));
      printResult(outputOptions(command), status, statusText(status));
      process.exitCode = exitCodeOf(status);
    });
}
