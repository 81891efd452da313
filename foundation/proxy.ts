import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import { httpsVia, NoAnswer, type Https, type Reach } from './https';

/** Says which HTTP proxy leads to an address; undefined = none. */
export type ProxyChoice = (url: string) => URL | undefined;

/**
 * The proxy that the environment names, as Terraform's providers read it: `HTTPS_PROXY` (or in lower case), unless
 * `NO_PROXY` names the host, a domain above it (also as `.domain` or `*.domain`), or `*`.
 *
 * @throws NoAnswer from the choice itself, where the variable holds no http address
 */
export function proxyFrom(variables: Readonly<Record<string, string | undefined>>): ProxyChoice {
  const proxy = variables['HTTPS_PROXY'] || variables['https_proxy'];
  const without = (variables['NO_PROXY'] || variables['no_proxy'] || '')
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter(Boolean);
  return (url) => {
    if (!proxy) return undefined;
    const host = new URL(url).hostname.toLowerCase();
    if (without.some((entry) => entry === '*' || host === entry || host.endsWith(`.${bare(entry)}`)))
      return undefined;
    const address = /^https?:\/\//.test(proxy) ? proxy : `http://${proxy}`;
    if (!URL.canParse(address) || !address.startsWith('http:'))
      throw new NoAnswer('HTTPS_PROXY is not an http address such as http://127.0.0.1:8080');
    const chosen = new URL(address);
    requireReadableLogin(chosen);
    return chosen;
  };
}

/** @throws NoAnswer for a login that cannot be decoded, without showing it */
function requireReadableLogin({ username, password }: URL): void {
  try {
    decodeURIComponent(`${username}:${password}`);
  } catch (cause) {
    throw new NoAnswer('the login in HTTPS_PROXY cannot be decoded: a % of its own is written as %25', {
      cause,
    });
  }
}

const bare = (entry: string): string => entry.replace(/^\*?\./, '');

/**
 * An {@link Https} that goes through a tunnel (CONNECT) where a proxy is chosen, and straight elsewhere. The server is
 * verified as without a proxy; the deadline covers the tunnel too.
 */
export function httpsThrough(reach: Reach, choose: ProxyChoice): Https {
  const straight = httpsVia(reach);
  // Reading the authorities takes longer than a request: once for all of them.
  let trust: SecureContext | undefined;
  return async (request) => {
    const proxy = choose(request.url);
    if (proxy === undefined) return straight(request);
    const { hostname, port } = new URL(request.url);
    const started = performance.now();
    const tunnel = await openTunnel(proxy, `${hostname}:${port || '443'}`, request);
    trust ??= createSecureContext({ ca: [...reach.authorities] });
    const connection = connectTls({ socket: tunnel, servername: hostname, secureContext: trust });
    return httpsVia({ ...reach, connection: () => connection })({
      ...request,
      deadline: Math.max(1, request.deadline - (performance.now() - started)),
    });
  };
}

function openTunnel(
  proxy: URL,
  target: string,
  { deadline, signal }: { readonly deadline: number; readonly signal?: AbortSignal | undefined },
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // A URL has an IPv6 address in brackets, a socket has none.
    const host = proxy.hostname.replace(/^\[(.*)\]$/, '$1');
    const socket = connectTcp({ host, port: Number(proxy.port || '80') });
    const settle = (work: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.removeAllListeners();
      work();
    };
    const fail = (cause: Error): void =>
      settle(() => {
        socket.on('error', () => undefined).destroy();
        reject(cause);
      });
    const failed = (why: string): void => fail(new NoAnswer(`the proxy ${proxy.host} ${why}`));
    const abort = (): void => fail(signal?.reason as Error);
    const timer = setTimeout(() => failed(`did not answer within ${deadline / 1000} s`), deadline);
    signal?.addEventListener('abort', abort, { once: true });
    let head = Buffer.alloc(0);
    socket.on('error', (cause) => failed(`cannot be reached (${cause.message})`));
    socket.on('close', () => failed('closed the connection'));
    socket.on('data', (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return head.length > 16 * 1024 ? failed('does not speak HTTP') : undefined;
      const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1')) ?? [];
      if (status !== '200')
        return failed(`refuses to lead to ${target}${status === undefined ? '' : ` (status ${status})`}`);
      settle(() => {
        socket.pause();
        resolve(socket);
      });
    });
    const { username, password } = proxy;
    const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
    socket.write(
      [
        `CONNECT ${target} HTTP/1.1`,
        `Host: ${target}`,
        ...(username === '' ? [] : [`Proxy-Authorization: Basic ${login.toString('base64')}`]),
        '',
        '',
      ].join('\r\n'),
    );
  });
}
