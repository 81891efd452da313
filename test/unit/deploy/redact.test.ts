import * as fc from 'fast-check';
import { redactor } from '../../../deploy/redact';
import { Secret } from '../../../foundation/secret';

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
