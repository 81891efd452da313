import fc from 'fast-check';
import { dump, load } from 'js-yaml';
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

  it.each<readonly [string, string]>([
    ['with a quote in it', `APP_DB_PASSWORD: "it's-a-planted"`],
    ['with white space in it', "APP_DB_PASSWORD: 'a planted one'"],
    ['of two words', 'APP_DB_PASSWORD: a planted'],
    ['in quotes of a shell, one kind inside of the other', `APP_DB_PASSWORD='a"planted"c'`],
    ['with escaped quotes, in JSON', '{"APP_DB_PASSWORD": "abc\\"planted"}'],
    ['in JSON that stands in JSON', '"{\\"APP_DB_PASSWORD\\": \\"planted\\"}"'],
    ['that begins like a reference', 'APP_DB_PASSWORD: ${planted'],
    ['that begins with a reference', 'APP_DB_PASSWORD: ${APP_DB_USER:?see}planted'],
    ['that begins with an escaped dollar', 'APP_DB_PASSWORD: $$planted'],
    ['that is the default of a reference', 'x: "${APP_DB_PASSWORD:-planted}"'],
    ["that is the default of one of Caddy's", 'respond {$APP_DB_PASSWORD:planted}'],
    ['in a folded block', 'a:\n  APP_DB_PASSWORD: >-\n    planted\n\n    planted'],
    ['in a literal block', 'APP_DB_PASSWORD: |2-\n  planted\n    planted'],
    ['on the line after its name', 'APP_DB_PASSWORD:\n  planted'],
    ['of several lines in quotes', 'APP_DB_PASSWORD="a\nplanted\nplanted"'],
    ['of several lines, further in', "a:\n  APP_DB_PASSWORD: 'a\n    planted''\n    planted'"],
    ['of several lines in a list', "environment:\n  - 'APP_DB_PASSWORD=a\n    planted'"],
    ['that goes on behind a backslash', 'export APP_DB_PASSWORD=a\\\nplanted'],
    ['on a line that ends as Windows ends one', 'APP_DB_PASSWORD: planted\r\nb: 1'],
    ['under the name that a container knows', 'PGBACKREST_REPO1_CIPHER_PASS: planted'],
    ['under a name that says what it is', 'SMTP_PASSWORD=planted send'],
    ['behind one that is handed on', 'PGPASSWORD=$password A_TOKEN=planted'],
    ['that begins with a dollar', 'PASSWORD=$planted'],
    ['in a list at the column of its name', 'APP_DB_PASSWORD:\n- planted\n- planted'],
    ['in a list at the column of its name, further in', 'a:\n  APP_DB_PASSWORD:\n  -\n    planted\n'],
    ...[
      ...['PGPASSWORD', 'PASSWORD', 'password', 'a_password', 'pgPassword', 'dbPass', 'DB_PASS', 'DB_PWD'],
      ...[
        'A_API_KEY',
        'api_key',
        'apiKey',
        'x-api-key',
        'A_SECRET_KEY',
        'AWS_SECRET_ACCESS_KEY',
        'TLS_PRIVATE_KEY',
      ],
      ...['A_CREDENTIALS', 'token', 'clientSecret'],
    ].map((name) => [`under ${name}`, `${name}=planted\n${name}: planted\n"${name}": "planted"`] as const),
  ])('shows nothing of a value %s, whoever wrote it', (_what, text) => {
    const shown = secretsMask([], ['PGBACKREST_REPO1_CIPHER_PASS'])(text);
    expect(shown).toContain('[secret ');
    expect(shown).not.toContain('planted');
  });

  it('takes the password out of a URL without a user', () => {
    expect(mask('redis://:hunter2@cache')).toBe('redis://:[secret]@cache');
  });

  it('shows the other entries of a list of assignments', () => {
    expect(mask('a:\n- METRICS_TOKEN=0123abc\n- B=1\nc: 1')).toBe(
      'a:\n- METRICS_TOKEN=[secret METRICS_TOKEN]\n- B=1\nc: 1',
    );
  });

  const whole = 1 << 20;
  it.each([
    ['backslashes behind a name', `AUTH_SECRET${'\\'.repeat(whole)}`],
    ['white space before an assignment', `${' '.repeat(whole)}AUTH_SECRET=x`],
    ['quotes that open and close', 'AUTH_SECRET="\n"\n'.repeat(whole >> 4)],
    ['names in one word', 'A_PASSWORD_'.repeat(whole / 11)],
    ['a scheme', 'a-'.repeat(whole / 2) + ' ://'],
    ['a scheme in one word, and a user', `${'a'.repeat(whole / 2)}://${'u'.repeat(whole / 2)}`],
    ['a password that nothing ends', `a://b:${'c'.repeat(whole)}`],
  ])('comes to its end with a file that is 1 MiB of %s', (_what, text) => {
    expect(typeof mask(text)).toBe('string');
  });

  it('shows what comes after a value of several lines', () => {
    expect(mask('a:\n  AUTH_SECRET: |\n    one\n\n    two\n\n  b: 1\n')).toBe(
      'a:\n  AUTH_SECRET: [secret AUTH_SECRET]\n\n  b: 1\n',
    );
    expect(mask(`AUTH_SECRET='a\nb'\nC=1\n`)).toBe('AUTH_SECRET=[secret AUTH_SECRET]\nC=1\n');
    expect(mask(`AUTH_SECRET='it'\\''s'\nC=1\n`)).toBe('AUTH_SECRET=[secret AUTH_SECRET]\nC=1\n');
    expect(mask('AUTH_SECRET=\nC=1\n')).toBe('AUTH_SECRET=\nC=1\n');
  });

  it('shows no printable value behind the name of a secret, in any file that a reader of YAML takes', () => {
    const line = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    });
    const value = fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n'));
    const styles = [
      {},
      { forceQuotes: true },
      { forceQuotes: true, quotingType: '"' },
      { lineWidth: 12 },
    ] as const;
    fc.assert(
      fc.property(value, fc.constantFrom(...styles), (hidden, style) => {
        const text = dump({ a: { AUTH_SECRET: `planted ${hidden} planted`, B: 'shown' } }, style);
        const shown = secretsMask([])(text);
        expect(shown).not.toContain('planted');
        expect(load(shown)).toEqual({ a: { AUTH_SECRET: ['secret AUTH_SECRET'], B: 'shown' } });
      }),
    );
  });

  it.each([
    'AUTH_SECRET: ${AUTH_SECRET:?see ./cogni settings check}',
    "AUTH_SECRET: '${AUTH_SECRET:?see}'",
    'api_key: os.environ/OPENROUTER_API_KEY',
    '\\password :"role"',
    'sudo: "ALL=(ALL:ALL) NOPASSWD: ALL"',
    'lock_passwd: true',
    'local role=$1 password=$2',
    'PGPASSWORD=$password PGUSER=a psql',
    'password = sys.env("PROMETHEUS_PASSWORD")',
    'AUTH_SECRET: "${AUTH_SECRET}"\nb: 1',
    'if [ "$AUTH_SECRET" = "$other" ]; then',
    'POSTGRES_PASSWORD_FILE: /run/secrets/password',
    'TLS_PRIVATE_KEY_FILE=/run/secrets/key',
    'A_PUBLIC_KEY: ssh-ed25519 AAAA',
    'max_tokens: 5',
    'PWD=/srv\nOLDPWD=/srv\nbypass: a',
    'passwords:\n- a',
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
