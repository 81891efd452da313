import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure, messageOf } from '../../foundation/failure';
import { metricsText } from './metrics';
import type { WatchStatus } from './watch';

/** Milliseconds that one who asks may take. */
const deadline = 5_000;

/** A place to listen, `127.0.0.1:9464`. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** As an address is written, and as `--listen` takes it: `[::1]:9464` (RFC 3986, section 3.2.2). */
export const listenText = ({ host, port }: Listen): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/**
 * Serves what is known at `GET /metrics`, and nothing else.
 *
 * @returns where it listens, and its end
 * @throws Failure when that address cannot be listened on
 */
export function serveMetrics(
  { host, port }: Listen,
  statuses: () => readonly WatchStatus[],
): Promise<{ readonly address: string; readonly close: () => void }> {
  const server = createServer({ requestTimeout: deadline, headersTimeout: deadline }, (request, response) => {
    const known = request.url === '/metrics';
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const status = known ? (reads ? 200 : 405) : 404;
    response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(status === 200 ? metricsText(statuses()) : 'see /metrics\n');
  });
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Failure({
          what: `the metrics cannot be served at ${listenText({ host, port })}: ${messageOf(cause)}`,
          next: 'name another place with --listen <address>:<port>, or none with --listen none',
          cause,
        }),
      ),
    );
    server.listen(port, host, () => {
      const { address, port: given } = server.address() as AddressInfo;
      resolve({
        address: listenText({ host: address, port: given }),
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}
