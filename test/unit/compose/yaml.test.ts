import fc from 'fast-check';
import { load } from 'js-yaml';
import type { Plain } from '../../../compose/tree';
import { toYaml } from '../../../compose/yaml';
import { document, hostileStrings } from './hostile';

describe('YAML that every reader takes for the same', () => {
  it('writes blocks, with two spaces a level and a line break at the end', () => {
    expect(
      toYaml({ name: 'shop', ports: ['80:80'], deep: { list: [{ a: 'b', c: 1 }], empty: [], none: {} } }),
    ).toBe(
      [
        'name: shop',
        'ports:',
        '  - "80:80"',
        'deep:',
        '  list:',
        '    - a: b',
        '      c: 1',
        '  empty: []',
        '  none: {}',
        '',
      ].join('\n'),
    );
  });

  it('writes fractions as all readers take them', () => {
    expect(toYaml({ a: 0.25, b: -1.5, c: 3 })).toBe('a: 0.25\nb: -1.5\nc: 3\n');
  });

  it('writes null as the word', () => {
    expect(toYaml({ METRICS_TOKEN: null })).toBe('METRICS_TOKEN: null\n');
  });

  it.each(hostileStrings)('reads %j back as the same string, as a value, an item and a key', (hostile) => {
    const value = { value: hostile, items: [hostile, [hostile]], [hostile]: { [hostile]: 'x' } };
    expect(load(toYaml(value))).toEqual(value);
  });

  it.each([
    'yes',
    'No',
    'on',
    'OFF',
    'y',
    'n',
    'true',
    'null',
    '1_000',
    '0x1F',
    '12:30:45',
    '1e3',
    '~',
    '.inf',
    '2001-01-01',
  ])('puts %s in quotes, because some reader takes it for something else than a string', (word) => {
    expect(toYaml({ value: word })).toBe(`value: "${word}"\n`);
  });

  it('escapes everything but printable ASCII, line breaks of any kind included', () => {
    expect(toYaml({ value: 'a\nb\u0085\u2028é😀' })).toBe(
      String.raw`value: "a\x0Ab\x85\u2028\xE9\U0001F600"` + '\n',
    );
  });

  it('reads any document back as the same', () => {
    fc.assert(
      fc.property(document, (value) => {
        expect(load(toYaml(value as { readonly [key: string]: Plain }))).toEqual(value);
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds nothing but printable ASCII and line feeds', () => {
    fc.assert(
      fc.property(document, (value) => {
        expect(toYaml(value as { readonly [key: string]: Plain })).toMatch(/^[\x20-\x7e\n]*$/);
      }),
    );
  });

  it('refuses what cannot be written', () => {
    expect(() => toYaml({ value: '\uD800' })).toThrow('half of a surrogate pair');
    for (const value of [1e21, 1e-7, Number.NaN, Infinity, 2 ** 53]) {
      expect(() => toYaml({ value })).toThrow(`not ${value}`);
    }
    expect(() => toYaml({ ['k'.repeat(1_001)]: 'x' })).toThrow('a key of 1001 characters');
  });
});
