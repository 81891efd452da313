import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../../deploy/ssh';
import type { RemoteCommand, Transport } from '../../../deploy/transport';
import { Secret } from '../../../foundation/secret';
import { throwawaySshd, type ThrowawaySshd } from './throwaway-sshd';

const second = 1000;

let sshd: ThrowawaySshd;
let transport: Transport;

/** On a host that has these programs, or all of this machine. */
async function onHost(path?: string): Promise<void> {
  sshd = await throwawaySshd(path === undefined ? {} : { path });
  transport = await connect(sshd.host, { env: sshd.env });
}

const run = (...argv: RemoteCommand['argv']) => transport.run({ argv, deadline: 10 * second });

/** Commands that sshd has begun a session for, the one that holds the connection left out. */
const sessions = (): number => (sshd.log().match(/Starting session: command/g)?.length ?? 0) - 1;

afterEach(async () => {
  await transport.close();
  await sshd.stop();
});

describe('commands on a host that has Python', () => {
  beforeEach(() => onHost());

  test('run without a session of their own', async () => {
    expect(await run('echo', 'one')).toMatchObject({ code: 0, stdout: 'one\n' });
    expect(await run('sh', '-c', 'echo two >&2; exit 3')).toMatchObject({ code: 3, stderr: 'two\n' });
    expect(sessions()).toBe(0);
  });

  test('have their input, whatever its size and bytes, and the end of it', async () => {
    const stdin = ['ä\0\n{"id":1}\n', Secret.of('LONG', 'x'.repeat(3_000_000))];
    const output = await transport.run({ argv: ['cat'], stdin, deadline: 10 * second });
    expect(output.stdout.slice(0, 13)).toBe('ä\0\n{"id":1}\nx');
    expect(output.stdout).toHaveLength(12 + 3_000_000);
    expect(await run('cat')).toMatchObject({ code: 0, stdout: '' });
    expect(sessions()).toBe(0);
  });

  test('may end before they have read it', async () => {
    const stdin = 'x'.repeat(3_000_000);
    expect(await transport.run({ argv: ['true'], stdin, deadline: 10 * second })).toMatchObject({ code: 0 });
  });

  test('have a session when they are followed', async () => {
    const chunks: string[] = [];
    await transport.run(
      { argv: ['echo', 'live'], deadline: second },
      { onOutput: (chunk) => chunks.push(chunk) },
    );
    expect(chunks).toEqual(['live\n']);
    expect(sessions()).toBe(1);
  });

  test('run beside each other', async () => {
    const fifo = join(sshd.folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const [read] = await Promise.all([run('cat', fifo), run('sh', '-c', 'echo met > "$0"', fifo)]);
    expect(read.stdout).toBe('met\n');
  });

  test('give what they print unchanged, whatever its size and bytes', async () => {
    const printed = await run(
      'sh',
      '-c',
      'head --bytes=3000000 /dev/zero | tr "\\0" x; printf "\\n\\303\\244\\n{\\"id\\":1}\\n"',
    );
    expect(printed.stdout).toHaveLength(3_000_000 + '\nä\n{"id":1}\n'.length);
    expect(printed.stdout.endsWith('x\nä\n{"id":1}\n')).toBe(true);
  });

  test('are not waited for any longer when the run is cancelled', async () => {
    const cancel = new AbortController();
    const running = transport.run(
      { argv: ['sleep', '60'], deadline: 60 * second },
      { signal: cancel.signal },
    );
    cancel.abort();
    expect(await running).toMatchObject({ code: null, signal: 'SIGTERM', timedOut: false });
    expect(await run('echo', 'next')).toMatchObject({ stdout: 'next\n' });
  });

  test('go on to their end, with all of their input, when the program that runs them is gone, however much they print', async () => {
    const [gate, done] = ['gate', 'done'].map((name) => join(sshd.folder, name)) as [string, string];
    for (const fifo of [gate, done]) execFileSync('mkfifo', [fifo]);
    const stdin = 'x'.repeat(3_000_000);
    const runs = `kill -KILL "$(ps -o ppid= -p "$PPID" | tr -d " ")"; read -r go < "${gate}"
      head --bytes=3000000 /dev/zero && wc --bytes > "${done}"`;
    const killed = await transport.run({ argv: ['sh', '-c', runs], stdin, deadline: 60 * second });
    expect(killed).toMatchObject({ code: null });
    const [output] = await Promise.all([run('cat', done), run('sh', '-c', `echo go > "${gate}"`)]);
    expect(output.stdout.trim()).toBe('3000000');
  });

  test('end without an exit code when the program that runs them is killed, and the next ones have sessions', async () => {
    // The shell, its timeout, and then that program.
    const killed = await run('sh', '-c', 'kill -KILL "$(ps -o ppid= -p "$PPID" | tr -d " ")"; sleep 5');
    expect(killed).toMatchObject({ code: null, timedOut: false });
    expect(killed.stderr).toContain('has ended');
    const before = sessions();
    expect(await run('echo', 'still here')).toMatchObject({ code: 0, stdout: 'still here\n' });
    expect(sessions()).toBe(before + 1);
  });
});

describe('commands on a host without Python', () => {
  let programs: string;

  beforeEach(() => {
    programs = mkdtempSync(join(tmpdir(), 'cogni-programs-'));
    for (const name of ['sh', 'cat', 'timeout', 'echo']) {
      symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(programs, name));
    }
    return onHost(programs);
  });

  afterEach(() => rmSync(programs, { recursive: true }));

  test('have a session each', async () => {
    expect(await run('python3', '-V')).toMatchObject({ code: 127 });
    expect(await run('echo', 'one')).toMatchObject({ code: 0, stdout: 'one\n' });
    expect(sessions()).toBe(2);
  });
});
