import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Message } from '../../../recovery/watch/messages';
import { ensureCertificate, ensureCertificateAuthority } from '../../../sandbox/certificates';
import { openAlarms } from './open-alarms';
import { checkout, testWorld, upFile } from '../../e2e/sandbox-cli';

/** A message, and when it was there: milliseconds of `performance.now()`. */
export interface Heard {
  readonly message: Message;
  readonly at: number;
}

/** What the metrics say of the last look. */
interface Seen {
  /** Seconds since 1970 when it had ended: of two looks, two different ones. */
  readonly at: number;
  /** Host and site answered as they should. */
  readonly well: boolean;
  /** A run held the lock of deploys. */
  readonly deploying: boolean;
  /** Alerts are open. */
  readonly alarmed: boolean;
}

const loopback = '127.0.0.1';

/** `./cogni watch preview` in a process of its own, and the receiver of its webhook: what it hears, it hears as whoever is told does. */
export class RunningWatch {
  readonly heard: Heard[] = [];
  private said = '';

  private constructor(
    private readonly receiver: Server,
    private readonly child: ChildProcess,
  ) {}

  /** Returns when it has looked for the first time, and all was well. */
  static async begin(): Promise<RunningWatch> {
    const authority = await ensureCertificateAuthority(testWorld);
    const { certificate, key } = await ensureCertificate(testWorld, authority, [loopback]);
    const receiver = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
    receiver.listen(0, loopback);
    await once(receiver, 'listening');
    const { port } = receiver.address() as AddressInfo;
    const child = spawn('node', ['dist/cli/main.js', 'watch', 'preview', `--listen=${loopback}:0`], {
      cwd: checkout,
      env: {
        ...process.env,
        ...upFile().variables,
        COGNI_WATCH_WEBHOOK: `https://${loopback}:${port}/told`,
        NO_COLOR: '1',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const watch = new RunningWatch(receiver, child);
    receiver.on('request', (request: IncomingMessage, response) => {
      const at = performance.now();
      void textIn(request).then((text) => {
        watch.heard.push({ message: JSON.parse(text) as Message, at });
        response.writeHead(204).end();
      });
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (watch.said += chunk));
    try {
      await watch.isWell();
    } catch (thrown) {
      await watch.end();
      throw thrown;
    }
    return watch;
  }

  /** @throws Error where nobody was told of it within four minutes */
  async hears(what: string, found: (heard: Heard) => boolean): Promise<Heard> {
    return this.until(what, () => Promise.resolve(this.heard.find(found)));
  }

  /** Returns when a look that ended from now on found all well, and no alert is open: what was seen before then counts for nothing any more. */
  async isWell(): Promise<void> {
    const from = Date.now() / 1000;
    await this.until('a look finds all well', async () => {
      const seen = await this.sees();
      return seen && seen.at > from && seen.well && !seen.alarmed ? seen : undefined;
    });
  }

  /** Returns when all is well, and whoever is told knows the end of every alarm: what is told from then on is of something else. */
  async isQuiet(): Promise<void> {
    await this.isWell();
    await this.until('the end of every alarm is told', () => {
      const isOver = openAlarms(this.heard.map(({ message }) => message)).length === 0;
      return Promise.resolve(isOver ? this.heard : undefined);
    });
  }

  /** Every look from the beginning of some work until all is well after it. */
  async during(work: () => Promise<unknown>): Promise<readonly Seen[]> {
    const looks = new Map<number, Seen>();
    const over = new AbortController();
    const looking = (async () => {
      while (!over.signal.aborted) {
        const seen = await this.sees();
        if (seen) looks.set(seen.at, seen);
        await setTimeout(250);
      }
    })();
    try {
      await work();
      await this.isWell();
    } finally {
      over.abort();
      await looking;
    }
    return [...looks.values()];
  }

  async end(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'close');
      this.child.kill('SIGTERM');
      await ended;
    }
    this.receiver.closeAllConnections();
    this.receiver.close();
  }

  /** Undefined before the first look, and where the metrics do not answer. */
  private async sees(): Promise<Seen | undefined> {
    const [, metrics] = /metrics at (http:\S+)/.exec(this.said) ?? [];
    if (metrics === undefined) return undefined;
    const text = await fetch(metrics, { signal: AbortSignal.timeout(10_000) })
      .then((answer) => answer.text())
      .catch(() => undefined);
    if (text === undefined) return undefined;
    const valuesOf = (name: string): readonly number[] =>
      [...text.matchAll(new RegExp(`^${name}\\{.*\\} (\\S+)$`, 'gm'))].map(([, value]) => Number(value));
    const is = (name: string): boolean => valuesOf(name).includes(1);
    const [at] = valuesOf('cogni_watch_last_look_timestamp_seconds');
    if (at === undefined) return undefined;
    return {
      at,
      well: is('cogni_host_up') && is('cogni_site_up'),
      deploying: is('cogni_deploy_under_way'),
      alarmed: is('cogni_watch_alert'),
    };
  }

  /** Looks often enough to miss no look, and for four minutes. */
  private async until<Result extends object>(
    what: string,
    find: () => Promise<Result | undefined>,
  ): Promise<Result> {
    for (let tries = 0; tries < 960; tries += 1) {
      if (this.child.exitCode !== null) break;
      const found = await find();
      if (found !== undefined) return found;
      await setTimeout(250);
    }
    const heard = this.heard.map(({ message: { text } }) => text);
    throw new Error([`never came true: ${what}`, this.said, ...heard].join('\n'));
  }
}

async function textIn(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
