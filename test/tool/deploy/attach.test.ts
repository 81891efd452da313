import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { whileInputIsOpen } from '../../../deploy/attach';
import { localTransport } from '../../../deploy/local';
import { readSideBySide, sideBySide, type ProgramLine } from '../../../deploy/side-by-side';
import { connect } from '../../../deploy/ssh';
import type { Transport } from '../../../deploy/transport';
import { capture } from '../../../foundation/process';
import { throwawaySshd, type ThrowawaySshd } from './throwaway-sshd';

const processes = (): Promise<string> => capture({ argv: ['ps', '-e', '-o', 'args='], deadline: 10_000 });

let sshd: ThrowawaySshd;
let ssh: Transport;
beforeAll(async () => {
  sshd = await throwawaySshd();
  ssh = await connect(sshd.host, { env: sshd.env });
});
afterAll(async () => {
  await ssh.close();
  await sshd.stop();
});

describe.each([
  ['over SSH', () => ssh],
  ['on this machine', () => localTransport()],
])('a command that somebody listens to, %s', (_, transport) => {
  test('passes its output on as it comes, and its exit code', async () => {
    const output: string[] = [];
    const code = await transport().attach(
      { argv: whileInputIsOpen('sh', '-c', 'echo out; echo "$1" >&2; exit 7', 'sh', "it's $HOME") },
      { stdin: 'open', onOutput: (chunk, stream) => output.push(`${stream}: ${chunk}`) },
    );
    expect(code).toBe(7);
    expect(output.sort()).toEqual(["stderr: it's $HOME\n", 'stdout: out\n']);
  });

  test('gets a stream byte by byte, and ends with it', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_each, index) => index % 256));
    const output: string[] = [];
    const code = await transport().attach(
      { argv: ['sha256sum'] },
      {
        stdin: Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]),
        onOutput: (chunk) => output.push(chunk),
      },
    );
    expect(code).toBe(0);
    expect(output.join('')).toBe(`${createHash('sha256').update(bytes).digest('hex')}  -\n`);
  });

  test('is ended, there as well, when nobody listens any more', async () => {
    const abort = new AbortController();
    const begun: string[] = [];
    const code = transport().attach(
      { argv: whileInputIsOpen('sh', '-c', 'echo begun; exec sleep 86401') },
      { stdin: 'open', signal: abort.signal, onOutput: (chunk) => begun.push(chunk) },
    );
    for (let tries = 0; begun.length === 0 && tries < 200; tries += 1) await delay(50);
    expect(await processes()).toContain('sleep 86401');
    abort.abort();
    expect(await code).toBe(143);
    expect((await processes()).split('\n').filter((line) => line === 'sleep 86401')).toEqual([]);
  });

  test('may be more programs at once than sshd allows sessions, each line with the program that it is of', async () => {
    const lines: ProgramLine[] = [];
    const { take, codes } = readSideBySide((line) => lines.push(line));
    const programs = Array.from({ length: 12 }, (_, index): [string, ...string[]] => [
      'sh',
      '-c',
      'echo "{out} $1"; printf "no line break, \\377" >&2; [ "$1" != 11 ] || kill -9 $$; exit "$1"',
      'sh',
      String(index),
    ]);
    const code = await transport().attach(
      { argv: sideBySide([...programs, ['no-such-program']]) },
      { stdin: 'open', onOutput: (chunk, stream) => stream === 'stdout' && take(chunk) },
    );
    expect(code).toBe(0);
    expect([...codes].sort(([one], [other]) => one - other)).toEqual([
      ...Array.from({ length: 11 }, (_, index) => [index, index]),
      [11, 137],
      [12, 127],
    ]);
    const of = (program: number): string[] =>
      lines
        .filter((line) => line.program === program)
        .map(({ stream, text }) => `${stream}: ${text}`)
        .sort();
    for (let program = 0; program < 12; program += 1) {
      expect(of(program)).toEqual(['stderr: no line break, \ufffd', `stdout: {out} ${program}`]);
    }
    expect(of(12)).toEqual(['stderr: no-such-program: No such file or directory']);
  });

  test('is ended with all of its programs when nobody listens any more', async () => {
    const abort = new AbortController();
    const begun: string[] = [];
    const { take } = readSideBySide(({ text }) => begun.push(text));
    const code = transport().attach(
      { argv: sideBySide(['86402', '86403'].map((time) => ['sh', '-c', `echo begun; exec sleep ${time}`])) },
      { stdin: 'open', signal: abort.signal, onOutput: take },
    );
    for (let tries = 0; begun.length < 2 && tries < 200; tries += 1) await delay(50);
    expect(await processes()).toMatch(/sleep 86402[^]*sleep 86403|sleep 86403[^]*sleep 86402/);
    abort.abort();
    expect(await code).toBe(143);
    expect((await processes()).split('\n').filter((line) => /^sleep 8640[23]$/.test(line))).toEqual([]);
  });
});
