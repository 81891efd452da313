import { connectionFailure, type FailedConnection } from '../../../deploy/ssh-failure';
import { ExitCode } from '../../../foundation/failure';

const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIJ4cXqk0X9bq1oJj4m1cWm3B0S4a0Qm3y3s3xkQ2Q2Qb';
const failed: FailedConnection = {
  environment: 'preview',
  destination: 'deploy@203.0.113.7',
  hostKeyAlias: 'cogni-preview',
  knownHosts: '/state/known_hosts',
  knownHostsText: `cogni-preview ssh-ed25519 ${key}\n`,
  agentSocket: '/run/agent',
  stderr: '',
};
const failure = (
  stderr: string,
  changes: Partial<FailedConnection> = {},
): ReturnType<typeof connectionFailure> => connectionFailure({ ...failed, stderr, ...changes });

// As OpenSSH 9.2 prints them (with carriage returns, since its standard error is not a terminal).
const changedKey = `debug1: Server host key: ssh-ed25519 SHA256:seen\r
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r
Host key verification failed.\r\n`;
const unknownKey = `debug1: Server host key: ecdsa-sha2-nistp256 SHA256:seen\r
No ECDSA host key is known for cogni-preview and you have requested strict checking.\r
Host key verification failed.\r\n`;
const denied = 'deploy@203.0.113.7: Permission denied (publickey).\r\n';

describe('a connection that was refused', () => {
  test('for its host key names both fingerprints, the file and the command that investigates', () => {
    const { message, exitCode } = failure(changedKey);
    expect(exitCode).toBe(ExitCode.refused);
    expect(message).toMatch(/pinned: {3}ssh-ed25519 SHA256:\S+\n/);
    expect(message).toContain('answered: ssh-ed25519 SHA256:seen');
    expect(message).toContain('pinned in /state/known_hosts as cogni-preview');
    expect(message).toContain('state: nothing was sent to the host\nnext:  ./cogni host check preview');
  });

  test('for a key of another type than the pinned one is a changed key as well', () => {
    expect(failure(unknownKey).faults).toContain('answered: ecdsa-sha2-nistp256 SHA256:seen');
  });

  test.each([
    ['is missing', undefined],
    ['pins another host only', 'cogni-production ssh-ed25519 AAAA\n'],
  ])('because the known_hosts file %s asks for pinning first', (_, knownHostsText) => {
    const { exitCode, next, what } = failure(unknownKey, { knownHostsText });
    expect([exitCode, next]).toEqual([ExitCode.refused, './cogni host pin preview']);
    expect(what).toContain('no host key is pinned for cogni-preview in /state/known_hosts');
  });

  test('for want of an agent says how to start one', () => {
    for (const agentSocket of [undefined, '']) {
      const { what, next } = failure(denied, { agentSocket });
      expect(what).toContain('SSH_AUTH_SOCK is not set');
      expect(next).toContain('ssh-agent');
    }
  });

  test('because the agent is gone says where it was looked for', () => {
    const said = `debug1: get_agent_identities: ssh_get_authentication_socket: No such file or directory\r\n${denied}`;
    expect(failure(said).what).toContain('no SSH agent answers at SSH_AUTH_SOCK=/run/agent');
  });

  test('because the agent is empty says what to add', () => {
    const said = `debug1: get_agent_identities: ssh_fetch_identitylist: agent contains no identities\r\n${denied}`;
    const { what, next } = failure(said, { publicKey: 'keys/deploy.pub' });
    expect(what).toContain('the SSH agent at /run/agent holds no keys');
    expect(next).toBe('ssh-add the private half of keys/deploy.pub, then run this again');
  });

  test('because the named key is not in the agent says so', () => {
    const said = `debug1: Offering public key: keys/deploy.pub ED25519 SHA256:x explicit\r\n${denied}`;
    expect(failure(said, { publicKey: 'keys/deploy.pub' }).what).toContain(
      'does not hold the private half of keys/deploy.pub',
    );
  });

  test('with every key of the agent lists them', () => {
    const said = `debug1: Offering public key: me@laptop ED25519 SHA256:a agent\r\ndebug1: Offering public key: RSA SHA256:b agent\r\n${denied}`;
    expect(failure(said).faults).toEqual(['refused: ED25519 SHA256:a', 'refused: RSA SHA256:b']);
  });

  test('by the network gives the reason and the address', () => {
    const said = `debug1: connect to address 203.0.113.7 port 22: Connection refused\r\nssh: connect to host 203.0.113.7 port 22: Connection refused\r\n`;
    expect(failure(said).what).toBe(
      'deploy@203.0.113.7 cannot be reached over SSH: connect to host 203.0.113.7 port 22: Connection refused',
    );
  });

  test('for a reason that is not known shows what ssh said, without its debugging lines', () => {
    const { what, output } = failure('debug1: x\r\nsomething new\r\nhappened\r\n');
    expect(what).toContain('cannot be reached over SSH: happened');
    expect(output).toBe('something new\nhappened');
  });

  test('without a word says that ssh gave no reason', () => {
    expect(failure('debug1: x\r\n').what).toContain('ssh gave no reason');
  });
});
