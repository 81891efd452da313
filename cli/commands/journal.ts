import { InvalidArgumentError, type Command } from 'commander';
import { outputOptions } from '../output-options';

interface Given {
  readonly last: number;
}

export function registerJournal(program: Command): void {
  program
    .command('journal')
    .description('what the runs of a host did, step by step: who, when, from where, what came of it')
    .argument('<env>', 'environment')
    .option('--last <n>', 'how many runs', positive, 10)
    .addHelpText('after', '\nExample:\n  ./cogni journal preview --last 3\n')
    .action(async (name: string, given: Given, command: Command) => {
      const { readHostJournal } = await import('../../deploy/index.js');
      const { onHost } = await import('../on-host.js');
      const { printResult } = await import('../output.js');
      const { journalText } = await import('../journal-text.js');
      const journal = await onHost(name, (transport) => readHostJournal(transport, name));
      const last = { ...journal, runs: journal.runs.slice(0, given.last) };
      printResult(outputOptions(command), last, journalText(last, name));
    });
}

/** @throws InvalidArgumentError */
function positive(given: string): number {
  const number = Number(given);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
