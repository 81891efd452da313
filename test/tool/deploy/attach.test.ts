import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { whileInputIsOpen } from '../../../deploy/attach';
import { localTransport } from '../../../deploy/local';
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
});
