import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Listen } from '../../recovery/watch/serve-metrics';
import { outputOptions } from '../output-options';

/** @throws InvalidArgumentError */
function place(text: string): Listen | undefined {
  if (text === 'none') return undefined;
  const [, host, port] = /^(\[[0-9a-fA-F:]+\]|[\w.-]+):(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined && Number(port) <= 65_535)
    return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
  throw new InvalidArgumentError(`"${text}" is neither <address>:<port> nor none.`);
}

interface Given {
  readonly keysOnly?: boolean;
  readonly listen: Listen | undefined;
  readonly unit?: boolean;
}

export function registerWatch(program: Command): void {
  program
    .command('watch')
    .description(
      'find a lost, replaced, hung or data-less host within a minute, tell a webhook, and serve metrics',
    )
    .argument('<env...>', 'environments')
    .option('--keys-only', 'log in nowhere: look at host keys and sites alone, so lost data are not found')
    .addOption(
      new Option('--listen <address:port>', 'where metrics are served, or none')
        .argParser(place)
        .default({ host: '127.0.0.1', port: 9464 }, '127.0.0.1:9464'),
    )
    .option('--unit', 'print a systemd unit that runs this, and end')
    .addHelpText(
      'after',
      [
        '',
        'Run it beside another environment than the watched one. The secret COGNI_WATCH_WEBHOOK is the address that is told.',
        'Exit codes: 0 it was told to end, 3 a host is not pinned, 4 the same is watched from this checkout already.',
        '',
        'Examples:',
        '  ./cogni watch preview production',
        '  ./cogni watch production --unit',
        '',
      ].join('\n'),
    )
    .action(async (environments: string[], given: Given, command: Command) => {
      const depth = given.keysOnly ? 'keys only' : 'inside';
      const { listen } = given;
      if (given.unit) {
        const { watchUnit } = await import('../../recovery/watch/unit.js');
        const { listenText } = await import('../../recovery/watch/serve-metrics.js');
        const { findEnvironment } = await import('../../stacks/here.js');
        const { checkout } = await import('../context.js');
        const { printResult } = await import('../output.js');
        for (const name of environments) findEnvironment(name);
        const shown = listen === undefined ? 'none' : listenText(listen);
        const options = [...(given.keysOnly ? ['--keys-only'] : []), '--listen', shown];
        const unit = watchUnit({ environments, checkout, options });
        printResult(outputOptions(command), { unit }, unit);
        return;
      }
      const { watchHere } = await import('../watch.js');
      const { progressOn } = await import('../output.js');
      const progress = progressOn(outputOptions(command));
      await watchHere({
        ...{ environments, depth, listen },
        log: (line) => progress.note(`${new Date().toISOString()} ${line}`),
      });
    });
}
