import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { messageOf } from '../../foundation/failure';
import { listen } from './listen';

export interface ProxyProps {
  /** The host whose TLS is ended here, under its usual name: `api.cherryservers.com`. */
  readonly host: string;
  /** Loopback port; 0 = any free one. */
  readonly port: number;
  /** The host's certificate (with its chain) and key; asked for at each connection, so that a renewed one is used. */
  readonly credentials: () => Credentials;
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, connection: Connection) => void;
  readonly log: (line: string) => void;
}

/** PEM texts. */
interface Credentials {
  readonly cert: string;
  readonly key: string;
}

/** The connection that a request came over. */
export interface Connection {
  /** Ends it with a TCP reset, as a crashing server or a firewall does. */
  reset(): void;
}

export interface Proxy {
  readonly port: number;
  /** Stops listening and ends all connections, also those that wait for an answer. */
  close(): Promise<void>;
}

/**
 * An HTTP proxy that serves exactly one destination, by being it: `CONNECT <host>:443` is answered with a TLS server
 * of our own on the same connection. Everything else is refused, so that nothing can reach the real API by mistake
 * and nobody takes this for a way to the internet.
 */
export async function startProxy(props: ProxyProps): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const byPeer = new Map<number | undefined, Socket>();
  const reason = `the sandbox's proxy serves only ${props.host}:443`;

  let credentials = props.credentials();
  const tls = createTlsServer(credentials, (request, response) => {
    const socket = byPeer.get(request.socket.remotePort);
    props.onRequest(request, response, { reset: () => void socket?.resetAndDestroy() });
  });
  tls.on('tlsClientError', (error) =>
    props.log(`TLS with a client failed: ${error.message} (does it trust the sandbox's CA?)`),
  );

  const refuse = (target: string): string => {
    const text = `refused "${target}": ${reason}. Unset HTTPS_PROXY for other programs, or name the host in NO_PROXY.`;
    props.log(`proxy: ${text}`);
    return `${text}\n`;
  };
  const proxy = createServer((request, response) => {
    const text = refuse(`${request.method ?? ''} ${request.url ?? ''}`);
    response.writeHead(403, { 'Content-Type': 'text/plain', Connection: 'close' }).end(text);
  });
  proxy.on('connection', (socket) => {
    const port = socket.remotePort;
    sockets.add(socket);
    byPeer.set(port, socket);
    // A client that goes away is no fault of ours.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      if (byPeer.get(port) === socket) byPeer.delete(port);
    });
  });
  proxy.on('connect', (request, _stream, head) => {
    const { socket } = request;
    if (request.url !== `${props.host}:443`) {
      const text = refuse(`CONNECT ${request.url ?? ''}`);
      // Go's client shows the status line and nothing else of a refusal.
      socket.end(
        `HTTP/1.1 403 Forbidden: ${reason}\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${text}`,
      );
      return;
    }
    try {
      const present = props.credentials();
      if (present.cert !== credentials.cert) tls.setSecureContext(present);
      credentials = present;
    } catch (thrown) {
      props.log(`the certificate could not be read again, the old one is used on: ${messageOf(thrown)}`);
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    tls.emit('connection', socket);
  });

  await listen(proxy, props.port, 'proxy');
  return {
    port: (proxy.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
