import { InvalidArgumentError, type Command } from 'commander';
import { outputOptions } from '../output-options';
import type { PlanRequest } from '../plan-stack';

/** @throws InvalidArgumentError for what is not a number of hours up to a week */
function hours(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0 && value <= 168) return value;
  throw new InvalidArgumentError(`"${text}" is not a number of hours above 0, at most 168.`);
}

export function registerPlan(program: Command): void {
  program
    .command('plan')
    .description('what a change of the infrastructure will really do; keeps the plan, encrypted and signed')
    .argument('<env>', 'environment, or <env>-address for its floating address')
    .option('--out <file>', 'where to keep it (otherwise .cogni/<env>/plans/)')
    .option('--comment <file>', 'also write the comment for a pull request')
    .option(
      '--summary <file>',
      "also append the report to this file: $GITHUB_STEP_SUMMARY of a workflow's step",
    )
    .option('--valid-for <hours>', 'how long it may be applied', hours, 24)
    .option(
      '--import <address=id>',
      'take what exists at the provider into the state; may be given again',
      (each: string, all: readonly string[]) => [...all, each],
      [],
    )
    .option(
      '--settings <file>',
      'file with settings, - for standard input (otherwise .cogni/<env>/settings.env and the environment)',
    )
    .addHelpText(
      'after',
      [
        '',
        'Exits with 0 when the plan changes nothing, 10 when it is safe, 11 when it needs a review, 12 when it destroys or fails;',
        '1 to 5 when it could not be planned. No code of a failure is one of a verdict.',
        '',
        'Example:',
        '  ./cogni plan preview && ./cogni plan production --comment comment.md',
        '',
      ].join('\n'),
    )
    .action(async (name: string, given: PlanRequest, command: Command) => {
      const { planEnvironment } = await import('../plan-stack.js');
      const { printResult, progressOn } = await import('../output.js');
      const options = outputOptions(command);
      const { document, text, exitCode } = await planEnvironment(name, given, progressOn(options));
      printResult(options, document, text);
      process.exitCode = exitCode;
    });
}
