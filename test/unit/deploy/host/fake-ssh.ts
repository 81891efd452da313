import { writeFileSync } from 'node:fs';
import type { HostKey } from '../../../../deploy/host/host-key';
import type { SshHost } from '../../../../deploy/ssh';
import { reveal } from '../../../../foundation/secret';
import type { Command, Run } from '../../../../foundation/process';

/** What one connection with a key that is not known meets. */
export interface Answer {
  /** The key that the server shows; undefined when none answers. */
  readonly key?: HostKey;
  readonly stdout?: string;
  /** Of ssh itself: whoever gives it lets nobody in. */
  readonly stderr?: string;
}

/**
 * Plays ssh on a first contact: writes the key that it "sees" into the known_hosts file it is given. The last answer
 * is given for ever.
 */
export function fakeSsh(answers: readonly Answer[]): { readonly run: Run; readonly commands: Command[] } {
  const left = [...answers];
  const commands: Command[] = [];
  return {
    commands,
    run: (command) => {
      commands.push(command);
      const answer = (left.length > 1 ? left.shift() : left[0]) ?? {};
      const setting = (name: string): string | undefined =>
        command.argv.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
      const knownHosts = setting('UserKnownHostsFile');
      if (answer.key && knownHosts) {
        writeFileSync(knownHosts, `${setting('HostKeyAlias')} ${answer.key.type} ${answer.key.base64}\n`);
      }
      return Promise.resolve({
        code: answer.stderr === undefined ? 0 : 255,
        signal: null,
        stdout: answer.stdout ?? '',
        stderr: answer.stderr ?? '',
        timedOut: false,
        milliseconds: 5,
      });
    },
  };
}

export const silentHost: Answer = {
  stderr: 'ssh: connect to host 203.0.113.7 port 22: Connection refused\r\n',
};

export const hostAt = (knownHosts: string): SshHost => ({
  environment: 'preview',
  address: '203.0.113.7',
  user: 'deploy',
  knownHosts,
  hostKeyAlias: 'cogni-preview',
});

/** Everything that commands carried, to look for a secret in. */
export const everythingIn = (commands: readonly Command[]): string =>
  commands
    .map((command) => JSON.stringify([command.argv, command.env, reveal(command.stdin ?? '')]))
    .join('\n');
