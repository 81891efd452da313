import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pinHost, type PinProps } from '../../../../deploy/host/pin';
import { tryReadPins, writePins } from '../../../../deploy/host/pins';
import { ExitCode, Failure } from '../../../../foundation/failure';
import { progressTo } from '../../../../foundation/progress';
import { fakeClock } from '../fake-clock';
import { everythingIn, fakeSsh, hostAt, silentHost, type Answer } from './fake-ssh';
import { ecdsa, ed25519, proofLine, stranger, token } from './keys';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pin-'))));
afterEach(() => rmSync(folder, { recursive: true }));
const knownHosts = (): string => join(folder, 'known_hosts');

const proof = proofLine(ed25519) + proofLine(ecdsa);
const proven: Answer = { key: ed25519, stdout: proof };
// As OpenSSH 9.2 prints it.
const refused: Answer = {
  key: ed25519,
  stderr:
    'debug1: Offering public key: x ED25519 SHA256:agent agent\r\ndeploy@203.0.113.7: Permission denied (publickey).\r\n',
};

async function pin(answers: readonly Answer[], changes: Partial<PinProps> = {}) {
  const ssh = fakeSsh(answers);
  const notes: string[] = [];
  const props = {
    host: hostAt(knownHosts()),
    token,
    machine: '811000',
    deadline: 300_000,
    clock: fakeClock(),
    run: ssh.run,
    progress: progressTo((event) => event.kind === 'note' && notes.push(event.text)),
    env: { SSH_AUTH_SOCK: '/run/agent' },
    ...changes,
  };
  const outcome = await pinHost(props).catch((thrown: unknown) => thrown);
  return { outcome, failure: outcome as Failure, commands: ssh.commands, notes };
}

describe('pinning a host', () => {
  test('pins every key that the proof vouches for, and for which machine', async () => {
    const { outcome, notes } = await pin([proven]);
    expect(outcome).toEqual({ keys: [ecdsa, ed25519], pinnedNow: true });
    expect(tryReadPins(knownHosts(), 'cogni-preview')).toEqual({ keys: [ecdsa, ed25519], machine: '811000' });
    expect(notes.at(-1)).toMatch(/^pinned ecdsa-sha2-nistp256 SHA256:\S+, ssh-ed25519 SHA256:\S+ in /);
  });

  test('asks for nothing but the proof, with a known_hosts file of that one connection, and never sends the token', async () => {
    const { commands } = await pin([proven]);
    expect(commands).toHaveLength(1);
    const [{ argv, stdin }] = commands as [(typeof commands)[number]];
    expect(argv.at(-1)).toBe("'cat' '/run/cogni/host-key.proof' '/var/lib/cogni/host-key.proof'");
    expect(stdin).toBe('');
    expect(argv).toContain('StrictHostKeyChecking=accept-new');
    expect(argv).toContain('ForwardAgent=no');
    expect(argv.join(' ')).not.toContain(knownHosts());
    expect(everythingIn(commands)).not.toContain(token.reveal());
  });

  test('leaves nothing of that connection behind', async () => {
    const { commands } = await pin([proven]);
    const used = commands[0]!.argv.find((word) => word.startsWith('UserKnownHostsFile='))!.slice(19);
    expect(existsSync(used)).toBe(false);
  });

  test('waits for a machine that boots, has no user yet, and has not written its proof yet', async () => {
    const { outcome, notes, commands } = await pin([
      silentHost,
      silentHost,
      refused,
      { key: ed25519 },
      { key: ed25519 },
      proven,
    ]);
    expect(outcome).toMatchObject({ pinnedNow: true });
    expect(commands).toHaveLength(6);
    expect(notes.slice(0, 3)).toEqual([
      '203.0.113.7: waiting for it to answer on SSH',
      '203.0.113.7: answers on SSH, but lets nobody in yet',
      '203.0.113.7: waiting for the proof of its host key',
    ]);
  });

  test('waits for a machine that takes more than a minute to answer and then refuses a login', async () => {
    const silence = Array.from({ length: 90 }, () => silentHost);
    const { outcome, commands } = await pin([...silence, refused, proven]);
    expect(outcome).toMatchObject({ pinnedNow: true });
    expect(commands).toHaveLength(92);
  });

  test('asks nothing of a host that is pinned, without a token as well', async () => {
    await pin([proven]);
    const { outcome, commands } = await pin([], { token: undefined as never });
    expect(outcome).toEqual({ keys: [ecdsa, ed25519], pinnedNow: false });
    expect(commands).toEqual([]);
  });

  test('proves a new machine anew, since the old pin is not its own', async () => {
    writePins(knownHosts(), 'cogni-preview', { keys: [stranger], machine: '810999' }, new Date(0));
    const { outcome } = await pin([proven]);
    expect(outcome).toMatchObject({ pinnedNow: true });
    expect(tryReadPins(knownHosts(), 'cogni-preview')?.keys).toEqual([ecdsa, ed25519]);
  });

  test('never replaces the pin of the same machine by itself, nor where no machine is named', async () => {
    for (const machine of ['811000', undefined]) {
      writePins(knownHosts(), 'cogni-preview', { keys: [stranger], machine: '811000' }, new Date(0));
      const { outcome } = await pin([proven], machine ? { machine } : { machine: undefined as never });
      expect(outcome).toEqual({ keys: [stranger], pinnedNow: false });
    }
  });

  test('replaces it where that is asked for, and the new key is proved', async () => {
    writePins(knownHosts(), 'cogni-preview', { keys: [stranger], machine: '811000' }, new Date(0));
    expect((await pin([proven], { replace: true })).outcome).toMatchObject({ pinnedNow: true });
    writePins(knownHosts(), 'cogni-preview', { keys: [ed25519], machine: '811000' }, new Date(0));
    const impostor = await pin([{ key: stranger, stdout: proof }], { replace: true });
    expect(impostor.failure.exitCode).toBe(ExitCode.refused);
    expect(tryReadPins(knownHosts(), 'cogni-preview')?.keys).toEqual([ed25519]);
  });
});

describe('pinning is refused', () => {
  test('where somebody in between shows a key of his own and passes the proof on', async () => {
    const { failure, commands } = await pin([{ key: stranger, stdout: proof }]);
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.what).toMatch(/answered with ssh-ed25519 SHA256:\S+, which its proof does not name/);
    expect(failure.next).toBe('./cogni host check preview');
    expect(failure.state).toContain('nothing is pinned');
    expect(existsSync(knownHosts())).toBe(false);
    expect(commands).toHaveLength(1);
  });

  test('where he makes a proof up, without the token', async () => {
    const { failure } = await pin([{ key: stranger, stdout: proof + proofLine(stranger, 'a guess') }]);
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.what).toContain('was not made with the enrollment token of preview');
    expect(existsSync(knownHosts())).toBe(false);
  });

  test('with a token that this machine did not get, without showing either', async () => {
    const { failure } = await pin([
      { key: ed25519, stdout: proofLine(ed25519, 'the token of another machine') },
    ]);
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.message).not.toContain(token.reveal());
  });

  test('after a reinstall that brought the first token back, and names the way to a new server', async () => {
    const { failure } = await pin([{ key: ed25519, stdout: proofLine(ed25519, 'its first token') }], {
      replace: true,
    });
    expect(failure.what).toContain('a reinstall at the provider gives a machine its first token again');
    expect(failure.next).toContain('have Terraform make a new server');
  });

  test('without a token, before anything is sent', async () => {
    const { failure, commands } = await pin([proven], { token: undefined as never });
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.what).toContain(
      'no host key is pinned for cogni-preview, and there is no enrollment token',
    );
    expect(commands).toEqual([]);
  });
});

describe('pinning fails', () => {
  const over = '\x1erunning\n\x1ecloud-init-unit\nfailed\n\x1elog\nNo space left on device\n';
  const waited = Array.from({ length: 11 }, () => ({ key: ed25519 }));

  test('long before the deadline where the machine says that its bootstrap is over, and none came with its end', async () => {
    const { failure } = await pin([
      ...waited,
      { key: ed25519, stdout: over },
      { key: ed25519 },
      { key: ed25519, stdout: over },
    ]);
    expect(failure.what).toContain(
      'wrote no proof of its host key within 10 s, and says that its bootstrap is over, so it is not known to be ours',
    );
    expect(failure.output).toContain('No space left on device');
    expect(existsSync(knownHosts())).toBe(false);
  });

  test('but not where it came with the end of the bootstrap, nor while that is at work', async () => {
    const justOver = await pin([...waited, { key: ed25519, stdout: over }, proven]);
    expect(justOver.outcome).toMatchObject({ pinnedNow: true });
    rmSync(knownHosts());
    const atWork = over.replace('running\n', 'running\nbash /opt/cogni/bootstrap/bootstrap.sh run\n');
    const working = await pin([...waited, { key: ed25519, stdout: atWork }, proven]);
    expect(working.outcome).toMatchObject({ pinnedNow: true });
  });

  test('where no proof comes within the deadline, with what the machine says of itself, marked as unproven', async () => {
    const said = '\x1eok\n\x1efail\n\x1erunning\n\x1ecloud-init\n\x1elog\nNo space left on device\n';
    const ssh = [{ key: ed25519 }, { key: ed25519 }, { key: ed25519, stdout: said }];
    const { failure, commands } = await pin(ssh, { deadline: 3_000 });
    expect(failure.exitCode).toBe(ExitCode.failed);
    expect(failure.what).toContain('wrote no proof of its host key within 3 s');
    expect(failure.output).toBe('What it says of itself, unproven:\nNo space left on device');
    expect(commands.at(-1)?.argv.at(-1)).toBe("'sh' '-s'");
    expect(existsSync(knownHosts())).toBe(false);
  });

  test('where nothing answers within the deadline, and says what ssh says', async () => {
    const { failure } = await pin([silentHost], { deadline: 60_000 });
    expect(failure.what).toMatch(/could not be logged in to within 60 s: .*Connection refused/);
    expect(failure.next).toBe('./cogni host wait preview');
  });

  test('where the login stays refused for five minutes, long before the deadline', async () => {
    const { failure, commands } = await pin([refused], { deadline: 3_600_000 });
    expect(failure.what).toContain('refused every key of the SSH agent');
    expect(commands.length).toBeGreaterThan(290);
    expect(commands.length).toBeLessThan(310);
  });

  test('at once where there is no agent to log in with: waiting brings none', async () => {
    const { failure, commands } = await pin([refused], { env: { SSH_AUTH_SOCK: undefined } });
    expect(failure.what).toContain('SSH_AUTH_SOCK is not set');
    expect(commands).toHaveLength(1);
  });
});

test('the file of pins says when and how its keys came about', async () => {
  await pin([proven]);
  expect(readFileSync(knownHosts(), 'utf8')).toMatch(
    /^# Host keys of cogni-preview, proved with its enrollment token and pinned 2026-11-21T08:00:00\.000Z\.\n# machine 811000\n/,
  );
});
