import { InvalidArgumentError, type Command } from 'commander';
import { checkout, world } from '../context';
import { outputOptions } from '../output-options';

/** @throws InvalidArgumentError for what nobody would want to wait for */
function mebibytes(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= 1024) return value;
  throw new InvalidArgumentError(`"${text}" is not a whole number of MiB from 1 to 1024.`);
}

export function registerSandbox(program: Command): void {
  const sandbox = program
    .command('sandbox')
    .description('the whole world on this machine: Cherry API, hosts, registry, certificate authority')
    .addHelpText('after', '\nExample:\n  ./cogni sandbox demo\n');

  sandbox
    .command('up')
    .description('start it, or bring it to what it should be; installs and builds what is missing')
    .option(
      '--archive <recipient>',
      'archive every environment, whatever its record says, with portable copies for this key of age; may be repeated',
      (recipient: string, before: readonly string[] | undefined) => [...(before ?? []), recipient],
    )
    .addHelpText('after', '\nExample:\n  ./cogni sandbox up && eval "$(./cogni sandbox env)"\n')
    .action(async (given: { archive?: readonly string[] }, command: Command) => {
      const { up } = await import('../../sandbox/up.js');
      const { playedEnvironments } = await import('../played-environments.js');
      const { printResult, progressOn } = await import('../output.js');
      const options = outputOptions(command);
      const left = await up(
        world(),
        playedEnvironments,
        progressOn(options),
        given.archive === undefined ? {} : { archiveRecipients: given.archive },
      );
      const { provider, nullProvider, terraform } = left;
      printResult(
        options,
        { provider, nullProvider, terraform },
        'The sandbox is up. Next, in a shell of its own:\n  eval "$(./cogni sandbox env)"\n  npx cdktf deploy preview',
      );
    });

  sandbox
    .command('demo')
    .description('the main job, end to end: up, cdktf deploy preview, first deploy, proof over HTTPS')
    .addHelpText('after', '\nExample:\n  ./cogni sandbox demo\n')
    .action(async (_options, command: Command) => {
      const { demo } = await import('../../sandbox/demo.js');
      const { findPlayed, playedEnvironments } = await import('../played-environments.js');
      const { printResult, progressOn } = await import('../output.js');
      const options = outputOptions(command);
      const result = await demo({
        world: world(),
        checkout,
        environment: findPlayed('preview'),
        environments: playedEnvironments,
        progress: progressOn(options),
        print: (text) => void process.stderr.write(text),
      });
      printResult(
        options,
        result,
        `✓ ${result.url} answers with the version that was deployed\n  ${JSON.stringify(result.answer)}\n` +
          `✓ it answers a question through LiteLLM\n  ${JSON.stringify(result.asked)}`,
      );
    });

  sandbox
    .command('status')
    .description('what there is, part by part, real or double')
    .addHelpText('after', '\nExample:\n  ./cogni sandbox status --json\n')
    .action(async (_options, command: Command) => {
      const { status, statusText } = await import('../../sandbox/status.js');
      const { printResult } = await import('../output.js');
      const parts = await status(world());
      printResult(outputOptions(command), parts, statusText(parts));
    });

  sandbox
    .command('env')
    .description('the variables that point cdktf and cogni to it, as lines for a shell')
    .addHelpText('after', '\nExample:\n  eval "$(./cogni sandbox env)"\n')
    .action(async (_options, command: Command) => {
      const { tryReadUp } = await import('../../sandbox/up.js');
      const { exportLines } = await import('../../sandbox/shell.js');
      const { Failure } = await import('../../foundation/failure.js');
      const { printResult } = await import('../output.js');
      const left = tryReadUp(world());
      if (left === undefined)
        throw new Failure({ what: 'the sandbox is not up', next: './cogni sandbox up' });
      printResult(outputOptions(command), left.variables, exportLines(left.variables));
    });

  sandbox
    .command('publish')
    .description('build a version of the demo application and push it, as CI would')
    .argument('<tag>', 'image tag, for instance preview-<sha>')
    .option(
      '--misbehave <how>',
      'slow-start:20s, never-ready, not-ready-outside, crash-outside, crash-after:5s, exit-at-once or slow-requests:2s',
    )
    .option('--migration <how>', 'fail or hang')
    .option('--weight <MiB>', 'how much larger its image is than others: so much is pulled', mebibytes)
    .addHelpText('after', '\nExample:\n  ./cogni sandbox publish preview-1a2b3c4 --misbehave never-ready\n')
    .action(
      async (
        tag: string,
        given: { misbehave?: string; migration?: 'fail' | 'hang'; weight?: number },
        command: Command,
      ) => {
        const { publishApp } = await import('../../sandbox/parts/publish-app.js');
        const { dockerOf } = await import('../../sandbox/status.js');
        const { printResult, progressOn } = await import('../output.js');
        const options = outputOptions(command);
        const published = await publishApp(
          { docker: await dockerOf(world()), world: world(), tag, behaviour: given },
          progressOn(options),
        );
        printResult(
          options,
          published,
          `${published.app.image}:${tag}\n${published.app.digest}\n${published.migrator.digest}`,
        );
      },
    );

  sandbox
    .command('down')
    .description('remove every container, network, volume and process it made; what was built stays cached')
    .addHelpText('after', '\nExample:\n  ./cogni sandbox down\n')
    .action(async (_options, command: Command) => {
      const { down } = await import('../../sandbox/down.js');
      const { printResult, progressOn } = await import('../output.js');
      const options = outputOptions(command);
      const removed = await down(world(), progressOn(options));
      printResult(
        options,
        { removed },
        removed.length > 0 ? `removed ${removed.join(', ')}` : 'there was no sandbox',
      );
    });
}
