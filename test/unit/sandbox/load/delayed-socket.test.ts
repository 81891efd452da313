import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { sandboxSource } from '../../../../sandbox/sources';

const { DelayedSocket } = createRequire(sandboxSource('load', 'generator.js'))('./delayed-socket') as {
  DelayedSocket: new (socket: Socket, delay: number) => Duplex;
};

const delay = 30;

describe('a connection over a longer way', () => {
  let server: Server;
  let there: Socket;
  let here: Duplex;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    here = new DelayedSocket(connect((server.address() as AddressInfo).port, '127.0.0.1'), delay);
    here.on('error', () => undefined);
    [there] = (await accepted) as [Socket];
  });
  afterEach(() => {
    here.destroy();
    there.destroy();
    server.close();
  });

  const textFrom = async (stream: Duplex): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  };
  const took = async (event: Promise<unknown>): Promise<number> => {
    const started = performance.now();
    await event;
    return performance.now() - started;
  };

  it('brings all that either side sends, in order, the delay later', async () => {
    const arrived = took(once(there, 'data'));
    for (let each = 0; each < 500; each += 1) here.write(`${each};`);
    here.end();
    expect(await arrived).toBeGreaterThanOrEqual(delay - 2);
    const answered = took(once(here, 'data'));
    there.write('answer');
    expect(await answered).toBeGreaterThanOrEqual(delay - 2);
  });

  it('loses and turns round nothing', async () => {
    const sent = Array.from({ length: 500 }, (_, each) => `${each};`);
    for (const text of sent) here.write(text);
    here.end();
    expect(await textFrom(there)).toBe(sent.join(''));
  });

  it('tells this side only after the delay that the other one has gone', async () => {
    const gone = took(once(here, 'close'));
    there.destroy();
    here.resume();
    expect(await gone).toBeGreaterThanOrEqual(delay - 2);
  });
});
