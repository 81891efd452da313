import { gateAttempt } from '../../../deploy/gate';
import { NoAnswer, type Https } from '../../../foundation/https';

const checks = [
  { url: 'https://site.test/readyz', status: 200 },
  { url: 'https://site.test/version', status: 200, json: { buildSha: 'abc' } },
];

const site =
  (answers: Record<string, { status: number; body?: string } | Error>): Https =>
  ({ url }) => {
    const answer = answers[new URL(url).pathname]!;
    return answer instanceof Error
      ? Promise.reject(answer)
      : Promise.resolve({ status: answer.status, headers: {}, body: Buffer.from(answer.body ?? '') });
  };

describe('the gate', () => {
  test('is passed by a site that is ready and runs the expected build', async () => {
    const https = site({
      '/readyz': { status: 200 },
      '/version': { status: 200, body: '{"buildSha":"abc"}' },
    });
    expect(await gateAttempt(checks, https)).toBeUndefined();
  });

  test.each([
    ['a status', { '/readyz': { status: 502 } }, 'https://site.test/readyz answered 502, not 200'],
    [
      'no answer',
      { '/readyz': new NoAnswer('no answer within 10 s') },
      'https://site.test/readyz: no answer within 10 s',
    ],
    [
      'another build',
      { '/readyz': { status: 200 }, '/version': { status: 200, body: '{"buildSha":"old"}' } },
      'https://site.test/version said buildSha "old", not "abc"',
    ],
    [
      'a page instead of a version',
      { '/readyz': { status: 200 }, '/version': { status: 200, body: 'hi' } },
      'https://site.test/version said "hi", which is not JSON',
    ],
  ])('is not passed because of %s, and says so', async (_, answers, reason) => {
    expect(await gateAttempt(checks, site(answers as unknown as Record<string, { status: number }>))).toBe(
      reason,
    );
  });

  test('holds a page against its text', async () => {
    const page = [{ url: 'https://site.test/', status: 503, text: 'Down.' }];
    expect(await gateAttempt(page, site({ '/': { status: 503, body: 'Down.\n' } }))).toBeUndefined();
    expect(await gateAttempt(page, site({ '/': { status: 503, body: 'Up.' } }))).toBe(
      'https://site.test/ said "Up.", not "Down."',
    );
  });

  test('gives each question what is left of the time, and asks none when nothing is', async () => {
    let left = 12_000;
    const given: number[] = [];
    const hanging: Https = ({ url, deadline }) => {
      given.push(deadline);
      left -= deadline;
      return url.endsWith('/readyz')
        ? Promise.resolve({ status: 200, headers: {}, body: Buffer.from('') })
        : Promise.reject(new Error('no answer'));
    };
    const attempt = () => gateAttempt(checks, hanging, undefined, () => left);
    expect(await attempt()).toBe('https://site.test/version: no answer');
    expect(await attempt()).toBe('https://site.test/readyz: no time was left to ask it');
    expect(given).toEqual([10_000, 2000]);
  });

  test('passes a cancelled run on as such', async () => {
    const abort = new AbortController();
    abort.abort(new Error('Ctrl-C'));
    const https: Https = () => Promise.reject(abort.signal.reason as Error);
    await expect(gateAttempt(checks, https, abort.signal)).rejects.toThrow('Ctrl-C');
  });
});
