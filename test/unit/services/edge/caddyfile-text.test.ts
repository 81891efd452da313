import fc from 'fast-check';
import { Duration } from '../../../../compose';
import { block, line, literalFault, renderStatements, word } from '../../../../services/edge/caddyfile-text';

/** Words as Caddy reads them: quotes, backticks, escapes, comments and heredocs by the rules of its lexer.go. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let rest = text;
  while (rest !== '') {
    const [blank = ''] = /^\s*/.exec(rest) ?? [];
    rest = rest.slice(blank.length);
    if (rest === '') break;
    if (rest.startsWith('#')) rest = rest.replace(/^.*/, '');
    else if (rest.startsWith('<<')) throw new Error('a heredoc begins');
    else {
      const quoted = /^"((?:[^"\\]|\\[^])*)"|^`([^`]*)`/.exec(rest);
      if (!quoted && /^["`]/.test(rest)) throw new Error('a quote is never closed');
      const [all = ''] = quoted ?? /^\S+/.exec(rest) ?? [];
      words.push(quoted ? (quoted[1]?.replaceAll('\\"', '"') ?? quoted[2] ?? '') : all);
      rest = rest.slice(all.length);
    }
  }
  return words;
}

const rendered = (...words: readonly string[]): string => renderStatements([line(...words)]);

/** The characters that a Caddyfile gives a meaning to are what is tried most. */
const hostile = fc.oneof(
  fc.string({ unit: fc.constantFrom(...Array.from('"`\\{}#$<>@*/?!+-= \t\n\r,:.;\'()[]|abcé\u2028\ufeff')) }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '#',
    '{',
    '}',
    '{$HOME}',
    '{env.HOME}',
    '{args[0]}',
    '<<END',
    '\\',
    'a\\',
    '\\"',
    '`"\\',
  ),
);

describe('the text of a Caddyfile', () => {
  it('is one word for each word, or a refusal, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (words) => {
        const unfit = words.some((text) => literalFault(text) !== undefined);
        if (unfit) expect(() => rendered(...words)).toThrow(RangeError);
        else expect(wordsOf(rendered(...words))).toEqual(words);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is one line for each statement without braces', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        if (literalFault(text) === undefined) expect(rendered('respond', text)).not.toMatch(/[\n\r]/);
      }),
    );
  });

  it('has quotes only where there must be some', () => {
    expect(rendered('reverse_proxy', 'app:3000')).toBe('reverse_proxy app:3000');
    expect(rendered('respond', 'two words')).toBe('respond "two words"');
    expect(rendered('respond', '')).toBe('respond ""');
    expect(rendered('respond', '#1')).toBe('respond "#1"');
    expect(rendered('respond', 'a "b"')).toBe('respond `a "b"`');
    expect(rendered('respond', '"`')).toBe('respond "\\"`"');
  });

  it.each([
    ['{$SECRET}', 'holds a brace, which makes a placeholder'],
    ['{env.SECRET}', 'holds a brace, which makes a placeholder'],
    ['a\nb', 'holds a control character'],
    ['a\u2028b', 'holds a control character'],
    ['\ud800', 'holds a control character'],
    ['`\\', 'holds a backtick and a backslash, which no quotes hold together'],
  ])('holds no %j, and says why without repeating it', (text, why) => {
    expect(() => rendered('respond', text)).toThrow(new RangeError(`a value for the Caddyfile ${why}`));
    expect(() => word`https://${text}`).toThrow(RangeError);
  });

  it('takes the placeholders of a template and the values in it for what they are', () => {
    const host = 'a b';
    expect(renderStatements([line('redir', word`https://${host}{uri}`)])).toBe('redir "https://a b{uri}"');
    expect(renderStatements([line('try', Duration.minutes(2), word`\?.*`, 503)])).toBe('try 2m `\\?.*` 503');
  });

  it('is indented by tabs, with nothing for what is absent', () => {
    expect(
      renderStatements([
        block([], line('email', 'a@b'), undefined),
        undefined,
        block(['site'], block(['log'])),
      ]),
    ).toBe('{\n\temail a@b\n}\nsite {\n\tlog {\n\t}\n}');
  });
});
