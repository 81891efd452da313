import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostLayout } from '../../bootstrap';
import { Failure } from '../../foundation/failure';
import { tryReadFile } from '../../foundation/files';
import type { Run } from '../../foundation/process';
import { remoteCommandLine } from '../quote';
import type { SshHost } from '../ssh';
import { connectionFailure } from '../ssh-failure';
import { sshOptions } from '../ssh-options';
import { parseKnownHosts, parseProof, type HostKey, type ProvenKey } from './host-key';
import { evidenceCommand } from '../identity/evidence';
import { glanceCommand } from './glance-question';
import { reportCommand } from './report';

/** What an address answered that nothing is known of yet. */
export interface FirstContact {
  /** The key it showed; undefined when no key exchange came about. */
  readonly seen: HostKey | undefined;
  /** Empty until the host has written it. */
  readonly proof: readonly ProvenKey[];
  /** Why nobody could log in; undefined when one could. */
  readonly failure: Failure | undefined;
}

/**
 * What one connection may ask for: the proof, the state of the bootstrap, or what tells the machine from others. All but
 * the proof is believed of a host only whose key is pinned already. Milliseconds for the connection and the answer.
 */
const questions = {
  proof: {
    argv: ['cat', `${hostLayout.memory}/host-key.proof`, hostLayout.proof],
    stdin: '',
    deadline: 30_000,
  },
  report: { argv: reportCommand.argv, stdin: reportCommand.stdin ?? '', deadline: 30_000 },
  evidence: { argv: evidenceCommand.argv, stdin: evidenceCommand.stdin ?? '', deadline: 50_000 },
  glance: { argv: glanceCommand.argv, stdin: glanceCommand.stdin ?? '', deadline: glanceCommand.deadline },
} as const;

/**
 * Connects to a host whose key is not known, taking any: into a known_hosts file of this one connection, which is
 * gone afterwards. Nothing is sent but the name of a file to read, and nothing that comes back is believed unless
 * the proof holds: the agent's signature is bound to this connection, so whoever is at the other end cannot use it
 * elsewhere, and the agent is not forwarded.
 *
 * @param adapters.login `false`: nothing is asked, and the agent not either; the key alone is seen. @default true
 * @returns also what it printed, unproven
 */
export async function contact(
  host: SshHost,
  question: keyof typeof questions,
  {
    run,
    env = {},
    login = true,
  }: {
    readonly run: Run;
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly login?: boolean;
  },
): Promise<FirstContact & { readonly printed: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-contact-'));
  try {
    const knownHosts = join(folder, 'known_hosts');
    const { argv, stdin, deadline } = questions[question];
    const sshEnv = { LC_ALL: 'C', ...env };
    const output = await run({
      argv: [
        'ssh',
        '-T',
        '-v',
        ...sshOptions({ ...host, knownHosts, strict: 'first-contact', login }),
        remoteCommandLine(argv),
      ],
      stdin,
      env: sshEnv,
      deadline,
    });
    // ssh says 255 for itself; anything else is how the remote command ended, and means that one could log in.
    const failed = output.code === 255 || output.code === null;
    return {
      seen: parseKnownHosts(tryReadFile(knownHosts) ?? '', host.hostKeyAlias)[0],
      proof: parseProof(output.stdout),
      printed: output.stdout,
      failure: failed ? failureOf(host, output.stderr, sshEnv) : undefined,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const failureOf = (
  host: SshHost,
  stderr: string,
  env: Readonly<Record<string, string | undefined>>,
): Failure =>
  connectionFailure({
    ...host,
    destination: `${host.user}@${host.address}`,
    knownHostsText: undefined,
    agentSocket: { ...process.env, ...env }['SSH_AUTH_SOCK'],
    stderr,
  });
