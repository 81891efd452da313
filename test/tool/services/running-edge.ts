import http from 'node:http';
import https from 'node:https';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { capture, run, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { caddyBinary } from '../../../sandbox/images/caddy';
import { renderEdge, type EdgeProps } from '../../../services';
import { freePort } from './app-double';

export const domain = 'preview.cogni.test';

export const edgeProps: EdgeProps = {
  domain,
  www: true,
  acme: { directory: 'https://acme.cogni.test/acme/local/directory' },
  image: `docker.io/library/caddy@sha256:${'ab'.repeat(32)}`,
};

/** The rendered files in a folder of their own. */
export function writeEdge(props: EdgeProps): string {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-edge-'));
  for (const { path, content } of renderEdge(props)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** A change of the adapted configuration: a length of time that a test can wait for, in seconds as all of them. */
export const shorter = (name: string, production: number, test: number): readonly [string, string] => [
  `"${name}":${production * 1e9}`,
  `"${name}":${test * 1e9}`,
];

/** What Caddy makes of the rendered Caddyfile. */
export async function adapt(folder: string): Promise<string> {
  const caddy = await caddyBinary(silent);
  return capture({ argv: [caddy, 'adapt', '--config', join(folder, 'caddy/Caddyfile')], deadline: 30_000 });
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** What Caddy writes to standard output, a line a record. */
export interface LogLine {
  readonly logger?: string;
  readonly status?: number;
  readonly user_agent?: string;
  readonly error?: string;
  readonly request?: Readonly<Record<string, unknown>> & { readonly uri: string };
}

export interface Question {
  /** @default GET */
  readonly method?: string;
  /** @default the domain */
  readonly host?: string;
  /** The name that is given before the certificate is shown. @default the host */
  readonly serverName?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

/**
 * Caddy as it is in production, with the rendered Caddyfile: only its ports, paths and certificate are those of a test.
 * The active upstream is `127.0.0.1`, where the application listens.
 */
export class RunningEdge {
  private constructor(
    private readonly folder: string,
    readonly ports: { readonly http: number; readonly https: number },
    private readonly ending: Promise<Output>,
    private readonly stopped: AbortController,
    private readonly out: { stdout: string; stderr: string },
  ) {}

  /** @param changes texts of the adapted configuration to replace, so that nobody has to wait for minutes to pass */
  static async start(
    appPort: number,
    props: EdgeProps = edgeProps,
    changes: readonly (readonly [string, string])[] = [],
  ): Promise<RunningEdge> {
    const folder = writeEdge(props);
    const [plain, secure] = [await freePort(), await freePort()];
    const config = JSON.parse(await adapt(folder)) as Config;
    const listens = Object.values(config.apps.http.servers).map((server) => server.listen);
    if (JSON.stringify(listens) !== '[[":443"],[":80"]]')
      throw new Error(`it listens on ${JSON.stringify(listens)}`);

    const text = replaced(JSON.stringify(config), [
      ['":443"', `"127.0.0.1:${secure}"`],
      ['":80"', `"127.0.0.1:${plain}"`],
      ['/etc/caddy/upstream/', `${folder}/caddy/upstream/`],
      ['/data/caddy/certificates', `${folder}/certificates`],
      ['{http.vars.active}:3000', `{http.vars.active}:${appPort}`],
      ...changes,
    ]);
    const running = JSON.parse(text) as Config;
    running.admin = { disabled: true, config: { persist: false } };
    running.storage = { module: 'file_system', root: join(folder, 'storage') };
    running.apps.http.http_port = plain;
    running.apps.http.https_port = secure;
    const certificate = await selfSigned(folder, props.domain);
    running.apps.tls = { certificates: { load_files: [certificate] } };
    const [https] = Object.values(running.apps.http.servers);
    if (https) Object.assign(https, { automatic_https: { disable: true }, tls_connection_policies: [{}] });
    writeFileSync(join(folder, 'caddy.json'), JSON.stringify(running));

    const stopped = new AbortController();
    const out = { stdout: '', stderr: '' };
    const ending = run(
      { argv: [await caddyBinary(silent), 'run', '--config', join(folder, 'caddy.json')], deadline: 110_000 },
      { signal: stopped.signal, onOutput: (chunk, stream) => (out[stream] += chunk) },
    );
    const edge = new RunningEdge(folder, { http: plain, https: secure }, ending, stopped, out);
    try {
      await edge.until(
        () => out.stdout.includes('serving initial configuration'),
        () => out.stdout + out.stderr,
      );
    } catch (notServing) {
      await edge.stop();
      throw notServing;
    }
    return edge;
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.ending;
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** As a deploy does it: a new file, renamed over the old one. */
  switchTo(active: string): void {
    const file = join(this.folder, 'caddy/upstream/active');
    writeFileSync(`${file}.new`, active);
    renameSync(`${file}.new`, file);
  }

  /** As `cogni maintenance on` and `off` do it. */
  maintenance(on: boolean): void {
    const file = join(this.folder, 'caddy/upstream/maintenance');
    if (on) writeFileSync(file, '{"since":"2026-11-21T08:00:00Z"}\n');
    else rmSync(file, { force: true });
  }

  forgetActive(): void {
    rmSync(join(this.folder, 'caddy/upstream/active'), { force: true });
  }

  /** As when Caddy has got the certificate of a name. */
  addCertificate(name: string): void {
    const file = join(this.folder, 'certificates/acme.cogni.test-acme-local-directory', name, `${name}.crt`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'the file is enough');
  }

  removeCertificates(): void {
    rmSync(join(this.folder, 'certificates'), { recursive: true, force: true });
  }

  http(path: string, question: Question = {}): Promise<Answer> {
    return ask(http, this.ports.http, path, question);
  }

  https(path: string, question: Question = {}): Promise<Answer> {
    return ask(https, this.ports.https, path, question);
  }

  /** What has come of an answer's body when its first bytes are there; the rest is not waited for. */
  firstBytes(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = https.request(
        {
          host: '127.0.0.1',
          port: this.ports.https,
          path,
          headers: { host: domain },
          servername: domain,
          rejectUnauthorized: false,
          agent: false,
        },
        (response) => {
          response.once('data', (chunk: Buffer) => {
            resolve(chunk.toString());
            request.destroy();
          });
        },
      );
      request.on('error', reject);
      request.end();
    });
  }

  /** All that Caddy wrote so far. */
  output(): string {
    return this.out.stdout + this.out.stderr;
  }

  /** The record of a request, as soon as there is one: its path as logged, and by which logger. */
  async logged(uri: string, logger = 'http.log.access'): Promise<LogLine> {
    let found: LogLine | undefined;
    await this.until(
      () => {
        found = this.log().find((line) => line.logger === logger && line.request?.uri === uri);
        return found !== undefined;
      },
      () => this.output(),
    );
    return found ?? {};
  }

  private log(): readonly LogLine[] {
    // The last line may not be whole yet.
    return this.out.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** Tries until it holds, for as long as a test may take; then says what it saw. */
  async until(holds: () => boolean, saw: () => string): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      if (holds()) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`it did not come to be within 10 s; seen: ${saw()}`);
  }
}

interface Config {
  admin?: unknown;
  storage?: unknown;
  apps: {
    http: { http_port?: number; https_port?: number; servers: Record<string, { listen: string[] }> };
    tls?: unknown;
  };
}

/** Every replacement must find something: else the test would run another configuration than it thinks. */
function replaced(text: string, replacements: readonly (readonly [string, string])[]): string {
  return replacements.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`the adapted configuration holds no ${from}`);
    return result.replaceAll(from, to);
  }, text);
}

function ask(
  client: typeof http | typeof https,
  port: number,
  path: string,
  question: Question,
): Promise<Answer> {
  const { method = 'GET', host = domain, serverName = host, headers = {}, body } = question;
  return new Promise((resolve, reject) => {
    const request = client.request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        agent: false,
        timeout: 20_000,
        headers: { host, ...headers },
        ...(client === https ? { servername: serverName, rejectUnauthorized: false } : {}),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          });
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error(`no answer to ${path} within 20 s`)));
    request.on('error', reject);
    request.end(body);
  });
}

async function selfSigned(folder: string, name: string): Promise<{ certificate: string; key: string }> {
  const paths = { certificate: join(folder, 'test.crt'), key: join(folder, 'test.key') };
  await capture({
    argv: [
      ...(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] as const),
      ...[
        '-nodes',
        '-days',
        '1',
        '-subj',
        `/CN=${name}`,
        '-addext',
        `subjectAltName=DNS:${name},DNS:www.${name}`,
      ],
      ...['-keyout', paths.key, '-out', paths.certificate],
    ],
    deadline: 30_000,
  });
  return paths;
}
