import { readFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { run, type Output, type RunOptions } from '../../foundation/process';
import { tryReadUp, type UpFile } from '../../sandbox/up';
import { worldOf } from '../../sandbox/world';

/** The end-to-end tests drive a sandbox of their own by the very commands that a person types. */
export const checkout = resolve(__dirname, '..', '..');
const sandboxName = 'e2e';
export const testWorld = worldOf(checkout, sandboxName);

/** What a person would have in the shell before `eval "$(./cogni sandbox env)"`. */
const plainShell = { COGNI_SANDBOX_NAME: sandboxName, COGNI_SANDBOX: undefined, NO_COLOR: '1' };
const deadline = 14 * 60_000;

export const upFile = (): UpFile => {
  const left = tryReadUp(testWorld);
  if (left === undefined) throw new Error('the sandbox of the end-to-end tests is not up');
  return left;
};

/** `./cogni <words>` in a plain shell. */
export const cogni = (...words: readonly string[]): Promise<Output> =>
  run({ argv: ['./cogni', ...words], cwd: checkout, env: plainShell, deadline });

/** A command in a shell that has the sandbox's variables. */
export const inSandbox = (
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string | undefined>> = {},
  options: RunOptions = {},
): Promise<Output> =>
  run(
    { argv, cwd: checkout, env: { ...plainShell, ...upFile().variables, CI: '1', ...env }, deadline },
    options,
  );

export const cdktf = (...words: readonly string[]): Promise<Output> => inSandbox(['npx', 'cdktf', ...words]);

/** Everything that a command printed, without terminal control sequences and the borders that cdktf draws. */
export const textOf = (output: Output): string =>
  stripVTControlCharacters(`${output.stdout}\n${output.stderr}`);

/** The emulator's control API. */
export async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${upFile().control}/_emu${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    // A reinstall makes a container anew before it answers, which takes its time on a busy machine.
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

export const authorityPem = (): string => readFileSync(join(testWorld.folder, 'ca', 'root.crt'), 'utf8');

/** Asks a host over plain HTTP, by whatever name: `fetch` would not let the name be chosen. */
export const askPlain = (address: string, name: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request({ host: address, headers: { host: name }, timeout: 10_000 }, (answer) => resolve(answer.resume()))
      .on('error', reject)
      .end();
  });
