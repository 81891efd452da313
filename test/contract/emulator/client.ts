import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Parsed, when it is a JSON object; else an empty object. */
  readonly body: ApiObject;
  /** Parsed, when it is a JSON list; else an empty list. */
  readonly list: readonly ApiObject[];
}

/** Properties that the tests look at in whatever the API answers. */
export interface ApiObject {
  readonly id?: number | string;
  readonly code?: number;
  readonly message?: string;
  readonly name?: string;
  readonly slug?: string;
  readonly type?: string;
  readonly address?: string;
  readonly hostname?: string;
  readonly state?: string;
  readonly status?: string;
  readonly image?: string;
  readonly key?: string;
  readonly fingerprint?: string;
  readonly ptr_record?: string;
  readonly a_record?: string;
  readonly bgp?: { readonly enabled: boolean };
  readonly tags?: unknown;
  readonly targeted_to?: ApiObject;
  readonly region?: ApiObject;
  readonly ip_addresses?: readonly ApiObject[];
  readonly ssh_keys?: readonly ApiObject[];
  readonly available_regions?: readonly ApiObject[];
}

export interface ClientOptions {
  readonly proxyPort: number;
  readonly authority: string;
  readonly token: string;
}

export interface CallOptions {
  /** Sent as `Authorization`; null = none. @default the client's bearer token */
  readonly authorization?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, instead of JSON. */
  readonly raw?: string;
  /** Milliseconds until the call is given up. */
  readonly patience?: number;
}

/**
 * Calls the API as the provider does: CONNECT through the proxy, TLS to the API's own name, one connection a call.
 */
export class Client {
  constructor(readonly options: ClientOptions) {}

  get = (path: string, options?: CallOptions): Promise<Answer> => this.call('GET', path, undefined, options);
  post = (path: string, body?: unknown, options?: CallOptions): Promise<Answer> =>
    this.call('POST', path, body, options);
  put = (path: string, body?: unknown, options?: CallOptions): Promise<Answer> =>
    this.call('PUT', path, body, options);
  delete = (path: string, options?: CallOptions): Promise<Answer> =>
    this.call('DELETE', path, undefined, options);

  async call(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Answer> {
    const { authorization = `Bearer ${this.options.token}`, headers = {}, raw, patience = 10_000 } = options;
    const tunnel = await openTunnel(this.options.proxyPort, 'api.cherryservers.com:443');
    const socket = connect({
      socket: tunnel,
      servername: 'api.cherryservers.com',
      ca: this.options.authority,
    });
    const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const request = httpsRequest({
      createConnection: () => socket,
      host: 'api.cherryservers.com',
      method,
      path,
      headers: {
        ...(authorization === null ? {} : { Authorization: authorization }),
        'Content-Type': 'application/json',
        Accept: 'application/json',
        Connection: 'close',
        'User-Agent': 'terraform-provider/cherryservers/1.5.3 terraform/1.11.4 cherry-agent-go/3.8.0',
        ...(text === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(text)) }),
        ...headers,
      },
    });
    request.setTimeout(patience, () => request.destroy(new Error('no answer in time')));
    request.end(text);
    try {
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      return await answerOf(response);
    } finally {
      tunnel.destroy();
    }
  }
}

/** A CONNECT that the proxy must take; rejects with its answer when it does not. */
export async function openTunnel(proxyPort: number, target: string): Promise<Socket> {
  const request = httpRequest({
    host: '127.0.0.1',
    port: proxyPort,
    method: 'CONNECT',
    path: target,
    agent: false,
  });
  request.end();
  const [response, socket] = (await once(request, 'connect')) as [IncomingMessage, Socket];
  if (response.statusCode !== 200) {
    socket.destroy();
    throw new Error(`CONNECT ${target}: ${response.statusCode} ${response.statusMessage}`);
  }
  return socket;
}

/** A plain HTTP call, for the control API and for asking the proxy what it does not do. */
export async function plain(method: string, url: string, body?: unknown, path?: string): Promise<Answer> {
  const request = httpRequest(url, { method, agent: false, ...(path === undefined ? {} : { path }) });
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return answerOf(response);
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const json = tryJson(text);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    body: typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {},
    list: Array.isArray(json) ? (json as ApiObject[]) : [],
  };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
