import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../../foundation/failure';
import { Rejected, type ControlProps } from './control-call';
import { controlled } from './controls';
import { listen } from './listen';
import { Refused } from './validation';

/**
 * Serves the control API on a loopback port: plain HTTP, JSON in and out, no token. It is for tests and the sandbox
 * alone and has nothing to do with the vendor's API.
 */
export async function startControl(
  props: ControlProps,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    respond(props, request, response).catch((thrown: unknown) => {
      props.log(`control: ${messageOf(thrown)}`);
      response.destroy();
    });
  });
  await listen(server, port, 'control API');
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  props: ControlProps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://control');
  const method = request.method ?? 'GET';
  const [status, body] = await outcomeOf(props, method, url, await readText(request));
  const text = JSON.stringify(body, null, 2);
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${text}\n`);
  if (method !== 'GET') props.log(`control: ${method} ${url.pathname}: ${status}`);
}

async function outcomeOf(
  props: ControlProps,
  method: string,
  url: URL,
  text: string,
): Promise<[status: number, body: unknown]> {
  try {
    const body: unknown = text.trim() === '' ? undefined : JSON.parse(text);
    return [200, await controlled(props, method, url.pathname, body, url.searchParams)];
  } catch (thrown) {
    // A record that the API itself would refuse is refused here, too.
    const refused = thrown instanceof Rejected || thrown instanceof Refused;
    const status = refused ? thrown.status : thrown instanceof SyntaxError ? 400 : 500;
    return [status, { error: messageOf(thrown) }];
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
