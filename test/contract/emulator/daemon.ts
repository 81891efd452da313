import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformFileSync } from '@swc/core';
import { systemClock } from '../../../foundation/clock';
import { tryReadFile } from '../../../foundation/files';
import type { ConfigInput, ReadyFile } from '../../../sandbox/emulator/config';

const root = join(__dirname, '..', '..', '..');

/** Compiles what the emulator's process needs into a folder, so that the tests never meet a stale build. */
export function compileTo(folder: string): string {
  for (const top of ['foundation', 'sandbox']) {
    for (const file of readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })) {
      const source = join(root, top, file);
      const target = join(folder, top, file);
      if (!/\.(ts|json)$/.test(file) || file.includes('images/') || file.includes('node_modules/')) continue;
      mkdirSync(dirname(target), { recursive: true });
      if (file.endsWith('.json')) cpSync(source, target);
      else writeFileSync(target.replace(/ts$/, 'js'), transformFileSync(source, options).code);
    }
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'sandbox', 'emulator', 'main.js');
}

const options = {
  swcrc: false,
  jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
} as const;

/** One emulator process. */
export class Daemon {
  readonly #child: ChildProcess;
  output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (this.output += chunk));
    }
  }

  static spawn(main: string, configFile: string): Daemon {
    return new Daemon(spawn(process.execPath, [main, configFile], { stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** Starts one and waits until it says where it listens. */
  static async start(
    main: string,
    configFile: string,
    config: ConfigInput,
  ): Promise<{ daemon: Daemon; ready: ReadyFile }> {
    const daemon = Daemon.spawn(main, configFile);
    const until = systemClock.monotonic() + 15_000;
    for (;;) {
      const text = tryReadFile(config.readyFile);
      const ready = text === undefined ? undefined : (JSON.parse(text) as ReadyFile);
      if (ready?.pid === daemon.#child.pid) return { daemon, ready: ready! };
      if (daemon.#child.exitCode !== null || systemClock.monotonic() > until) {
        throw new Error(`the emulator does not start: ${daemon.output}`);
      }
      await systemClock.sleep(20);
    }
  }

  /** Ends it and gives its exit code and signal. */
  async end(signal?: NodeJS.Signals): Promise<[code: number | null, signal: NodeJS.Signals | null]> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      if (signal) this.#child.kill(signal);
      await once(this.#child, 'close');
    }
    return [this.#child.exitCode, this.#child.signalCode];
  }
}
