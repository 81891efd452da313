import { lokiPush, prometheusWrite } from './pushes';
import { TelemetrySink } from './sink';
import { unpackSnappy } from './snappy';

/** The store that Alloy's logs and metrics arrive at in tests, held against what its real clients send. */
describe('the sink of logs and metrics', () => {
  let sink: TelemetrySink;
  beforeEach(async () => (sink = await TelemetrySink.start()));
  afterEach(() => sink.stop());

  const push = (url: string, body: Buffer, login: string | null = 'user:key'): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/x-protobuf',
        ...(login === null ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
      },
      signal: AbortSignal.timeout(10_000),
    });

  it('reads lines and their labels from what Loki’s own library packs', async () => {
    expect((await push(sink.lokiUrl, lokiPush)).status).toBe(204);
    const labels = { app: 'cogni', env: 'preview', service: 'app-a', stream: 'stdout' };
    expect(sink.lines).toEqual([
      { labels, line: '{"level":"info","message":"listening"}' },
      { labels, line: 'a line that comes again and again; '.repeat(40) },
      { labels, line: 'with more' },
      { labels: { service: 'a "quoted" one' }, line: '' },
    ]);
    expect([...sink.logins]).toEqual(['user:key']);
  });

  it('reads series and their newest values from what Prometheus’ own library packs', async () => {
    expect((await push(sink.prometheusUrl, prometheusWrite)).status).toBe(204);
    expect(sink.series).toEqual([
      { labels: { __name__: 'asked_total', env: 'preview' }, value: 42.5 },
      { labels: { __name__: 'up' }, value: 0 },
    ]);
  });

  it.each([
    ['text', Buffer.from('{"streams":[]}')],
    ['nothing', Buffer.alloc(0)],
    ['what is cut off', lokiPush.subarray(0, -20)],
    ['a message whose field is cut off', Buffer.from([2, 4, 0x0a, 0x7f])],
    ['a block that copies from before its beginning', Buffer.from([8, 0x01, 0x05])],
    ['a block that says it is larger than anybody sends', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f, 0])],
  ])('refuses %s with the reason, and keeps nothing of it', async (_what, body) => {
    const answer = await push(sink.lokiUrl, body);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toMatch(/block|message/);
    expect([sink.lines, sink.refused.length]).toEqual([[], 1]);
  });

  it('refuses whoever comes without a login', async () => {
    expect((await push(sink.lokiUrl, lokiPush, null)).status).toBe(401);
    expect([sink.lines, [...sink.logins]]).toEqual([[], []]);
  });

  it('takes nothing at another address', async () => {
    expect((await push(`${sink.lokiUrl}/more`, lokiPush)).status).toBe(400);
  });
});

describe('a block of Snappy', () => {
  it('is unpacked from literals of any length and copies that overlap what they make', () => {
    const literal = Buffer.alloc(70_000, 'x');
    const length = [0xf0, 0xa2, 0x04];
    expect(unpackSnappy(Buffer.from([...length, 62 << 2, 0x6f, 0x11, 0x01, ...literal]))).toEqual(literal);
    // "ab", then ten bytes from two before: a copy with an offset of one byte and a rest with one of two.
    const copies = [12, 1 << 2, ...Buffer.from('ab'), (4 << 2) | 1, 2, (1 << 2) | 2, 2, 0];
    expect(unpackSnappy(Buffer.from(copies)).toString()).toBe('ab'.repeat(6));
    const far = [6, 1 << 2, ...Buffer.from('ab'), (3 << 2) | 3, 2, 0, 0, 0];
    expect(unpackSnappy(Buffer.from(far)).toString()).toBe('ababab');
  });

  it('is refused when it holds less or more than it says', () => {
    expect(() => unpackSnappy(Buffer.from([5, 1 << 2, 97, 98]))).toThrow('says that it holds 5');
    expect(() => unpackSnappy(Buffer.from([1, 1 << 2, 97, 98]))).toThrow(RangeError);
  });
});
