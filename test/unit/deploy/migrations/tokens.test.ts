import * as fc from 'fast-check';
import { statementsOf, tokensOf } from '../../../../deploy/migrations/tokens';

const texts = (sql: string): string[] => tokensOf(sql).map(({ kind, text }) => `${kind} ${text}`);

describe('SQL taken apart', () => {
  test.each([
    ['a -- drop table\nb', ['word A', 'word B']],
    ['a -- to the end', ['word A']],
    ['a /* x /* nested */ drop */ b', ['word A', 'word B']],
    ['a /* never closed', ['word A']],
    ["'it''s; --' b", ["text 'it''s; --'", 'word B']],
    ["E'a\\'; drop' b", ["text E'a\\'; drop'", 'word B']],
    ["'a\\' b", ["text 'a\\'", 'word B']],
    ['"a""; b" c', ['name a"; b', 'word C']],
    ['$$ drop; $x$ $$ b', ['text $$ drop; $x$ $$', 'word B']],
    ['$fn$ $$ ; $$ $fn$ b', ['text $fn$ $$ ; $$ $fn$', 'word B']],
    ['$1 a$b$c', ['sign $', 'text 1', 'word A$B$C']],
    ['1.5e3', ['text 1.5e3']],
  ])('%s', (sql, expected) => expect(texts(sql)).toEqual(expected));

  const literal = fc.oneof(
    fc.string().map((inner) => `'${inner.replaceAll("'", "''")}'`),
    fc.string().map((inner) => `"${inner.replaceAll('"', '""')}"`),
    fc.string().map((inner) => `$q$${inner.replaceAll('$', '')}$q$`),
    fc.string().map((inner) => `E'${inner.replaceAll(/['\\]/g, (one) => `\\${one}`)}'`),
    fc.string().map((inner) => `/*${inner.replaceAll(/[/*]/g, '')}*/`),
    fc.string().map((inner) => `--${inner.replaceAll('\n', '')}\n`),
  );

  test('finds the words around whatever stands in strings, names and comments, and never one inside', () => {
    fc.assert(
      fc.property(fc.array(literal), (literals) => {
        const sql = literals.map((one) => `mark ${one} `).join('');
        const marks = tokensOf(sql).filter(({ kind }) => kind === 'word');
        expect(marks.map(({ text }) => text)).toEqual(literals.map(() => 'MARK'));
        expect(statementsOf(sql)).toHaveLength(literals.length === 0 ? 0 : 1);
      }),
    );
  });

  test('comes to an end for every text, and its tokens are in order', () => {
    const pieces = ["'", '"', '$$', '$a$', '/*', '*/', '--', '\n', ';', '(', ')', 'E', '\\', 'x1'];
    const text = fc.array(fc.constantFrom(...pieces)).map((all) => all.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string(), text), (sql) => {
        const places = tokensOf(sql).map(({ at }) => at);
        expect([...new Set(places)].sort((a, b) => a - b)).toEqual(places);
      }),
    );
  });

  test('makes statements, each with the line that it begins at', () => {
    const lines = statementsOf("a;\n;\n-- c;\nb ('x;' ; y);\nd").map(({ tokens, line }) => [
      tokens[0]?.text,
      line,
    ]);
    expect(lines).toEqual([
      ['A', 1],
      ['B', 4],
      ['D', 5],
    ]);
  });
});
