import { ExitCode, Failure } from '../foundation/failure';
import { pinnedKeys, type PinnedKey } from './known-hosts';

/** What is known of a connection that was not established. */
export interface FailedConnection {
  /** Environment, for the next command. */
  readonly environment: string;
  /** `user@address` */
  readonly destination: string;
  readonly hostKeyAlias: string;
  /** Path of our known_hosts file, and what it holds (undefined: there is none). */
  readonly knownHosts: string;
  readonly knownHostsText: string | undefined;
  /** The public key file that was to be used, where one was named. */
  readonly publicKey?: string;
  /** SSH_AUTH_SOCK as ssh saw it. */
  readonly agentSocket: string | undefined;
  /** What ssh printed with LogLevel=DEBUG1. */
  readonly stderr: string;
}

/** Nothing answered, or the network failed: a host that boots comes back. */
export class HostUnreachable extends Failure {
  override readonly name = 'HostUnreachable';
}

/** The host takes none of the keys that were offered: a host that boots may not have its user yet. */
export class LoginRefused extends Failure {
  override readonly name = 'LoginRefused';
}

/**
 * What went wrong with a connection, told from what OpenSSH prints (it has no exit codes for it: always 255). Texts
 * as of OpenSSH 9.2; what is not recognised is shown as it came.
 */
export function connectionFailure(props: FailedConnection): Failure {
  const stderr = props.stderr.replaceAll('\r', '');
  const failed = { ...props, stderr };
  if (
    /REMOTE HOST IDENTIFICATION HAS CHANGED|host key is known for|Host key verification failed/.test(stderr)
  ) {
    return hostKeyFailure(failed);
  }
  if (/Permission denied|Too many authentication failures/.test(stderr)) return authenticationFailure(failed);
  return unreachable(failed);
}

function hostKeyFailure(failed: FailedConnection): Failure {
  const { environment, hostKeyAlias, knownHosts, destination } = failed;
  const pinned = pinnedKeys(failed.knownHostsText ?? '', hostKeyAlias);
  const seen = seenKey(failed.stderr);
  const shown = seen ? `${seen.type} ${seen.fingerprint}` : 'a key that ssh did not name';
  if (pinned.length === 0) {
    return new Failure({
      what: `no host key is pinned for ${hostKeyAlias} in ${knownHosts}; ${destination} answered with ${shown}`,
      state: 'nothing was sent to the host',
      next: `./cogni host pin ${environment}`,
      exitCode: ExitCode.refused,
    });
  }
  return new Failure({
    what: `${destination} answered with another host key than the pinned one: it is another machine, a reinstalled one, or someone in between`,
    faults: [
      ...pinned.map((key) => `pinned:   ${key.type} ${key.fingerprint}`),
      `answered: ${shown}`,
      `pinned in ${knownHosts} as ${hostKeyAlias}`,
    ],
    state: 'nothing was sent to the host',
    next: `./cogni host check ${environment}`,
    exitCode: ExitCode.refused,
  });
}

/** The key that the host showed: `debug1: Server host key: <type> <fingerprint>`. */
function seenKey(stderr: string): PinnedKey | undefined {
  const [, type, fingerprint] = /Server host key: (\S+) (SHA256:\S+)/.exec(stderr) ?? [];
  return type && fingerprint ? { type, fingerprint } : undefined;
}

function authenticationFailure(failed: FailedConnection): Failure {
  const { agentSocket, destination, publicKey } = failed;
  const wanted = publicKey === undefined ? 'the deploy key' : `the private half of ${publicKey}`;
  const state = 'nothing was changed';
  if (agentSocket === undefined || agentSocket === '') {
    return new Failure({
      what: `no SSH agent to log in to ${destination} with: SSH_AUTH_SOCK is not set`,
      state,
      next: `start one with: eval "$(ssh-agent)"; then ssh-add ${wanted}, and run this again`,
    });
  }
  if (/get_agent_identities: ssh_get_authentication_socket/.test(failed.stderr)) {
    return new Failure({
      what: `no SSH agent answers at SSH_AUTH_SOCK=${agentSocket}, so there is nothing to log in to ${destination} with`,
      state,
      next: `start one with: eval "$(ssh-agent)"; then ssh-add ${wanted}, and run this again`,
    });
  }
  if (/agent contains no identities/.test(failed.stderr)) {
    return new Failure({
      what: `the SSH agent at ${agentSocket} holds no keys, so there is nothing to log in to ${destination} with`,
      state,
      next: `ssh-add ${wanted}, then run this again`,
    });
  }
  if (publicKey !== undefined && /Offering public key: .* explicit$/m.test(failed.stderr)) {
    return new Failure({
      what: `the SSH agent at ${agentSocket} does not hold ${wanted}, which ${destination} is to be logged in with`,
      state,
      next: `ssh-add ${wanted}, then run this again`,
    });
  }
  const offered = [...failed.stderr.matchAll(/Offering public key: .*?(\S+ SHA256:\S+)/g)].map(
    ([, key]) => key,
  );
  return new LoginRefused({
    what: `${destination} refused every key of the SSH agent`,
    faults: offered.map((key) => `refused: ${key}`),
    state,
    next: `ssh-add ${wanted}, or see which keys the host takes: ./cogni host check ${failed.environment}`,
  });
}

function unreachable(failed: FailedConnection): Failure {
  const said = withoutDebug(failed.stderr);
  const reason =
    /Could not resolve hostname .*/.exec(said)?.[0] ??
    /connect to host .*/.exec(said)?.[0] ??
    said.split('\n').at(-1) ??
    '';
  return new HostUnreachable({
    what: `${failed.destination} cannot be reached over SSH: ${reason || 'ssh gave no reason'}`,
    state: 'nothing was sent to the host',
    next: `./cogni host check ${failed.environment}`,
    output: said.includes('\n') ? said : '',
  });
}

/** What ssh said to people, without its own debugging lines. */
export const withoutDebug = (stderr: string): string =>
  stderr
    .replaceAll('\r', '')
    .split('\n')
    .filter((line) => line !== '' && !/^(debug\d: |OpenSSH_|Authenticated to |Transferred: )/.test(line))
    .join('\n');
