import { randomInt } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSocketServer } from 'node:net';

/**
 * A port of the loopback address that nobody listens on. Below those that the kernel gives to connections (ip(7),
 * ip_local_port_range): one that is listened on again later must not have been given away meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const server = createSocketServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** An application of which a test says how it answers. */
export class App {
  readonly seen: IncomingMessage[] = [];
  answer: RequestListener = (request, response) => {
    request.resume();
    response.setHeader('content-type', 'text/plain');
    response.end(`the app answers ${request.url ?? ''}`);
  };
  private server: Server | undefined;

  constructor(readonly port: number) {}

  async listen(): Promise<void> {
    this.server = createServer((request, response) => {
      this.seen.push(request);
      this.answer(request, response);
    });
    await new Promise<void>((resolve, reject) => {
      this.server?.once('error', reject);
      this.server?.listen(this.port, '127.0.0.1', resolve);
    });
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }
}
