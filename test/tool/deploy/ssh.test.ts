import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as fc from 'fast-check';
import { connect, type SshHost } from '../../../deploy/ssh';
import { ConnectionLost, isHeld, type Held, type Transport } from '../../../deploy/transport';
import { fingerprintOf } from '../../../deploy/known-hosts';
import { ExitCode, Failure } from '../../../foundation/failure';
import { Secret } from '../../../foundation/secret';
import { failureOf } from '../../failure-of';
import { throwawaySshd, type ThrowawaySshd } from './throwaway-sshd';

let sshd: ThrowawaySshd;
let transport: Transport;

beforeAll(async () => {
  sshd = await throwawaySshd();
  transport = await connect(sshd.host, { env: sshd.env });
});

afterAll(async () => {
  await transport.close();
  await sshd.stop();
});

const second = 1000;

const heldBy = async (argv: [string, ...string[]], stdin = ''): Promise<Held> => {
  const held = await transport.hold({ argv, stdin, deadline: 10 * second });
  if (!isHeld(held)) throw new Error(`it ended: ${JSON.stringify(held)}`);
  return held;
};

/** Waits for a moment that must come. */
async function until(what: string, condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (condition()) return;
    await delay(50);
  }
  throw new Error(`never came true: ${what}`);
}

describe('a connection over SSH', () => {
  test('runs a command and says how it ended', async () => {
    const output = await transport.run({
      argv: ['sh', '-c', 'echo out; echo err >&2; exit 7'],
      deadline: 10 * second,
    });
    expect(output).toMatchObject({ code: 7, stdout: 'out\n', stderr: 'err\n', timedOut: false });
  });

  test('hands any arguments over unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { minLength: 1, maxLength: 4 }),
        async (words) => {
          fc.pre(words.every((word) => !word.includes('\0')));
          const output = await transport.run({
            argv: ['printf', '%s\\0', ...words],
            deadline: 10 * second,
          });
          expect(output.stdout).toBe(words.map((word) => `${word}\0`).join(''));
        },
      ),
      { numRuns: 25 },
    );
  });

  test('sends a secret on standard input, where no process list shows it', async () => {
    const output = await transport.run({
      argv: ['sh', '-c', 'cat; ps -e -o args='],
      stdin: Secret.of('TOKEN', 'p1anted-s3cret'),
      deadline: 10 * second,
    });
    expect(output.stdout.split('p1anted-s3cret')).toHaveLength(2);
  });

  test('is one connection for all commands', async () => {
    await Promise.all([1, 2, 3].map(() => transport.run({ argv: ['true'], deadline: 10 * second })));
    expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(1);
  });

  test('tells a command that exits with 255 from a lost connection', async () => {
    const output = await transport.run({ argv: ['sh', '-c', 'exit 255'], deadline: 10 * second });
    expect(output.code).toBe(255);
  });

  test('tells a session that sshd refuses, since it allows ten, from a lost connection', async () => {
    // The connection itself holds one.
    const held = await Promise.all(Array.from({ length: 9 }, () => heldBy(['sh', '-c', 'echo held; cat'])));
    try {
      expect(await transport.attach({ argv: ['true'] }, { stdin: 'open', onOutput: () => undefined })).toBe(
        255,
      );
    } finally {
      await Promise.all(held.map((one) => one.release()));
    }
  });

  test('ends a command on the host at its deadline', async () => {
    const output = await transport.run({ argv: ['sleep', '97531'], deadline: second });
    expect(output).toMatchObject({ timedOut: true });
    expect(execFileSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' })).not.toContain('sleep 97531');
  });

  test('reports a program that the host does not have', async () => {
    const output = await transport.run({ argv: ['no-such-program'], deadline: 10 * second });
    expect(output.code).toBe(127);
    expect(output.stderr).toContain('no-such-program');
  });

  test('describes the host', () => {
    expect(transport.describe()).toBe(`${sshd.host.user}@127.0.0.1`);
  });
});

describe('a command that is held', () => {
  test('stays until it is released', async () => {
    const held = await heldBy(['cat'], 'in place\n');
    expect(held.line).toBe('in place');
    expect(held.alive()).toBe(true);
    await held.release();
    expect(held.alive()).toBe(false);
  });

  test('is reported when it ends before it says anything', async () => {
    const ended = await transport.hold({ argv: ['sh', '-c', 'exit 75'], deadline: 10 * second });
    expect(ended).toMatchObject({ code: 75 });
  });

  test('holds an operating-system lock that another one is refused', async () => {
    const lock = join(sshd.folder, 'lock');
    const flock: [string, ...string[]] = [
      'flock',
      '--nonblock',
      '--conflict-exit-code',
      '75',
      lock,
      'tee',
      `${lock}.holder`,
    ];
    const held = await heldBy(flock, 'ada\n');
    const other = await transport.hold({ argv: flock, stdin: 'bob\n', deadline: 10 * second });
    expect(other).toMatchObject({ code: 75 });
    expect(readFileSync(`${lock}.holder`, 'utf8')).toBe('ada\n');
    await held.release();
    const next = await heldBy(flock, 'bob\n');
    await next.release();
  });

  test('ends with the process that holds it, a kill -9 included, and so does the connection', async () => {
    const lock = join(sshd.folder, 'killed-lock');
    const script = join(sshd.folder, 'holder.js');
    writeFileSync(script, holderScript(lock));
    const child = spawn(process.execPath, [script], {
      env: { ...process.env, ...sshd.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    expect(isFree(lock)).toBe(false);
    const connections = sshd.connections();
    child.kill('SIGKILL');
    await until('the lock is free', () => isFree(lock));
    await until('the connection is closed', () => sshd.connections() < connections);
  });
});

describe('a connection that is lost', () => {
  test('is told from a failed command, and says that the outcome is not known', async () => {
    const own = await throwawaySshd();
    const cut = await connect(own.host, { env: own.env });
    const held = await cut.hold({ argv: ['cat'], stdin: 'here\n', deadline: 10 * second });
    if (!isHeld(held)) throw new Error('it ended');
    const running = failureOf(cut.run({ argv: ['sleep', '30'], deadline: 40 * second }));
    await delay(300);
    await own.cut();
    const failure = await running;
    expect(failure).toBeInstanceOf(ConnectionLost);
    expect(failure.what).toContain(`the connection to ${own.host.user}@127.0.0.1 was lost while "sleep" ran`);
    expect(failure.state).toContain('not known whether that command was carried out');
    expect(failure.next).toBe('./cogni host check preview');
    await until('what was held is gone', () => !held.alive());
    expect(await failureOf(cut.run({ argv: ['true'], deadline: second }))).toBeInstanceOf(ConnectionLost);
    await cut.close();
    await own.stop();
  });
});

describe('a connection that cannot be made', () => {
  const attempt = (
    changes: Partial<SshHost>,
    env: Record<string, string | undefined> = sshd.env,
  ): Promise<Failure> => failureOf(connect({ ...sshd.host, ...changes }, { env }));
  const fingerprint = (key: string): string =>
    fingerprintOf(readFileSync(join(sshd.folder, `${key}.pub`), 'utf8').split(' ')[1]!);

  afterEach(() => sshd.pin('host'));

  test('because the host key changed: both fingerprints, and a refusal', async () => {
    sshd.pin('other');
    const failure = await attempt({});
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.faults).toContain(`pinned:   ssh-ed25519 ${fingerprint('other')}`);
    expect(failure.faults).toContain(`answered: ssh-ed25519 ${fingerprint('host')}`);
    expect(failure.next).toBe('./cogni host check preview');
  });

  test('because nothing is pinned yet', async () => {
    sshd.pin('none');
    const failure = await attempt({});
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.what).toContain('no host key is pinned for cogni-preview');
    expect(failure.what).toContain(fingerprint('host'));
    expect(failure.next).toBe('./cogni host pin preview');
  });

  test('because there is no agent', async () => {
    expect((await attempt({}, { SSH_AUTH_SOCK: undefined })).what).toContain('SSH_AUTH_SOCK is not set');
  });

  test('because no agent answers at its socket', async () => {
    const failure = await attempt({}, { SSH_AUTH_SOCK: join(sshd.folder, 'nobody') });
    expect(failure.what).toContain(`no SSH agent answers at SSH_AUTH_SOCK=${join(sshd.folder, 'nobody')}`);
  });

  test('because the agent holds no keys', async () => {
    expect((await attempt({}, sshd.agent('none'))).what).toContain('holds no keys');
  });

  test('because the host takes none of its keys', async () => {
    const failure = await attempt({}, sshd.agent('other'));
    expect(failure.what).toContain('refused every key of the SSH agent');
    expect(failure.faults).toEqual([`refused: ED25519 ${fingerprint('other')}`]);
  });

  test('because the agent does not hold the key that was named', async () => {
    const failure = await attempt({ publicKey: sshd.publicKey }, sshd.agent('other'));
    expect(failure.what).toContain(`does not hold the private half of ${sshd.publicKey}`);
  });

  test('because nothing listens there', async () => {
    const failure = await attempt({ port: 1 });
    expect(failure.what).toBe(
      `${sshd.host.user}@127.0.0.1 cannot be reached over SSH: connect to host 127.0.0.1 port 1: Connection refused`,
    );
  });

  test('because the name means nothing', async () => {
    expect((await attempt({ address: 'nowhere.invalid' })).what).toContain('Could not resolve hostname');
  });

  test('without leaving a socket folder behind', async () => {
    const tmp = join(sshd.folder, 'tmp');
    mkdirSync(tmp, { recursive: true });
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = tmp;
    try {
      await attempt({ port: 1 });
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
    expect(readdirSync(tmp)).toEqual([]);
  });

  test('unless the key that was named is in the agent', async () => {
    const named = await connect({ ...sshd.host, publicKey: sshd.publicKey }, { env: sshd.env });
    expect((await named.run({ argv: ['true'], deadline: 10 * second })).code).toBe(0);
    await named.close();
  });
});

/** A process that connects, takes a lock and then does nothing. */
function holderScript(lock: string): string {
  const sources = ['deploy/ssh.ts', 'deploy/transport.ts'].map((path) => join(process.cwd(), path));
  expect(sources.every(existsSync)).toBe(true);
  return `
    const { transformFileSync } = require(${JSON.stringify(require.resolve('@swc/core'))});
    require.extensions['.ts'] = (module, file) => module._compile(
      transformFileSync(file, { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }).code, file);
    const { connect } = require(${JSON.stringify(sources[0])});
    connect(${JSON.stringify(sshd.host)}).then(async (transport) => {
      const held = await transport.hold({ argv: ['flock', '--nonblock', ${JSON.stringify(lock)}, 'cat'], stdin: 'mine\\n', deadline: 10000 });
      console.log(held.line);
      setInterval(() => undefined, 1000);
    });`;
}

function isFree(lock: string): boolean {
  try {
    execFileSync('flock', ['--nonblock', lock, 'true']);
    return true;
  } catch {
    return false;
  }
}
