import * as fc from 'fast-check';
import { toYaml } from '../../../compose/yaml';
import { redactor } from '../../../deploy/redact';
import { Secret } from '../../../foundation/secret';
import { renderDotEnv } from '../../../services';
import { literal } from '../../../services/database/wanted';
import { databaseUrl } from '../../../services/settings/database-url';

/** What a secret of the catalogue may hold. */
const sign = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
const signs = sign.filter((each) => each !== '`');
/** Signs that some language escapes come up more often than by chance. */
const value = fc.string({
  unit: fc.oneof(signs, fc.constantFrom("'", '"', '\\', '$', '!', '*', '%', '(')),
  minLength: 6,
  maxLength: 40,
});

const urlWith = (password: string): string =>
  databaseUrl('URL', {
    user: 'app',
    password: Secret.of('T', password),
    host: 'postgres',
    port: 5432,
    database: 'app',
    sslmode: 'disable',
  }).reveal();

/** Everything of ours that puts a value into a text, and the text around it. */
const writers: Readonly<Record<string, readonly [write: (value: string) => string, shown: RegExp]>> = {
  'a line of .env': [
    (each) => renderDotEnv([['T', Secret.of('T', each)]]).reveal(),
    /^T=(['"]?)\[secret T\]\1\n$/,
  ],
  'a connection URL': [urlWith, /^postgresql:\/\/app:\[secret T\]@postgres:5432\/app\?sslmode=disable$/],
  'a Compose file': [
    (each) => toYaml({ T: each.replaceAll('$', () => '$$') }),
    /^T: (['"]?)\[secret T\]\1\n$/,
  ],
  'a Compose file as JSON': [
    (each) => JSON.stringify({ T: each.replaceAll('$', () => '$$') }),
    /^\{"T":"\[secret T\]"\}$/,
  ],
  'a literal of SQL': [literal, /^'\[secret T\]'$/],
  "a literal of PostgreSQL's own": [
    (each) => (each.includes('\\') ? ` E${literal(each.replaceAll('\\', '\\\\'))}` : literal(each)),
    /^(?: E)?'\[secret T\]'$/,
  ],
  "a word in a shell's quotes": [(each) => `'${each.replaceAll("'", `'\\''`)}'`, /^'\[secret T\]'$/],
  'a part of a URL': [encodeURIComponent, /^\[secret T\]$/],
};

describe('redaction of what programs print', () => {
  test('replaces a secret by its name wherever it stands', () => {
    const redact = redactor([Secret.of('TOKEN', 'p1anted-s3cret')]);
    expect(redact('login with p1anted-s3cret failed: p1anted-s3cret')).toBe(
      'login with [secret TOKEN] failed: [secret TOKEN]',
    );
  });

  test('finds it in a URL, in JSON and in base64', () => {
    const value = 'p1/anted "s3cret"';
    const redact = redactor([Secret.of('TOKEN', value)]);
    for (const printed of [
      encodeURIComponent(value),
      JSON.stringify(value),
      Buffer.from(value).toString('base64'),
    ]) {
      expect(redact(printed)).toContain('[secret TOKEN]');
      expect(redact(printed)).not.toContain('anted');
    }
  });

  test('leaves nothing of a secret that contains another one', () => {
    const redact = redactor([Secret.of('PASSWORD', 'abcdef'), Secret.of('URL', 'postgres://u:abcdef@h/db')]);
    expect(redact('at postgres://u:abcdef@h/db')).toBe('at [secret URL]');
  });

  test.each(Object.entries(writers))('finds every value of the catalogue in %s', (_what, [write, shown]) => {
    fc.assert(
      fc.property(value, (each) => {
        expect(redactor([Secret.of('T', each)])(write(each))).toMatch(shown);
      }),
    );
  });

  test('finds it inside of a longer text in base64, but for signs that are not its own alone', () => {
    fc.assert(
      fc.property(value, fc.string({ unit: signs, maxLength: 8 }), (each, user) => {
        const login = Buffer.from(`${user}:${each}:`);
        for (const encoding of ['base64', 'base64url'] as const) {
          expect(redactor([Secret.of('T', each)])(login.toString(encoding))).toMatch(
            /^[\w+/-]*\[secret T\][\w+/-]{0,4}={0,2}$/,
          );
        }
      }),
    );
  });

  test('leaves texts alone that hold only very short values', () => {
    expect(redactor([Secret.of('SHORT', 'a')])('a banana')).toBe('a banana');
  });

  test('never lets a secret through, whatever is around it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(redactor([Secret.of('T', 'p1anted-s3cret')])(`${before}p1anted-s3cret${after}`)).not.toContain(
          'p1anted-s3cret',
        );
      }),
    );
  });
});
