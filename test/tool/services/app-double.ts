import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSocketServer, type AddressInfo } from 'node:net';

/** A port of the loopback address that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createSocketServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
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
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }
}
