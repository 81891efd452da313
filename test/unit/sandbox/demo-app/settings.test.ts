import fc from 'fast-check';
import { parseMisbehaviour, readSettings } from './demo-app';

const good = {
  DATABASE_URL: 'postgres://app:secret@postgres:5432/app?sslmode=disable',
  AUTH_SECRET: 'x'.repeat(32),
};

describe("the demo application's environment", () => {
  it('may consist of what is required alone', () => {
    expect(readSettings(good)).toEqual({ settings: { ...good, PORT: 3000 }, faults: [] });
  });

  it('is refused with every fault at once, each with what is allowed', () => {
    const { faults } = readSettings({
      PORT: '70000',
      APP_BASE_URL: 'preview.cogni.test',
      LITELLM_BASE_URL: '',
      LITELLM_MASTER_KEY: 'short',
    });
    expect(faults).toEqual([
      'DATABASE_URL is missing: it must be postgres://user:password@host/database, with ?sslmode=… unless the host is localhost',
      'AUTH_SECRET is missing: it must be at least 32 characters',
      'PORT is "70000": it must be a whole number from 1 to 65535',
      'APP_BASE_URL is "preview.cogni.test": it must be a URL with http or https',
      'LITELLM_BASE_URL is set and empty: it must be a URL with http or https, or not set at all',
      'LITELLM_MASTER_KEY is not valid: it must be at least 16 characters',
    ]);
  });

  it.each([
    ['LITELLM_BASE_URL', { LITELLM_MASTER_KEY: 'sk-0123456789abcd' }],
    ['LITELLM_MASTER_KEY', { LITELLM_BASE_URL: 'http://litellm:4000' }],
  ])('must have %s where it has the other half of the way to the models', (missing, half) => {
    expect(readSettings({ ...good, ...half }).faults).toEqual([
      expect.stringMatching(`^${missing} is missing: .*, as ${Object.keys(half)[0] ?? ''} is set$`),
    ]);
  });

  it.each([
    'postgres://app:secret@postgres:5432/app',
    'mysql://app:secret@postgres/app?sslmode=disable',
    'postgres://postgres/app?sslmode=disable',
    'postgres://app:secret@postgres/?sslmode=disable',
    'app',
  ])('takes no database address like %s', (url) => {
    expect(readSettings({ ...good, DATABASE_URL: url }).faults).toHaveLength(1);
  });

  it('takes a database on this machine without sslmode', () => {
    expect(readSettings({ ...good, DATABASE_URL: 'postgres://app:x@localhost/app' }).faults).toEqual([]);
  });

  it('never has a secret in a fault', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, maxLength: 31 }), (secret) => {
        const { faults } = readSettings({ DATABASE_URL: `mysql://a:${secret}@b/c`, AUTH_SECRET: secret });
        expect(faults).toEqual([
          expect.stringMatching(/^DATABASE_URL is not valid: /),
          expect.stringMatching(/^AUTH_SECRET is not valid: /),
        ]);
      }),
    );
  });
});

describe('misbehaviour', () => {
  it.each([
    [undefined, { milliseconds: 0 }],
    ['', { milliseconds: 0 }],
    ['slow-start:20s', { kind: 'slow-start', milliseconds: 20_000 }],
    ['crash-after:500ms', { kind: 'crash-after', milliseconds: 500 }],
    ['slow-requests:2s', { kind: 'slow-requests', milliseconds: 2_000 }],
    ['never-ready', { kind: 'never-ready', milliseconds: 0 }],
    ['not-ready-outside', { kind: 'not-ready-outside', milliseconds: 0 }],
    ['crash-outside', { kind: 'crash-outside', milliseconds: 0 }],
    ['exit-at-once', { kind: 'exit-at-once', milliseconds: 0 }],
  ])('%j is understood', (text, meant) => expect(parseMisbehaviour(text)).toEqual(meant));

  it.each(['slow-start', 'never-ready:2s', 'slow-requests:2', 'slow-requests:2m', 'toString', 'sleep:2s'])(
    '%j is refused with what is allowed',
    (text) => {
      expect(() => parseMisbehaviour(text)).toThrow(
        'it must be one of slow-start:<number>s, never-ready, not-ready-outside, crash-outside, crash-after:<number>s, exit-at-once, slow-requests:<number>s',
      );
    },
  );
});
