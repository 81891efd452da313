import { longestControlPath, sshOptions, type SshOptions } from '../../../deploy/ssh-options';

const pinned: SshOptions = {
  knownHosts: '/state/preview/known_hosts',
  hostKeyAlias: 'cogni-preview',
  user: 'deploy',
  address: '203.0.113.7',
  strict: 'pinned',
};

/** The `-o` settings as a record. */
function settings(argv: readonly string[]): Record<string, string> {
  const found = argv.flatMap((word, at) => (argv[at - 1] === '-o' ? [word] : []));
  return Object.fromEntries(
    found.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
}

describe('the options of an ssh connection', () => {
  test('read nothing of the user: no ssh_config, no known_hosts, no key files', () => {
    const argv = sshOptions(pinned);
    expect(argv.slice(0, 2)).toEqual(['-F', '/dev/null']);
    expect(settings(argv)).toMatchObject({
      UserKnownHostsFile: '/state/preview/known_hosts',
      GlobalKnownHostsFile: '/dev/null',
      IdentityFile: 'none',
    });
  });

  test('demand the pinned key under the alias of the environment, and never learn another', () => {
    expect(settings(sshOptions(pinned))).toMatchObject({
      StrictHostKeyChecking: 'yes',
      HostKeyAlias: 'cogni-preview',
      UpdateHostKeys: 'no',
      VerifyHostKeyDNS: 'no',
      CheckHostIP: 'no',
    });
  });

  test('take a new key, but not a changed one, on first contact', () => {
    const argv = sshOptions({ ...pinned, strict: 'first-contact' });
    expect(settings(argv)).toMatchObject({ StrictHostKeyChecking: 'accept-new', HashKnownHosts: 'no' });
  });

  test('never ask, never offer a password and never forward the agent', () => {
    expect(settings(sshOptions(pinned))).toMatchObject({
      BatchMode: 'yes',
      PreferredAuthentications: 'publickey',
      PasswordAuthentication: 'no',
      KbdInteractiveAuthentication: 'no',
      ForwardAgent: 'no',
      ClearAllForwardings: 'yes',
    });
  });

  test('notice a dead connection within 45 seconds and give up connecting after 10', () => {
    const { ConnectTimeout, ConnectionAttempts, ServerAliveInterval, ServerAliveCountMax } = settings(
      sshOptions(pinned),
    );
    expect({ ConnectTimeout, ConnectionAttempts }).toEqual({ ConnectTimeout: '10', ConnectionAttempts: '1' });
    expect(Number(ServerAliveInterval) * Number(ServerAliveCountMax)).toBe(45);
  });

  test('end with the destination behind "--", so that neither it nor the command can be taken for an option', () => {
    expect(sshOptions({ ...pinned, port: 2222 }).slice(-6)).toEqual([
      '-l',
      'deploy',
      '-p',
      '2222',
      '--',
      '203.0.113.7',
    ]);
  });

  test('select one key of the agent where a public key is named', () => {
    expect(settings(sshOptions({ ...pinned, publicKey: 'keys/deploy.pub' }))).toMatchObject({
      IdentityFile: 'keys/deploy.pub',
      IdentitiesOnly: 'yes',
    });
    expect(settings(sshOptions(pinned))).not.toHaveProperty('IdentitiesOnly');
  });

  test('keep blanks and percent signs of paths', () => {
    const argv = sshOptions({ ...pinned, knownHosts: '/my state/100%/known_hosts' });
    expect(settings(argv)['UserKnownHostsFile']).toBe('"/my state/100%%/known_hosts"');
  });

  test('let a master serve the socket, and a session use it without ever connecting by itself', () => {
    const master = settings(sshOptions({ ...pinned, controlPath: '/run/c/s', role: 'master' }));
    expect(master).toMatchObject({ ControlMaster: 'yes', ControlPath: '/run/c/s', ControlPersist: 'no' });
    expect(master).not.toHaveProperty('ProxyCommand');
    const session = settings(sshOptions({ ...pinned, controlPath: '/run/c/s' }));
    expect(session).toMatchObject({
      ControlMaster: 'no',
      ControlPath: '/run/c/s',
      ProxyCommand: 'exec false',
    });
  });

  test('share nothing where no socket is named', () => {
    expect(settings(sshOptions(pinned))).toMatchObject({ ControlMaster: 'no', ControlPath: 'none' });
  });

  test('leave room in a socket path for the temporary name that ssh binds first', () => {
    const sunPath = 108;
    expect(longestControlPath + '.'.length + 16 + '\0'.length).toBeLessThanOrEqual(sunPath);
  });
});
