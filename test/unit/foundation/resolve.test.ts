import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { addressesOf, lookupFrom, lookupOf, lookupVia } from '../../../foundation/resolve';
import { Failure } from '../../../foundation/failure';

let socket: Socket;
let server: string;

/** A DNS server that knows one IPv4 address and nothing else (RFC 1035, section 4). */
beforeAll(async () => {
  socket = createSocket('udp4', (query, from) => {
    const question = query.subarray(12);
    const end = question.indexOf(0) + 5;
    const isA = question.readUInt16BE(end - 4) === 1;
    const known = question.toString('latin1').startsWith('\x04site\x04test\0');
    const answers = known && isA ? 1 : 0;
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers, 6);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 7]);
    socket.send(
      Buffer.concat([header, question.subarray(0, end), ...(answers ? [record] : [])]),
      from.port,
      from.address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  server = `127.0.0.1:${socket.address().port}`;
});

afterAll(() => void socket.close());

describe('names looked up through one DNS server', () => {
  test('are what that server says', async () => {
    expect(await addressesOf('site.test', lookupVia(server))).toEqual(['203.0.113.7']);
  });

  test('come one at a time or all at once, as the caller asks', (done) => {
    lookupVia(server)('site.test', { family: 4 }, (error, address, family) => {
      expect([error, address, family]).toEqual([null, '203.0.113.7', 4]);
      done();
    });
  });

  test('are unknown when it does not know them, and the message names the server', async () => {
    await expect(addressesOf('elsewhere.test', lookupVia(server))).rejects.toMatchObject({
      code: 'ENOTFOUND',
      message: `${server} knows no address of elsewhere.test`,
    });
  });

  test('are not asked of something that is no address', () => {
    expect(() => lookupVia('dns.example')).toThrow(Failure);
  });

  test('are what is known of them, whatever the server says; it is asked for all others', async () => {
    const lookup = lookupOf({ 'site.test': '192.0.2.9' }, lookupVia(server));
    expect(await addressesOf('site.test', lookup)).toEqual(['192.0.2.9']);
    await expect(addressesOf('elsewhere.test', lookup)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(addressesOf('constructor', lookup)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    const one = await new Promise((resolve) =>
      lookup('site.test', { family: 4 }, (error, address, family) => resolve([error, address, family])),
    );
    expect(one).toEqual([null, '192.0.2.9', 4]);
  });

  test('are asked of the system where no server is named', async () => {
    for (const none of [undefined, ''])
      expect(await addressesOf('localhost', lookupFrom(none))).not.toEqual([]);
  });
});
