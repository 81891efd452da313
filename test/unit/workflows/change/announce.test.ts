import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { httpsVia, NoAnswer } from '../../../../foundation/https';
import { Secret } from '../../../../foundation/secret';
import { announcementBody, postMessage } from '../../../../workflows';
import { failureOf } from '../../../failure-of';
import { fakeClock } from '../../deploy/fake-clock';
import { httpsDouble, type HttpsDouble } from '../../foundation/https-double';

const path = '/services/T0001/B0002/verySecretPart';
const entry = { version: '1.4.0', date: '2026-11-22', text: '- Faster.' };
const announcement = {
  environment: 'production',
  entry,
  commit: 'c'.repeat(40),
  next: 'deploy-production.yml brings it to the host',
  by: 'kim, https://github.com/o/n/actions/runs/7',
};
const textOf = (body: string): string => (JSON.parse(body) as { readonly text: string }).text;

describe('what the team is told', () => {
  it('is which version, for what, of which commit, by whom, what comes next, and the changelog', () => {
    expect(textOf(announcementBody(announcement))).toBe(
      'Release 1.4.0 for production (commit cccccccccccc, by kim, https://github.com/o/n/actions/runs/7): deploy-production.yml brings it to the host\n\n- Faster.',
    );
  });

  it('calls nobody, and hides no address behind another', () => {
    const text = textOf(
      announcementBody({
        ...announcement,
        entry: { ...entry, text: '<!channel> <https://evil.example|here> @everyone &lt; \u202e\u001b[0m' },
      }),
    );
    expect(text).toContain('&lt;!channel&gt; &lt;https://evil.example|here&gt; @\u200beveryone &amp;lt;');
    expect(text).not.toMatch(/<|>|@e|[^\P{Cc}\n]|\u202e/u);
  });

  it.each(['x', '&', '<', '😀'])('is cut to what chat programs take, and not within a sign: %s', (sign) => {
    const text = textOf(announcementBody({ ...announcement, entry: { ...entry, text: sign.repeat(9_000) } }));
    expect(text.length).toBeLessThan(3_600);
    expect(text).toMatch(/(?:x|&amp;|&lt;|😀) …$/u);
  });
});

describe('the webhook', () => {
  let double: HttpsDouble;
  let answers: ((request: IncomingMessage, response: ServerResponse) => void)[];
  let got: { readonly method: string; readonly url: string; readonly type: string; readonly body: string }[];

  beforeAll(async () => {
    double = await httpsDouble('hooks.cogni.test', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      void once(request, 'end').then(() => {
        got.push({
          method: request.method ?? '',
          url: request.url ?? '',
          type: request.headers['content-type'] ?? '',
          body: Buffer.concat(chunks).toString('utf8'),
        });
        (answers.shift() ?? ((_, answer) => answer.writeHead(200).end('ok')))(request, response);
      });
    });
  });
  afterAll(() => double.stop());
  beforeEach(() => {
    answers = [];
    got = [];
  });

  const status =
    (code: number, body = '', headers: Record<string, string> = {}) =>
    (_: IncomingMessage, response: ServerResponse): void =>
      void response.writeHead(code, headers).end(body);
  const post = (clock = fakeClock()): Promise<number> =>
    postMessage({
      https: httpsVia({ authorities: [double.authority], lookup: double.lookup }),
      url: Secret.of('TEAM_WEBHOOK_URL', `${double.origin}${path}?key=alsoSecret`),
      body: announcementBody(announcement),
      clock,
    });
  it('gets the message once, as JSON, by POST', async () => {
    expect(await post()).toBe(1);
    expect(got).toEqual([
      {
        method: 'POST',
        url: `${path}?key=alsoSecret`,
        type: 'application/json',
        body: announcementBody(announcement),
      },
    ]);
  });

  it.each([
    ['an error of the server', status(503)],
    ['a limit', status(429, '', { 'retry-after': '2' })],
    ['a connection that breaks off', (request: IncomingMessage): void => void request.socket.destroy()],
  ])('gets it again after %s', async (_what, trouble) => {
    answers = [trouble];
    expect(await post()).toBe(2);
    expect(got).toHaveLength(2);
  });

  it('is waited for as long as it asks, and not longer than a minute', async () => {
    const clock = fakeClock();
    answers = [status(429, '', { 'retry-after': '30' })];
    await post(clock);
    expect(clock.monotonic()).toBe(30_000);
    answers = [status(429, '', { 'retry-after': '3600' })];
    expect((await failureOf(post())).faults).toEqual(['try 1: the answer was 429']);
  });

  it('is given up after four tries, with what came of each', async () => {
    answers = [status(500), status(502, 'bad gateway'), status(503), status(504)];
    const clock = fakeClock();
    const { faults, what, state } = await failureOf(post(clock));
    expect(what).toMatch(/the team was not told/);
    expect(state).toBe('the release itself is as it was');
    expect(faults).toEqual([
      'try 1: the answer was 500',
      'try 2: the answer was 502: bad gateway',
      'try 3: the answer was 503',
      'try 4: the answer was 504',
    ]);
    expect(clock.monotonic()).toBe(20_000);
  });

  it.each([400, 403, 404, 410, 302])('is not asked again after %i: that does not pass', async (code) => {
    answers = [status(code, 'no_service')];
    expect((await failureOf(post())).faults).toEqual([`try 1: the answer was ${code}: no_service`]);
    expect(got).toHaveLength(1);
  });

  it('is waited for ten seconds each time', async () => {
    const deadlines: number[] = [];
    const work = postMessage({
      https: ({ deadline }) => {
        deadlines.push(deadline);
        return Promise.reject(new NoAnswer('no answer within 10 s'));
      },
      url: Secret.of('TEAM_WEBHOOK_URL', `https://hooks.cogni.test${path}`),
      body: '{}',
      clock: fakeClock(),
    });
    expect((await failureOf(work)).faults).toEqual(
      [1, 2, 3, 4].map((n) => `try ${n}: no answer within 10 s`),
    );
    expect(deadlines).toEqual([10_000, 10_000, 10_000, 10_000]);
  });

  it('is named in no failure, whatever it answers', async () => {
    answers = [
      status(400, `no hook ${path} at ${double.origin}${path}?key=alsoSecret, B0002 verySecretPart`),
    ];
    const { message } = await failureOf(post());
    expect(message).toContain('TEAM_WEBHOOK_URL');
    expect(message).not.toMatch(/verySecretPart|alsoSecret|B0002|T0001|hooks\.cogni\.test/);
  });

  it('is not named by a name that is not known either', async () => {
    const work = postMessage({
      https: () =>
        Promise.reject(new NoAnswer('the name is not known (getaddrinfo ENOTFOUND hooks.cogni.test)')),
      url: Secret.of('TEAM_WEBHOOK_URL', `https://hooks.cogni.test${path}`),
      body: '{}',
      clock: fakeClock(),
    });
    expect((await failureOf(work)).message).not.toMatch(/hooks\.cogni\.test/);
  });
});
