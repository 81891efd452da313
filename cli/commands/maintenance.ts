import type { Command } from 'commander';
import { outputOptions } from '../output-options';

interface Given {
  readonly reason?: string;
  readonly dryRun?: boolean;
}

export function registerMaintenance(program: Command): void {
  const maintenance = program
    .command('maintenance')
    .description('a page and 503 for visitors, without a reload; health checks and deploys go on')
    .addHelpText('after', '\nExample:\n  ./cogni maintenance on preview --reason "new disk"\n');

  for (const to of ['on', 'off'] as const) {
    const command = maintenance
      .command(to)
      .description(
        to === 'on'
          ? 'answer visitors with a page and 503, and see from outside that it is so'
          : 'let the application answer again, from the next request on',
      )
      .argument('<env>', 'environment')
      .option('--dry-run', 'print the steps, with every remote command, and change nothing')
      .addHelpText(
        'after',
        `\nExample:\n  ./cogni maintenance ${to} preview${to === 'on' ? ' --reason "new disk"' : ''}\n\nExit codes: 0 it is ${to} (or was before), 1 failed and taken back, 5 failed and could not be taken back.\n`,
      );
    if (to === 'on')
      command.option('--reason <text>', 'why, for whoever asks for the status; visitors do not see it');
    command.action(async (name: string, given: Given, self: Command) => {
      const { planJson, planText } = await import('../../deploy/index.js');
      const { cancelledBySignals } = await import('../cancel.js');
      const { maintenanceText } = await import('../maintenance-text.js');
      const { switchMaintenance } = await import('../maintenance.js');
      const { printResult, progressOn } = await import('../output.js');
      const options = outputOptions(self);
      const adapters = { progress: progressOn(options), signal: cancelledBySignals() };
      const { plan, after } = await switchMaintenance(name, to, { ...given, ...adapters });
      if (after === undefined) printResult(options, planJson(plan), planText(plan));
      else printResult(options, after, maintenanceText(after));
    });
  }

  maintenance
    .command('status')
    .description('whether the site is under maintenance, since when, by whom and why')
    .argument('<env>', 'environment')
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni maintenance status preview\n\nExit codes: 0 on or off, 1 the host does not answer.\n',
    )
    .action(async (name: string, _given: object, self: Command) => {
      const { readMaintenance } = await import('../../deploy/maintenance.js');
      const { maintenanceText } = await import('../maintenance-text.js');
      const { onHost } = await import('../on-host.js');
      const { printResult } = await import('../output.js');
      const state = await onHost(name, (transport) => readMaintenance(transport, name));
      printResult(outputOptions(self), state, maintenanceText(state));
    });
}
