import { createHash, createHmac } from 'node:crypto';
import type { Secret } from './secret';

export interface S3Account {
  /** Access key id. */
  readonly key: string;
  readonly secret: Secret;
}

export interface S3Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Host, with its port where that is not 443. */
  readonly host: string;
  /** `/bucket/key`, not encoded. */
  readonly path: string;
  /** @default - none */
  readonly query?: Readonly<Record<string, string>>;
  /** Names in lower case. @default - none but those that signing needs */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default - empty */
  readonly body?: string;
}

/**
 * The headers with which an S3 server takes a call (Amazon S3 API Reference, "Signature Version 4", "Transferring payload in a
 * single chunk").
 *
 * @param now when it is made; a server refuses calls that are more than a quarter of an hour off
 * @returns all headers to send, and the address
 */
export function signed(
  call: S3Call,
  account: S3Account,
  region: string,
  now: Date,
): { readonly url: string; readonly headers: Readonly<Record<string, string>> } {
  const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const body = call.body ?? '';
  const headers: Readonly<Record<string, string>> = {
    ...call.headers,
    host: call.host,
    'x-amz-content-sha256': sha256(body),
    'x-amz-date': time,
  };
  const path = call.path.split('/').map(encode).join('/');
  const query = Object.entries(call.query ?? {})
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const names = Object.keys(headers).sort();
  const canonical = [
    call.method,
    path,
    query,
    ...names.map((name) => `${name}:${headers[name]?.trim() ?? ''}`),
    '',
    names.join(';'),
    sha256(body),
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const key = [time.slice(0, 8), region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (signingKey, part) => hmac(signingKey, part),
    `AWS4${account.secret.reveal()}`,
  );
  const signature = hmac(key, toSign).toString('hex');
  return {
    url: `https://${call.host}${path}${query === '' ? '' : `?${query}`}`,
    headers: {
      ...headers,
      'content-length': String(Buffer.byteLength(body)),
      authorization: `AWS4-HMAC-SHA256 Credential=${account.key}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
    },
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** RFC 3986's unreserved characters stay; encodeURIComponent leaves five more. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
