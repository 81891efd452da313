import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { warmUp } from './demo-app';

describe('the demo application, before it says that it is ready', () => {
  let server: Server;
  let port: number;
  let asked: string[];
  let bodies: string[];

  beforeEach(async () => {
    asked = [];
    bodies = [];
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      let body = '';
      request.on('data', (chunk) => (body += String(chunk))).on('end', () => bodies.push(body));
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('opens its connections to the database, and then asks itself hundreds of times, and sends itself notes that are refused', async () => {
    const open = jest.fn(() => {
      expect(asked).toEqual([]);
      return Promise.resolve();
    });
    await warmUp({ port, store: { open } });
    expect(open).toHaveBeenCalledTimes(1);
    expect(asked.filter((one) => one === 'GET /version').length).toBeGreaterThanOrEqual(200);
    expect(asked.filter((one) => one === 'POST /api/v1/public/notes').length).toBeGreaterThanOrEqual(5);
    expect(new Set(bodies)).toEqual(new Set(['', '{"text":""}']));
  });

  it('says nothing of a database that is not there: each `/readyz` does', async () => {
    await expect(
      warmUp({ port, store: { open: () => Promise.reject(new Error('refused')) } }),
    ).resolves.toBeUndefined();
  });

  it('does not wait for ever for a database that does not answer, and opens nothing more later', async () => {
    let told: AbortSignal | undefined;
    const open = (signal: AbortSignal): Promise<void> => {
      told = signal;
      return new Promise(() => undefined);
    };
    await warmUp({ port, store: { open }, within: 20 });
    expect(told?.aborted).toBe(true);
    expect(asked).toEqual([]);
  });
});
