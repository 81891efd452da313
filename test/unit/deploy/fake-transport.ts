import type { Output } from '../../../foundation/process';
import { reveal } from '../../../foundation/secret';
import type { Held, RemoteCommand, Transport } from '../../../deploy/transport';

/** What a command ends with; nothing said is success without output. */
export type Answer = Partial<Output> | Error | ((command: RemoteCommand) => Partial<Output> | Error);

const ended: Output = { code: 0, signal: null, stdout: '', stderr: '', timedOut: false, milliseconds: 5 };

export interface FakeTransport extends Transport {
  /** Command lines in the order in which they were run; held ones with `hold ` and `release ` before them. */
  readonly log: string[];
  /** Everything that was written to a standard input. */
  readonly inputs: string[];
  /** Lines of {@link log} of what is held now. */
  readonly held: Set<string>;
}

/**
 * A host that answers by rule: the first whose text is part of the command line. It runs nothing.
 *
 * @param rules command line (part of it) to answer; an array answers one after the other, the last one for ever.
 */
export function fakeTransport(rules: readonly (readonly [string, Answer | Answer[]])[] = []): FakeTransport {
  const log: string[] = [];
  const inputs: string[] = [];
  const held = new Set<string>();
  const answerTo = (command: RemoteCommand): Output => {
    const line = command.argv.join(' ');
    const rule = rules.find(([part]) => line.includes(part))?.[1] ?? {};
    const chosen = Array.isArray(rule) ? ((rule.length > 1 ? rule.shift() : rule[0]) ?? {}) : rule;
    const answer = typeof chosen === 'function' ? chosen(command) : chosen;
    if (answer instanceof Error) throw answer;
    return { ...ended, ...answer };
  };
  const take = (command: RemoteCommand, prefix: string): Output => {
    log.push(`${prefix}${command.argv.join(' ')}`);
    if (command.stdin !== undefined) inputs.push(reveal(command.stdin));
    return answerTo(command);
  };
  return {
    log,
    inputs,
    held,
    describe: () => 'deploy@203.0.113.7',
    // A thrown answer must become a rejection.
    run: (command) => new Promise((resolve) => resolve(take(command, ''))),
    hold: (command, options) =>
      new Promise((resolve) => {
        const output = take(command, 'hold ');
        if (output.code !== 0) return resolve(output);
        const line = command.argv.join(' ');
        held.add(line);
        // Only the writer of the journal answers what it is sent.
        const answer = (): void => options?.onOutput?.('written\n', 'stdout');
        answer();
        let end = (): void => undefined;
        const what: Held = {
          line: 'held',
          alive: () => held.has(line),
          ended: new Promise((ended) => (end = ended)),
          send: (text) => {
            inputs.push(text);
            answer();
          },
          release: () => {
            if (held.delete(line)) log.push(`release ${line}`);
            end();
            return Promise.resolve();
          },
        };
        resolve(what);
      }),
    attach: (command, { onOutput }) =>
      new Promise((resolve) => {
        const output = take(
          { ...command, deadline: 0 },
          `attach${command.terminal ? ' with a terminal' : ''} `,
        );
        onOutput?.(output.stdout, 'stdout');
        onOutput?.(output.stderr, 'stderr');
        resolve(output.code ?? 143);
      }),
    close: () => Promise.resolve(),
  };
}
