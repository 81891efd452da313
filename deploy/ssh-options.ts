/** How one connection to a host is made, as data. */
export interface SshOptions {
  /**
   * Our own known_hosts file of this environment: the only one that is read, and never the user's.
   * With `first-contact` it is a temporary file that ssh adds the key it sees to.
   */
  readonly knownHosts: string;
  /** The name the key is filed under, `cogni-<env>`: it stays when the address changes. */
  readonly hostKeyAlias: string;
  readonly user: string;
  /** IP address or host name. */
  readonly address: string;
  /** @default 22 */
  readonly port?: number;
  /**
   * - `pinned`: the key must be in `knownHosts`, or nothing is sent.
   * - `first-contact`: any key is taken and written to `knownHosts`; a key that is there already must match. Only
   *   for the one connection whose answer then proves the key (docs/decisions, host-key pinning).
   */
  readonly strict: 'pinned' | 'first-contact';
  /**
   * Public key file (OpenSSH form) of the agent's key to log in with. Without it the agent's keys are tried one after
   * the other, and a server gives up after six.
   */
  readonly publicKey?: string;
  /** `false`: nobody logs in; the connection ends when the host has shown its key. @default true */
  readonly login?: boolean;
  /** Socket of a multiplexed connection; at most {@link longestControlPath} characters. */
  readonly controlPath?: string;
  /**
   * What this ssh does with `controlPath`.
   * - `master`: opens the connection and serves it there.
   * - `session`: uses that connection and never makes one of its own, so a lost connection is seen as lost.
   *
   * @default 'session'
   */
  readonly role?: 'master' | 'session';
  /** Seconds to wait for the connection to be established. @default 10 */
  readonly connectTimeout?: number;
}

/** A Unix socket's path holds 107 characters, and ssh binds under a temporary name 17 characters longer. */
export const longestControlPath = 90;

/** Seconds between keep-alive probes, and how many may go unanswered: a dead connection is noticed within 45 s. */
const keepAlive = { interval: 15, unanswered: 3 };

/**
 * The arguments that follow `ssh`, ending with the destination, so that a command is
 * `['ssh', ...sshOptions(o), word, word]` and ssh's own flags go in front (`['ssh', '-T', ...sshOptions(o)]`).
 *
 * Nothing of the user's or the machine's configuration takes part: no ssh_config, no known_hosts, no key files. The
 * agent at SSH_AUTH_SOCK authenticates (design, invariant 5), it is never forwarded, and nothing is ever asked.
 *
 * ssh joins the words of a remote command with blanks and hands them to the login shell: pass them through
 * `remoteCommandLine` (deploy/quote.ts) first. Options as documented in ssh_config(5), OpenSSH 9.2.
 */
export function sshOptions(options: SshOptions): string[] {
  const settings: Record<string, string | number> = {
    BatchMode: 'yes',
    // "none" is the request that a server answers with the ways it would take (RFC 4252, section 5.2).
    PreferredAuthentications: options.login === false ? 'none' : 'publickey',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    ForwardAgent: 'no',
    ForwardX11: 'no',
    ClearAllForwardings: 'yes',
    // A key file that is given selects that key in the agent; `none` keeps ssh from looking at ~/.ssh/id_*.
    IdentityFile: options.publicKey === undefined ? 'none' : sshPath(options.publicKey),
    ...(options.publicKey === undefined ? {} : { IdentitiesOnly: 'yes' }),
    StrictHostKeyChecking: options.strict === 'pinned' ? 'yes' : 'accept-new',
    UserKnownHostsFile: sshPath(options.knownHosts),
    GlobalKnownHostsFile: '/dev/null',
    HostKeyAlias: options.hostKeyAlias,
    CheckHostIP: 'no',
    HashKnownHosts: 'no',
    UpdateHostKeys: 'no',
    VerifyHostKeyDNS: 'no',
    ConnectTimeout: options.connectTimeout ?? 10,
    ConnectionAttempts: 1,
    ServerAliveInterval: keepAlive.interval,
    ServerAliveCountMax: keepAlive.unanswered,
    ...multiplexing(options),
  };
  return [
    '-F',
    '/dev/null',
    ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    '-l',
    options.user,
    '-p',
    String(options.port ?? 22),
    // What follows is the address, then the command, whatever they begin with.
    '--',
    options.address,
  ];
}

function multiplexing({ controlPath, role = 'session' }: SshOptions): Record<string, string> {
  if (controlPath === undefined) return { ControlMaster: 'no', ControlPath: 'none' };
  const path = sshPath(controlPath);
  if (role === 'master') return { ControlMaster: 'yes', ControlPath: path, ControlPersist: 'no' };
  // Without the socket ssh would quietly connect anew; a proxy that only fails keeps it from that.
  return { ControlMaster: 'no', ControlPath: path, ProxyCommand: 'exec false' };
}

/** A path as ssh_config(5) wants it: `%` would be expanded, so it is doubled; blanks need double quotes. */
const sshPath = (path: string): string => {
  const escaped = path.replaceAll('%', '%%');
  return /\s/.test(escaped) ? `"${escaped}"` : escaped;
};
