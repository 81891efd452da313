import fc from 'fast-check';
import { secretsMask } from '../../../../deploy/diff/mask';
import { Secret } from '../../../../foundation/secret';

const mask = secretsMask([Secret.of('AUTH_SECRET', 'what-nobody-may-see')]);

describe('masking a comparison', () => {
  it.each([
    ['a value that is known here', 'x: what-nobody-may-see', 'x: [secret AUTH_SECRET]'],
    [
      'what stands after the name of a secret',
      '+      AUTH_SECRET: 0123abc',
      '+      AUTH_SECRET: [secret AUTH_SECRET]',
    ],
    ['the same in an .env', 'METRICS_TOKEN=0123abc', 'METRICS_TOKEN=[secret METRICS_TOKEN]'],
    ['the same in JSON', '"AUTH_SECRET": "0123abc"', '"AUTH_SECRET": [secret AUTH_SECRET]'],
    ['a password in a URL', 'postgresql://app:hunter2@postgres', 'postgresql://app:[secret]@postgres'],
    ['a token by its prefix', 'token ghp_0123456789abcdefABCDEF', 'token [secret]'],
    ['an identity of age', 'AGE-SECRET-KEY-1QQQSYQCYQ5RQ', '[secret]'],
    [
      'a private key in PEM, all its lines',
      'a: |\n  -----BEGIN OPENSSH PRIVATE KEY-----\n  c2VjcmV0\n  -----END OPENSSH PRIVATE KEY-----\nb: 1',
      'a: |\n  -----BEGIN OPENSSH PRIVATE KEY----- [secret]\nb: 1',
    ],
    [
      'a private key that was cut off',
      '-----BEGIN PRIVATE KEY-----\nc2VjcmV0',
      '-----BEGIN PRIVATE KEY----- [secret]',
    ],
    ['a bearer token', 'Authorization: Bearer 0123456789abcdef', 'Authorization: Bearer [secret]'],
  ])('takes out %s', (_what, text, shown) => {
    expect(mask(text)).toBe(shown);
  });

  it.each([
    'AUTH_SECRET: ${AUTH_SECRET:?see ./cogni settings check}',
    "AUTH_SECRET: '${AUTH_SECRET:?see}'",
    'api_key: os.environ/OPENROUTER_API_KEY',
    'image: docker.io/library/postgres@sha256:0123',
    'http://app:3000/readyz',
  ])('leaves %s as it is', (text) => {
    expect(mask(text)).toBe(text);
  });

  it('leaves no control character that would move a cursor', () => {
    expect(mask('a\x1b[2Jb\rc\n\td\u202e')).toBe('a\\u001b[2Jb\\u000dc\n\td\\u202e');
  });

  it('shows no value of a known secret, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(mask(`${before}what-nobody-may-see${after}`)).not.toContain('what-nobody-may-see');
      }),
    );
  });
});
