import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { allOf, fieldsOf, textOf } from './protobuf';
import { unpackSnappy } from './snappy';

/** A line of a log as it arrived. */
export interface ArrivedLine {
  readonly labels: Readonly<Record<string, string>>;
  readonly line: string;
}

/** One series of metrics with its newest value. */
export interface ArrivedSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A login that somebody pushed with: `user:password`. */
type Login = string;

/**
 * Where logs and metrics arrive in place of Grafana Cloud: Loki's push and Prometheus' remote write (version 1), read from the
 * bytes that agents send. What is pushed without a login is refused, and so is what cannot be read.
 */
export class TelemetrySink {
  readonly lines: ArrivedLine[] = [];
  readonly series: ArrivedSeries[] = [];
  readonly logins = new Set<Login>();
  /** Why pushes were refused. */
  readonly refused: string[] = [];

  private constructor(private readonly server: Server) {}

  /** Listens on a free port of this machine. */
  static async start(): Promise<TelemetrySink> {
    const server = createServer();
    const sink = new TelemetrySink(server);
    server.on('request', (request, response) => {
      void sink.#take(request).then(
        () => response.writeHead(204).end(),
        (thrown: unknown) => {
          const why = thrown instanceof Error ? thrown.message : 'it is not known what is wrong';
          sink.refused.push(why);
          response.writeHead(thrown instanceof NoLogin ? 401 : 400).end(why);
        },
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return sink;
  }

  get lokiUrl(): string {
    return `http://127.0.0.1:${this.#port}/loki/api/v1/push`;
  }

  get prometheusUrl(): string {
    return `http://127.0.0.1:${this.#port}/api/prom/push`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  get #port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async #take(request: IncomingMessage): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const [scheme, login = ''] = (request.headers.authorization ?? '').split(' ');
    if (scheme !== 'Basic') throw new NoLogin('it comes without a login');
    const body = Buffer.concat(parts);
    const message = unpackSnappy(body);
    const path = request.url ?? '';
    if (path === new URL(this.lokiUrl).pathname) this.lines.push(...pushedLines(message));
    else if (path === new URL(this.prometheusUrl).pathname) this.series.push(...writtenSeries(message));
    else throw new RangeError(`nothing is taken at ${path}`);
    this.logins.add(Buffer.from(login, 'base64').toString());
  }
}

class NoLogin extends Error {}

/** grafana/loki, pkg/push/push.proto: streams (1) of labels (1) and entries (2), whose line is field 2. */
const pushedLines = (message: Buffer): readonly ArrivedLine[] =>
  allOf(message, 1).flatMap((stream) => {
    const labels = labelsIn(textOf(stream, 1));
    return allOf(stream, 2).map((entry) => ({ labels, line: textOf(entry, 2) }));
  });

/** `{app="cogni", env="preview"}`, as Prometheus writes a set of labels. */
const labelsIn = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g)].map(
      ([, name = '', value = '""']) => [name, JSON.parse(value) as string] as const,
    ),
  );

/** prometheus/prometheus, prompb/remote.proto: series (1) of labels (1: name 1, value 2) and samples (2, whose value is field 1). */
const writtenSeries = (message: Buffer): readonly ArrivedSeries[] =>
  allOf(message, 1).map((series) => ({
    labels: Object.fromEntries(allOf(series, 1).map((label) => [textOf(label, 1), textOf(label, 2)])),
    value: valueOf(allOf(series, 2).at(-1) ?? Buffer.alloc(0)),
  }));

function valueOf(sample: Buffer): number {
  const field = [...fieldsOf(sample)].find(({ number }) => number === 1);
  // A zero is left out on the wire.
  return Buffer.isBuffer(field?.value) ? field.value.readDoubleLE() : 0;
}
