import { Agent, request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { LookupFunction } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Duplex } from 'node:stream';

/** How to reach servers: whom to trust, and whom to ask for names. */
export interface Reach {
  /** Certificate authorities (PEM), from `trustedAuthorities`. */
  readonly authorities: readonly string[];
  readonly lookup: LookupFunction;
  /** A connection that is there already, TLS included (`foundation/proxy.ts`). @default - one is made, straight to the server */
  readonly connection?: () => Duplex;
}

export interface HttpsRequest {
  /** `https:` only. */
  readonly url: string;
  /** @default 'GET' */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Milliseconds for the whole of it: name, connection, TLS, answer. */
  readonly deadline: number;
  /** Bytes of the answer's body to take; a longer one is an error. @default 4 MiB */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Asks one server one thing; the one adapter around HTTPS, replaced in tests. */
export type Https = (request: HttpsRequest) => Promise<HttpsAnswer>;

/** No answer came, or none that can be trusted; the message says why, without the address. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/**
 * An {@link Https} that verifies every server against the given authorities. Each request is a connection of its own,
 * no redirect is followed and no proxy is asked: what answers is what is there. `foundation/proxy.ts` asks one.
 *
 * Its calls reject with {@link NoAnswer}, or with the signal's reason when that was aborted.
 */
export function httpsVia(reach: Reach): Https {
  // Reading the authorities takes longer than a request: once for all of them.
  let agent: Agent | undefined;
  return ({ url, method = 'GET', headers = {}, body, deadline, maxBytes = 4 * 1024 * 1024, signal }) =>
    new Promise((resolve, reject) => {
      if (!url.startsWith('https://')) throw new NoAnswer(`${url} is not an https address`);
      signal?.throwIfAborted();
      const sent = request(url, {
        method,
        headers,
        lookup: reach.lookup,
        ...(reach.connection
          ? { createConnection: reach.connection }
          : { agent: (agent ??= verifying(reach.authorities)) }),
      });
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        settle();
        sent.destroy();
      };
      const fail = (cause: Error): void => finish(() => reject(cause));
      const abort = (): void => fail(signal?.reason as Error);
      const timer = setTimeout(() => fail(new NoAnswer(`no answer within ${deadline / 1000} s`)), deadline);
      signal?.addEventListener('abort', abort, { once: true });
      sent.on('error', (cause: NodeJS.ErrnoException) => fail(new NoAnswer(reasonOf(cause), { cause })));
      sent.on('response', (answer) => {
        const chunks: Buffer[] = [];
        let length = 0;
        answer.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > maxBytes) fail(new NoAnswer(`the answer is longer than ${maxBytes} bytes`));
        });
        answer.on('error', () => fail(new NoAnswer('the answer broke off')));
        answer.on('end', () =>
          finish(() =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
          ),
        );
      });
      sent.end(body);
    });
}

/** Keeps no connection and no session: each request meets, and verifies, what is there then. */
const verifying = (authorities: Reach['authorities']): Agent =>
  new Agent({
    keepAlive: false,
    maxCachedSessions: 0,
    secureContext: createSecureContext({ ca: [...authorities] }),
  });

/** Node's codes in words; where several addresses were tried, the reason of each. */
function reasonOf(cause: NodeJS.ErrnoException): string {
  if (cause instanceof AggregateError) {
    return [...new Set(cause.errors.map((error) => reasonOf(error as NodeJS.ErrnoException)))].join('; ');
  }
  switch (cause.code) {
    case 'ENOTFOUND':
      return `the name is not known (${cause.message})`;
    case 'ECONNREFUSED':
      return `nothing listens there (${cause.message})`;
    case 'ECONNRESET':
      return `the connection was reset (${cause.message})`;
    case 'CERT_HAS_EXPIRED':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is not trusted (${cause.message})`;
    default:
      return cause.message || cause.code || 'unknown reason';
  }
}
