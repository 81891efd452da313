import type { Command } from 'commander';
import { outputOptions } from '../output-options';

interface Given {
  readonly replaceContainer?: boolean;
  readonly dryRun?: boolean;
}

export function registerEdge(program: Command): void {
  const edge = program
    .command('edge')
    .description('the running edge of a host: deploys never change it, this does')
    .addHelpText('after', '\nExample:\n  ./cogni edge apply preview --dry-run\n');

  edge
    .command('apply')
    .description('bring the running edge to what is rendered; says before what that costs visitors')
    .argument('<env>', 'environment')
    .option(
      '--replace-container',
      'let the container be replaced where its image, ports, mounts or limits differ: the site is closed meanwhile',
    )
    .option('--dry-run', 'print the steps, with every remote command and what they cost, and change nothing')
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni edge apply preview --dry-run\n\nExit codes: 0 it is what is rendered (or was before), 1 failed and taken back, 3 its container would have to be replaced, 4 a deploy is under way, 5 failed and could not be taken back.\n',
    )
    .action(async (name: string, given: Given, command: Command) => {
      const { applyEdge, planEdgeChange } = await import('../../deploy/edge/apply.js');
      const { planJson, planText } = await import('../../deploy/index.js');
      const { cancelledBySignals } = await import('../cancel.js');
      const { edgeCostsText, edgeResultText } = await import('../edge-text.js');
      const { edgeRequest } = await import('../edge-request.js');
      const { printResult, progressOn } = await import('../output.js');
      const options = outputOptions(command);
      const adapters = { progress: progressOn(options), signal: cancelledBySignals() };
      const { request, site } = await edgeRequest(name, given.replaceContainer ?? false);
      if (given.dryRun) {
        const plan = await planEdgeChange(request, site, adapters);
        printResult(options, planJson(plan), edgeCostsText(plan) + planText(plan));
        return;
      }
      const result = await applyEdge(request, site, adapters);
      printResult(options, result, edgeResultText(name, result));
    });
}
