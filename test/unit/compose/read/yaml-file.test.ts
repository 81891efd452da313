import { readYaml } from '../../../../compose/read/yaml-file';

const read = (text: string): unknown => {
  const { layers, faults } = readYaml('compose.yaml', text);
  expect(faults).toEqual([]);
  return layers.map(({ document }) => document);
};
const refused = (text: string): readonly string[] => {
  const { layers, faults } = readYaml('compose.yaml', text);
  expect(layers).toEqual([]);
  return faults.map(({ line, path, message }) => `${line ?? '-'} ${path} ${message}`);
};

/** A text in as many lists as the parser lets through at once. */
const deep = (text: string): string => `${'['.repeat(80)}${text}${']'.repeat(80)}`;

describe('a compose file as YAML', () => {
  it.each([
    ['0440', 288],
    ['0o17', 15],
    ['0x1F', 31],
    ['0b11', 3],
    ['1_000', 1000],
    ['08', 8],
    ['-0', -0],
    ['+1', 1],
    ['1.50', 1.5],
    ['1e3', 1000],
    ['yes', 'yes'],
    ['True', true],
    ['~', null],
    ['', null],
    ['12:30:45', '12:30:45'],
    ["'0440'", '0440'],
    ['0o8', '0o8'],
    ['1.2.3', '1.2.3'],
  ])('has %s read as Compose reads it', (written, value) => {
    expect(read(`a: ${written}\n`)).toEqual([{ a: value }]);
  });

  it('has its anchors and merge keys written out', () => {
    expect(read('x-a: &a {b: 1, c: 2}\nd:\n  <<: *a\n  c: 3\ne: *a\n')).toEqual([
      { 'x-a': { b: 1, c: 2 }, d: { b: 1, c: 3 }, e: { b: 1, c: 2 } },
    ]);
  });

  it('may be several documents, or hold comments alone', () => {
    expect(read('a: 1\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }]);
    for (const text of ['', '\n', '# a\r\n\t# b\n', '  # a']) expect(read(text)).toEqual([]);
  });

  it('keeps what !override stands on, drops what !reset stands on, and remembers where both stood', () => {
    const { layers } = readYaml(
      'f',
      'a:\n  b: !reset null\n  c: !override [1]\n  d: !reset {e: 1}\n  f: [!reset 1, 2]\n',
    );
    expect(layers[0]?.document).toEqual({ a: { c: [1], f: [2] } });
    expect(layers[0]?.replaced).toEqual([
      ['a', 'b'],
      ['a', 'c'],
      ['a', 'd'],
      ['a', 'f', '0'],
    ]);
  });

  it.each([
    ['a: [1\n', ['2  is not YAML: unexpected end of the stream within a flow collection']],
    ['a: 1\nb: *pl4nted\n', ['2  is not YAML: unidentified alias']],
    ['a: !pl4nted x\n', ['1  is not YAML: unknown tag']],
    ['a: !pl4nted\u{10000} x\n', ['1  is not YAML: tag name cannot contain such characters']],
    ['a: !%zzpl4nted x\n', ['1  is not YAML: tag name is malformed']],
    ['a: !pl4nted!b x\n', ['1  is not YAML: undeclared tag handle']],
    ['%TAG !e! pl4nted%ff\n---\na: 1\n', ['2  is not YAML: tag prefix is malformed']],
    ['a: 1\na: 2\n', ['2  is not YAML: duplicated mapping key']],
    ['a: "pl4nted\n', ['2  is not YAML: unexpected end of the stream within a double quoted scalar']],
    ['a: 1\n---\n---\nb: 2\n', ['3  must be a mapping']],
    ['---\n', ['2  must be a mapping']],
    [
      'a: 1e21\n',
      ["1 a is a number with a point or exponent, from a million on to Compose's reader: put it in quotes"],
    ],
    ['- a\n', ['1  must be a mapping']],
    ['pl4nted\n', ['1  must be a mapping']],
    ['a:\n  1: b\n', ['2  holds a key that is not text: put it in quotes']],
    ['a:\n  b: 2001-01-01\n', ["2 a/b is a date to Compose's reader: put it in quotes"]],
    ['a: .inf\n', ["1 a is a number without bounds to Compose's reader: put it in quotes"]],
    [
      'a: 9007199254740993\n',
      ["1 a is a number too large to be kept by every reader to Compose's reader: put it in quotes"],
    ],
    [`a: ${'['.repeat(120)}`, ['1  is not YAML: nesting exceeded maxDepth']],
  ])('%j is refused, without showing what is in it', (text, faults) => {
    expect(refused(text)).toEqual(faults);
    expect(faults.join('')).not.toContain('pl4nted');
  });

  it.each(['\u0085', '\u2028', '\u2029'])(
    'is refused with each line that holds %j as it is: Compose ends the line there, and content would hide in a comment',
    (sign) => {
      const code = sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
      const text = `a: 1\r\nb:\n  # a remark${sign}  privileged: true\n  c: "x${sign}y${sign}"\n`;
      const message = `holds U+${code}, which ends a line for Compose's reader and not for others: take it out, or write it as \\u${code} in double quotes`;
      expect(refused(text)).toEqual([`3  ${message}`, `4  ${message}`]);
      expect(read(`a: "x\\u${code}y"\n`)).toEqual([{ a: `x${sign}y` }]);
    },
  );

  it('is refused when its aliases would make a document without end', () => {
    const levels = Array.from({ length: 9 }, (_, index) => {
      const item = index === 0 ? 'x' : `*l${index - 1}`;
      return `l${index}: &l${index} [${Array.from({ length: 10 }, () => item).join(', ')}]\n`;
    });
    expect(refused(levels.join(''))).toEqual([
      '-  holds more than 500000 values with its aliases written out',
    ]);
  });

  it.each([
    ['a list in itself', 'a: &a [*a]'],
    ['a mapping in itself', 'a: &a {b: [{c: *a}]}'],
    ['lists in lists in lists', `a: &a ${deep('x')}\nb: &b ${deep('*a')}\nc: ${deep('*b')}`],
  ])('is refused for %s', (_what, text) => {
    expect(refused(text)).toEqual(['-  is nested deeper than 200 levels with its aliases written out']);
  });

  it('is refused when it is longer than anybody writes', () => {
    expect(refused(`# ${'x'.repeat(5_000_000)}`)).toEqual(['-  is longer than 4194304 characters']);
  });

  it('knows the line of each key and item, and of the deepest one that is there', () => {
    const [layer] = readYaml(
      'f',
      'a:\n  - b: 1\n    c:\n      d: 2\n  - e\n\n"f":\n  {g: 1, h: [1,\n   2]}\n',
    ).layers;
    expect(layer?.lineOf(['a', 0, 'c', 'd'])).toEqual({ line: 4, depth: 4 });
    expect(layer?.lineOf(['a', 1])).toEqual({ line: 5, depth: 2 });
    expect(layer?.lineOf(['f', 'h', 1])).toEqual({ line: 9, depth: 3 });
    expect(layer?.lineOf(['a', 0, 'x', 'y'])).toEqual({ line: 2, depth: 2 });
    expect(layer?.lineOf(['z'])).toBeUndefined();
  });

  it('knows them in each of several documents', () => {
    const { layers } = readYaml('f', 'a:\n  b: 1\n---\nc:\n  d: !override ["2"]\n---\ne: {f: 1}\n');
    const keys = [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ];
    expect(layers.map((layer, index) => layer.lineOf(keys[index] ?? [])?.line)).toEqual([2, 5, 7]);
  });
});
