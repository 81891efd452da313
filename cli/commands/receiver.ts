import type { Command } from 'commander';
import { outputOptions } from '../output-options';

interface Given {
  readonly withLog?: boolean;
  readonly dryRun?: boolean;
}

const dryRun = ['--dry-run', 'print the steps, with every remote command, and change nothing'] as const;

export function registerReceiver(program: Command): void {
  const receiver = program
    .command('receiver')
    .description("what has a database's log on another host as soon as it is written")
    .addHelpText('after', '\nExample:\n  ./cogni receiver status production\n');

  receiver
    .command('key')
    .description('make the key of a receiver on its own host, and say what to write into the record')
    .argument('<env>', 'environment whose log is received')
    .option(...dryRun)
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni receiver key production\n\nIts private half never leaves the receiving host. Exit codes: 0 there is one, 1 failed, 3 the record has no receiver, 4 another change of it is under way.\n',
    )
    .action(async (name: string, given: Given, command: Command) => {
      const { planKey } = await import('../../deploy/receiver/plan.js');
      const { receiverKey } = await import('../../deploy/receiver/run.js');
      const { keyText, receiverRequest } = await import('../receiver.js');
      const { adapters, print, printPlan } = await surroundings(command);
      const { request, host } = await receiverRequest(name, 'key');
      if (given.dryRun) return printPlan(planKey({ ...request, key: undefined }));
      const result = await receiverKey(request, host, adapters);
      print(result, keyText(request, result.key));
    });

  receiver
    .command('up')
    .description('bring the receiver to its host as rendered, and wait until it fetches the log')
    .argument('<env>', 'environment whose log is received')
    .option(...dryRun)
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni receiver up production --dry-run\n\nExit codes: 0 it fetches the log, 1 it does not (it goes on trying), 3 the record has no receiver or lets no key in, 4 another change of it is under way.\n',
    )
    .action(async (name: string, given: Given, command: Command) => {
      const { planUp } = await import('../../deploy/receiver/plan.js');
      const { changeReceiver } = await import('../../deploy/receiver/run.js');
      const { receiverRequest } = await import('../receiver.js');
      const { adapters, print, printPlan } = await surroundings(command);
      const { request, host } = await receiverRequest(name, 'host');
      if (given.dryRun) return printPlan(planUp(request));
      print(await changeReceiver('up', request, host, adapters), `the log of ${name} is received`);
    });

  receiver
    .command('status')
    .description('whether the receiver fetches the log, what it has, and what the database says of it')
    .argument('<env>', 'environment whose log is received')
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni receiver status production --json\n\nExit codes: 0 it fetches the log and keeps up, 1 it does not, 3 the record has no receiver.\n',
    )
    .action(async (name: string, _given: object, command: Command) => {
      const { receiverStatus, statusText } = await import('../receiver.js');
      const { ExitCode } = await import('../../foundation/failure.js');
      const { print } = await surroundings(command);
      const status = await receiverStatus(name);
      print(status, statusText(status));
      if (!status.well) process.exitCode = ExitCode.failed;
    });

  receiver
    .command('down')
    .description('take the receiver away from its host; what it has received stays')
    .argument('<env>', 'environment whose log is received')
    .option('--with-log', 'remove what it has received as well, and its key')
    .option(...dryRun)
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni receiver down production\n\nExit codes: 0 it is gone, 1 failed, 3 the record has no receiver, or commits wait for it always, 4 another change of it is under way.\n',
    )
    .action(async (name: string, given: Given, command: Command) => {
      const { planDown } = await import('../../deploy/receiver/plan.js');
      const { changeReceiver } = await import('../../deploy/receiver/run.js');
      const { receiverRequest, refuseDownWhereAlways } = await import('../receiver.js');
      const { adapters, print, printPlan } = await surroundings(command);
      const { request, host } = await receiverRequest(name, 'nothing');
      const withLog = given.withLog ?? false;
      if (given.dryRun) return printPlan(planDown(request, withLog));
      refuseDownWhereAlways(request);
      const result = await changeReceiver(withLog ? 'down with log' : 'down', request, host, adapters);
      print(result, `nothing receives the log of ${name} any more`);
    });
}

/** What each of them needs of the command line. */
async function surroundings(command: Command) {
  const { planJson, planText } = await import('../../deploy/index.js');
  const { cancelledBySignals } = await import('../cancel.js');
  const { printResult, progressOn } = await import('../output.js');
  const options = outputOptions(command);
  return {
    adapters: { progress: progressOn(options), signal: cancelledBySignals() },
    print: (result: object, text: string): void => printResult(options, result, text),
    printPlan: (plan: Parameters<typeof planText>[0]): void =>
      printResult(options, planJson(plan), planText(plan)),
  };
}
