import fc from 'fast-check';
import {
  exported,
  FromEnvironment,
  renderAlloy,
  type Component,
  type Expression,
} from '../../../../services/alloy/syntax';

const write: Component = { name: 'loki.write', label: 'cloud' };

describe("Alloy's configuration language", () => {
  it('is written with blocks in blocks, values of every kind, and a header of comments', () => {
    const text = renderAlloy('made by a test\nin two lines', [
      {
        name: 'loki.process',
        label: 'clean',
        attributes: {
          forward_to: [exported(write, 'receiver')],
          limit: 3,
          on: true,
          labels: { app: 'cogni' },
          nothing: [],
          absent: undefined,
          key: new FromEnvironment('KEY'),
        },
        blocks: [{ name: 'stage.drop', attributes: { expression: 'a"\\b' } }, { name: 'stage.docker' }],
      },
      write,
    ]);
    expect(text).toBe(
      [
        '// made by a test',
        '// in two lines',
        '',
        'loki.process "clean" {',
        '\tforward_to = [',
        '\t\tloki.write.cloud.receiver,',
        '\t]',
        '\tlimit = 3',
        '\ton = true',
        '\tlabels = {',
        '\t\t"app" = "cogni",',
        '\t}',
        '\tnothing = []',
        '\tkey = sys.env("KEY")',
        '\tstage.drop {',
        '\t\texpression = "a\\"\\\\b"',
        '\t}',
        '\tstage.docker {}',
        '}',
        '',
        'loki.write "cloud" {}',
        '',
      ].join('\n'),
    );
  });

  it.each<[string, () => string, string]>([
    ['a name that is none', () => renderAlloy('', [{ name: 'a b' }]), '"a b" is not a name'],
    ['a word of the language', () => renderAlloy('', [{ name: 'null' }]), '"null" is not a name'],
    ['a label that is none', () => renderAlloy('', [{ name: 'a', label: 'x"' }]), '"x"" is not a name'],
    [
      'an attribute that is none',
      () => renderAlloy('', [{ name: 'a', attributes: { 'x\n': 1 } }]),
      'is not a name',
    ],
    [
      'a number that is not whole',
      () => renderAlloy('', [{ name: 'a', attributes: { x: 1.5 } }]),
      'only whole numbers are written, not 1.5',
    ],
    [
      'half of a surrogate pair',
      () => renderAlloy('', [{ name: 'a', attributes: { x: '\uD800' } }]),
      'half of a surrogate pair',
    ],
    ['a component twice', () => renderAlloy('', [write, write]), 'loki.write.cloud is there twice'],
    [
      'a reference to nothing, however deep',
      () =>
        renderAlloy('', [
          { name: 'a', blocks: [{ name: 'b', attributes: { x: { y: [exported(write, 'receiver')] } } }] },
        ]),
      'loki.write.cloud.receiver refers to a component that is not there',
    ],
  ])('refuses %s', (_, render, message) => {
    expect(render).toThrow(RangeError);
    expect(render).toThrow(message);
  });

  it('lets no text out of its quotes', () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !/[\uD800-\uDFFF]/u.test(value));
    fc.assert(
      fc.property(text, (value) => {
        const attributes: Readonly<Record<string, Expression>> = { x: value };
        const [, head, line = '', ...rest] = renderAlloy('h', [{ name: 'a', attributes }])
          .split('\n')
          .filter((each) => each !== '');
        expect([head, ...rest]).toEqual(['a {', '}']);
        expect(line).toMatch(/^\tx = "(?:[ !#-[\]-~]|\\["\\]|\\u[0-9a-f]{4}|\\U[0-9a-f]{8})*"$/);
        const written = line.slice('\tx = "'.length, -1);
        const read = written.replace(/\\(?:u(.{4})|U(.{8})|(["\\]))/g, (_, four, eight, sign: string) =>
          sign ? sign : String.fromCodePoint(Number.parseInt((four ?? eight) as string, 16)),
        );
        expect(read).toBe(value);
      }),
    );
  });
});
