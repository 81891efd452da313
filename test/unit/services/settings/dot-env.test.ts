import fc from 'fast-check';
import { Secret } from '../../../../foundation/secret';
import { parseDotEnv, renderDotEnv } from '../../../../services';
import { anyString } from '../../compose/hostile';

const written = (...entries: readonly (readonly [string, string | Secret])[]): string =>
  renderDotEnv(entries).reveal();

describe('an .env file', () => {
  it('quotes only what needs it, in a way that Compose and a shell read alike', () => {
    expect(
      written(
        ['BARE', 'postgresql://host:5432/db?'],
        ['PLAIN', 'registry.test/a@sha256:12,34'],
        ['SPACED', 'a b # "c" $d `e`'],
        ['BACKSLASH', 'a\\b'],
        ['QUOTE', `it's \\ "$x"`],
        ['END', 'a\\'],
      ),
    ).toBe(
      [
        `BARE='postgresql://host:5432/db?'`,
        'PLAIN=registry.test/a@sha256:12,34',
        `SPACED='a b # "c" $d \`e\`'`,
        `BACKSLASH='a\\b'`,
        `QUOTE="it's \\\\ \\"\\$x\\""`,
        `END="a\\\\"`,
        '',
      ].join('\n'),
    );
  });

  it('is a secret as a whole', () => {
    const file = renderDotEnv([['APP_DB_PASSWORD', Secret.of('APP_DB_PASSWORD', 'planted-secret')]]);
    expect(String(file)).toBe('[secret .env]');
    expect(file.reveal()).toBe('APP_DB_PASSWORD=planted-secret\n');
  });

  it('reads back as what was written, or is refused', () => {
    let refused = 0;
    fc.assert(
      fc.property(anyString, anyString, (one, other) => {
        let text: string;
        try {
          text = written(['ONE', one], ['OTHER', other]);
        } catch {
          refused += 1;
          return;
        }
        expect(parseDotEnv(text, 'test')).toEqual({ ONE: one, OTHER: other });
      }),
      { numRuns: 2_000 },
    );
    expect(refused).toBeLessThan(2_000);
  });

  it('can hold every printable ASCII value without a backtick', () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    });
    fc.assert(
      fc.property(
        printable.filter((value) => value !== '' && !value.includes('`')),
        (value) => expect(parseDotEnv(written(['NAME', value]), 'test')).toEqual({ NAME: value }),
      ),
      { numRuns: 1_000 },
    );
  });

  it('refuses to write what cannot be read alike everywhere, all of it at once, without the values', () => {
    const write = (): unknown =>
      renderDotEnv([
        ['1ST', 'planted'],
        ['EMPTY', ''],
        ['LINES', 'planted\nB=c'],
        ['NUL', 'planted\0'],
        ['BOTH', "planted'`"],
        ['HALF', 'planted\uD800'],
        ['TWICE', 'planted'],
        ['TWICE', 'planted'],
      ]);
    expect(write).toThrow(
      [
        'the settings cannot be written to an .env file',
        '  - 1ST is not a variable name',
        '  - EMPTY is empty: an unset setting is left out',
        '  - LINES holds a line break or another control character',
        '  - NUL holds a line break or another control character',
        '  - BOTH holds a backtick together with a quote or a backslash at the end, which a shell and Compose read differently',
        '  - HALF holds half of a surrogate pair',
        '  - TWICE is there twice',
      ].join('\n'),
    );
    expect(write).not.toThrow('planted');
  });

  it('may hold comments, empty lines and empty values', () => {
    expect(parseDotEnv('# a comment\n\nA=1\nEMPTY=\n', 'test')).toEqual({ A: '1', EMPTY: '' });
  });

  it('is refused with every line that readers do not take alike, by number, without values', () => {
    const lines = [
      'A=planted value',
      'B=planted#x',
      "C='planted",
      "D='planted\\'",
      'E="planted$X"',
      'F="planted\\n"',
      'export G=planted',
      'H = planted',
      'I=planted\r',
      'J=$(planted)',
      'K=ok',
      'K=ok',
      'planted',
      "L='a' # planted",
    ];
    const read = (): unknown => parseDotEnv(lines.join('\n'), 'settings.env');
    const quoting = (number: number, name: string): string =>
      `  - line ${number}: ${name} is not quoted in a way that all readers take alike`;
    expect(read).toThrow(
      [
        'settings.env cannot be read as an .env file',
        ...['A', 'B', 'C', 'D', 'E', 'F'].map((name, index) => quoting(index + 1, name)),
        '  - line 7 is not NAME=value',
        '  - line 8 is not NAME=value',
        quoting(9, 'I'),
        quoting(10, 'J'),
        '  - line 12: K is there twice',
        '  - line 13 is not NAME=value',
        quoting(14, 'L'),
      ].join('\n'),
    );
    expect(read).not.toThrow('planted');
  });
});
