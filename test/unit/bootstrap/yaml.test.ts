import fc from 'fast-check';
import { load } from 'js-yaml';
import { quotedScalar, textScalar } from '../../../bootstrap/yaml';

describe('a text in YAML', () => {
  test.each([
    ['one line', 'a\n', '|\n   a'],
    ['no final newline', 'a', '|-\n   a'],
    ['several final newlines', 'a\n\n\n', '|+\n   a\n\n'],
    ['an empty line inside', 'a\n\nb\n', '|\n   a\n\n   b'],
    ['a blank in front', ' a\n', '|1\n    a'],
    ['a tab in front', '\ta\n', '|1\n   \ta'],
    ['nothing', '', '""'],
    ['only newlines', '\n\n', '"\\n\\n"'],
    ['a carriage return', 'a\r\n', '"a\\r\\n"'],
    ['a line break that only YAML 1.1 knows', 'a\u2028b', '"a\\u2028b"'],
    ['a control character', 'a\x7fb', '"a\\u007fb"'],
  ])('with %s', (_, text, expected) => {
    expect(textScalar(text, 2)).toBe(expected);
  });

  test('is the same text for a reader', () => {
    const any = fc.string({
      unit: fc.constantFrom(
        ' ',
        '\n',
        '\t',
        '\r',
        'a',
        ':',
        '#',
        '-',
        '\u0085',
        '\u2028',
        '\ufeff',
        'ü',
        '😀',
      ),
    });
    fc.assert(
      fc.property(fc.oneof(any, fc.string({ unit: 'grapheme' })), (text) => {
        expect(load(`- key: ${textScalar(text, 2)}\n  next: ${quotedScalar(text)}\n`)).toEqual([
          { key: text, next: text },
        ]);
      }),
      { numRuns: 1000 },
    );
  });
});
