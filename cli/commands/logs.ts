import { isatty } from 'node:tty';
import { InvalidArgumentError, type Command } from 'commander';
import { outputOptions } from '../output-options';

interface Given {
  readonly follow?: boolean;
  readonly since?: string;
  readonly tail: string;
  readonly settings?: string;
}

/** @throws InvalidArgumentError for what docker logs would not take for a time */
function since(text: string): string {
  if (/^(\d+[smh])+$/.test(text) || /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z?)?$/.test(text))
    return text;
  throw new InvalidArgumentError(
    `"${text}" is neither a time before now (10m, 1h30m) nor a moment (2026-01-31T08:00:00Z).`,
  );
}

/** @throws InvalidArgumentError for what is no number of lines */
function tail(text: string): string {
  if (text === 'all' || /^\d{1,9}$/.test(text)) return text;
  throw new InvalidArgumentError(`"${text}" is neither a number of lines nor "all".`);
}

export function registerLogs(program: Command): void {
  program
    .command('logs')
    .description('what the services of a host write, without the secrets that this checkout knows')
    .argument('<env>', 'environment')
    .argument('[service]', 'one of them; "app" is the one that serves, "edge" is Caddy (otherwise all)')
    .option('-f, --follow', 'go on until Ctrl-C, or until the containers have ended')
    .option('--since <time>', 'a time before now (10m) or a moment (2026-01-31T08:00:00Z)', since)
    .option('--tail <lines>', 'how many lines from the end of each, or "all"', tail, '100')
    .option(
      '--settings <file>',
      'file with the settings whose secrets are taken out (otherwise .cogni/<env>/settings.env)',
    )
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni logs preview app -f --since 10m\n\nWith --json: one object a line. Exit codes: 0 done or Ctrl-C, 1 a log could not be read, 2 no such service.\n',
    )
    .action(async (name: string, service: string | undefined, given: Given, command: Command) => {
      const { readLogs } = await import('../../deploy/logs.js');
      const { cancelledBySignals } = await import('../cancel.js');
      const { onHost } = await import('../on-host.js');
      const { withoutKnownSecrets } = await import('../known-secrets.js');
      const { json } = outputOptions(command);
      const signal = cancelledBySignals();
      const redact = withoutKnownSecrets(name, given.settings);
      const request = { ...given, environment: name, signal, ...(service === undefined ? {} : { service }) };
      const unread = await onHost(
        name,
        (transport) =>
          readLogs(transport, request, redact, (line) => {
            const text = `${line.time} ${line.service.padEnd(9)} ${line.text}`;
            process.stdout.write(`${json ? JSON.stringify(line) : text}\n`);
          }),
        { signal },
      );
      if (unread.length > 0) process.exitCode = 1;
    });

  program
    .command('exec')
    .description(
      'run a program in the container of a service, with standard input, and pass its exit code on',
    )
    .argument('<env>', 'environment')
    .argument('<service>', '"app" is the one that serves, "edge" is Caddy')
    .argument('<argv...>', 'program and arguments, after --; no shell comes in between')
    .addHelpText(
      'after',
      '\nExamples:\n  ./cogni exec preview postgres -- psql --version\n  ./cogni exec preview app -- sh\n\nExit codes: those of the program; 125 Docker failed, 126 and 127 it cannot be run or is not there.\n',
    )
    .action(async (name: string, service: string, [first, ...rest]: string[]) => {
      const { execInService } = await import('../../deploy/exec.js');
      const { onHost } = await import('../on-host.js');
      const terminal = isatty(0) && isatty(1);
      process.exitCode = await onHost(name, (transport) =>
        execInService(transport, { environment: name, service, argv: [first ?? '', ...rest], terminal }),
      );
    });
}
