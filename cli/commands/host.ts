import { Option, type Command } from 'commander';
import { minutes } from '../minutes';
import { outputOptions } from '../output-options';

/** The help says minutes, and what waits takes milliseconds. */
const timeout = (otherwise: number): Option =>
  new Option('--timeout <minutes>', 'how long to wait')
    .argParser(minutes)
    .default(minutes(`${otherwise}`), `${otherwise}`);

export function registerHost(program: Command): void {
  const host = program
    .command('host')
    .description('one machine: wait for its bootstrap, pin its key, bring it to what is rendered today')
    .addHelpText('after', '\nExample:\n  ./cogni host converge preview --dry-run\n');

  host
    .command('wait')
    .description('wait until the bootstrap has ended well; proves and pins the host key first')
    .argument('<env>', 'environment')
    .option('--address <address>', 'address of the host (otherwise from the state)')
    .option('--machine <id>', "the provider's number of the server (otherwise from the state)")
    .addOption(timeout(20))
    .addHelpText('after', '\nExample:\n  ./cogni host wait preview\n')
    .action(
      async (
        name: string,
        given: { address?: string; machine?: string; timeout: number },
        command: Command,
      ) => {
        const { waitForBootstrap } = await import('../../deploy/host/wait.js');
        const { bootstrapTarget } = await import('../bootstrap-target.js');
        const { printResult, progressOn } = await import('../output.js');
        const { readableToItsEnd } = await import('../terraform-gate.js');
        const options = outputOptions(command);
        await readableToItsEnd(options, async () => {
          const target = await bootstrapTarget(name, given);
          const result = await waitForBootstrap({
            ...target.props,
            deadline: given.timeout,
            progress: progressOn(options),
          });
          target.passed();
          printResult(
            options,
            result,
            `${name} is bootstrapped: ${target.props.host.address}, its edge answers`,
          );
        });
      },
    );

  host
    .command('pin')
    .description('prove the host key with the enrollment token and pin it')
    .argument('<env>', 'environment')
    .option('--address <address>', 'address of the host (otherwise from the state)')
    .option('--machine <id>', "the provider's number of the server (otherwise from the state)")
    .option('--replace', 'prove and pin again, after a reinstall that was meant')
    .addOption(timeout(5))
    .addHelpText('after', '\nExample:\n  ./cogni host pin preview --replace\n')
    .action(
      async (
        name: string,
        given: { address?: string; machine?: string; replace?: boolean; timeout: number },
        command: Command,
      ) => {
        const { pinHost } = await import('../../deploy/host/pin.js');
        const { bootstrapTarget } = await import('../bootstrap-target.js');
        const { printResult, progressOn } = await import('../output.js');
        const options = outputOptions(command);
        const target = await bootstrapTarget(name, given);
        const result = await pinHost({
          ...target.props,
          replace: given.replace ?? false,
          deadline: given.timeout,
          progress: progressOn(options),
        });
        const keys = result.keys.map(({ type }) => type).join(', ');
        printResult(options, result, `${result.pinnedNow ? 'pinned' : 'was pinned before'}: ${keys}`);
      },
    );

  host
    .command('check')
    .description(
      'compare state, the provider’s inventory and the host itself, and say what that means: changes nothing',
    )
    .argument('<env>', 'environment')
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni host check preview\nExit codes: 0 it is our host with our data (as far as could be read), 1 something to mend, 3 a person must decide, 5 host or data are lost or do not answer.\n',
    )
    .action(async (name: string, _given: object, command: Command) => {
      const { identityHere } = await import('../host-identity.js');
      const { identityText } = await import('../host-identity-text.js');
      const { provisioningVariables } = await import('../provisioning-variables.js');
      const { printResult } = await import('../output.js');
      provisioningVariables(name, undefined);
      const report = await identityHere(name, true);
      printResult(outputOptions(command), report, identityText(report));
      process.exitCode = report.verdict.exitCode;
    });

  host
    .command('mark')
    .description(
      'mark the disk with the data that it holds, as a first deploy does: by this lost data are found',
    )
    .argument('<env>', 'environment')
    .option('--replace', 'disk and data are the right ones as they are now: mark them anew')
    .addHelpText('after', '\nExample:\n  ./cogni host mark preview\n')
    .action(async (name: string, given: { replace?: boolean }, command: Command) => {
      const { markHost } = await import('../../deploy/host/mark.js');
      const { onHost } = await import('../on-host.js');
      const { printResult } = await import('../output.js');
      const result = await onHost(name, (transport) =>
        markHost(transport, name, { replace: given.replace ?? false }),
      );
      const { marker, written } = result;
      printResult(
        outputOptions(command),
        result,
        `${name} ${written ? 'is marked' : 'was marked before'}: data ${marker.data}, since ${marker.written}`,
      );
    });

  host
    .command('converge')
    .description('bring a living host to what is rendered today, phase by phase; never restarts its edge')
    .argument('<env>', 'environment')
    .option('--dry-run', 'say what would be done, change nothing')
    .addHelpText('after', '\nExample:\n  ./cogni host converge preview --dry-run\n')
    .action(async (name: string, given: { dryRun?: boolean }, command: Command) => {
      const { convergeHost } = await import('../../deploy/host/converge.js');
      const { connect } = await import('../../deploy/ssh.js');
      const { findEnvironment } = await import('../../stacks/here.js');
      const { hostNeedsHere } = await import('../host-needs.js');
      const { convergeText } = await import('../converge-text.js');
      const { findHost } = await import('../host-access.js');
      const { printResult, progressOn } = await import('../output.js');
      const options = outputOptions(command);
      const environment = findEnvironment(name);
      const needs = hostNeedsHere(environment);
      const transport = await connect(await findHost(environment));
      try {
        const result = await convergeHost({
          environment: name,
          transport,
          needs,
          dryRun: given.dryRun ?? false,
          progress: progressOn(options),
        });
        printResult(options, result, convergeText(name, result, given.dryRun ?? false));
      } finally {
        await transport.close();
      }
    });
}
