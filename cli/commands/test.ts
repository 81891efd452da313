import { InvalidArgumentError, type Command } from 'commander';
import { messageOf } from '../../foundation/failure';
import { checkout } from '../context';
import { outputOptions } from '../output-options';

/** @throws InvalidArgumentError for what jest would pass over, and run every test */
function pathPattern(text: string): string {
  try {
    new RegExp(text, 'i');
    return text;
  } catch (cause) {
    throw new InvalidArgumentError(`${messageOf(cause)}.`);
  }
}

export function registerTest(program: Command): void {
  program
    .command('test')
    .description('run all tests, or some tiers: static, unit, contract, tool, e2e; nightly only by name')
    .argument('[tier...]', 'tiers to run (all but nightly when none is named)')
    .option('--path <pattern>', 'only test files whose path matches this regular expression', pathPattern)
    .addHelpText('after', '\nExamples:\n  ./cogni test\n  ./cogni test unit --path compose\n')
    .action(async (names: string[], given: { path?: string }, command: Command) => {
      const options = outputOptions(command);
      const { parseTiers, runTests, summaryOf } = await import('../../scripts/run-tests.js');
      const { prepareForTests, releaseAfterTests } = await import('../../sandbox/prepare.js');
      const { printResult, progressOn } = await import('../output.js');
      const { cancelledBySignals } = await import('../cancel.js');
      const { untilAborted } = await import('../../foundation/progress.js');
      // Whatever ends this process before its tests have passed (nobody reads what it prints any more) ends it as failed.
      process.exitCode = 1;
      const progress = progressOn(options);
      const signal = cancelledBySignals();
      let prepared = false;
      const prepare = async (): ReturnType<typeof prepareForTests> => {
        prepared = true;
        return prepareForTests(untilAborted(signal, progress), checkout);
      };
      const results = await runTests({
        checkout,
        tiers: parseTiers(names),
        ...(given.path === undefined ? {} : { pathPattern: given.path }),
        prepare,
        signal,
        print: (text) => void (options.json ? process.stderr : process.stdout).write(text),
      }).finally(() => (prepared ? releaseAfterTests(progress, checkout) : undefined));
      printResult(options, { tiers: results }, summaryOf(results));
      if (results.every((result) => result.failed === 0)) process.exitCode = 0;
    });
}
