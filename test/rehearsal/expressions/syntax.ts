/**
 * The expressions of GitHub Actions (GitHub documentation, "Evaluate expressions in workflows and actions"), as much of
 * them as the workflows here use. All else is refused: what is not known must not become an empty text.
 */

export type Node =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'context'; readonly name: string }
  | { readonly kind: 'member'; readonly of: Node; readonly name: string }
  /** `of.*`: each of its values. */
  | { readonly kind: 'each'; readonly of: Node }
  | { readonly kind: 'call'; readonly name: string; readonly with: readonly Node[] }
  | { readonly kind: 'not'; readonly of: Node }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Node; readonly right: Node };

type Operator = '||' | '&&' | '==' | '!=';

/** An expression that is not read here, or whose value is not known. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/** From the weakest; those of one level are read from the left. */
const levels: readonly (readonly Operator[])[] = [['||'], ['&&'], ['==', '!=']];

const tokenForm =
  /\s*(?:(?<text>'(?:[^']|'')*')|(?<number>-?\d+(?:\.\d+)?)(?![\w.])|(?<name>[A-Za-z_][\w-]*)|(?<mark>\|\||&&|==|!=|[!().,*]))/y;

interface Token {
  readonly kind: 'text' | 'number' | 'name' | 'mark' | 'end';
  readonly text: string;
}

/** @throws ExpressionError for whatever is not an expression of this kind */
export function parseExpression(source: string): Node {
  const tokens = tokensOf(source);
  let at = 0;
  const next = (): Token => tokens[at] ?? { kind: 'end', text: '' };
  const fail = (wanted: string): never => {
    const { kind, text } = next();
    throw new ExpressionError(
      `"${source}": ${kind === 'end' ? 'its end' : `"${text}"`} stands where ${wanted} should`,
    );
  };
  const take = (mark: string): boolean => {
    if (next().kind !== 'mark' || next().text !== mark) return false;
    at += 1;
    return true;
  };
  const need = (mark: string): void => {
    if (!take(mark)) fail(`"${mark}"`);
  };

  const level = (index: number): Node => {
    const operators = levels[index];
    if (operators === undefined) return unary();
    let left = level(index + 1);
    for (;;) {
      const operator = operators.find((each) => take(each));
      if (operator === undefined) return left;
      left = { kind: 'binary', operator, left, right: level(index + 1) };
    }
  };
  const unary = (): Node => (take('!') ? { kind: 'not', of: unary() } : members(primary()));
  const members = (of: Node): Node => {
    if (!take('.')) return of;
    if (take('*')) return members({ kind: 'each', of });
    const { kind, text } = next();
    if (kind !== 'name') return fail('the name of a property');
    at += 1;
    return members({ kind: 'member', of, name: text });
  };
  const primary = (): Node => {
    const { kind, text } = next();
    if (take('(')) {
      const inner = level(0);
      need(')');
      return inner;
    }
    if (kind === 'mark' || kind === 'end') return fail('a value');
    at += 1;
    if (kind === 'text') return { kind: 'literal', value: text.slice(1, -1).replaceAll("''", "'") };
    if (kind === 'number') return { kind: 'literal', value: Number(text) };
    const literals: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };
    if (Object.hasOwn(literals, text)) return { kind: 'literal', value: literals[text] ?? null };
    return take('(') ? { kind: 'call', name: text, with: values() } : { kind: 'context', name: text };
  };
  const values = (): readonly Node[] => {
    if (take(')')) return [];
    const all = [level(0)];
    while (take(',')) all.push(level(0));
    need(')');
    return all;
  };

  const whole = level(0);
  return next().kind === 'end' ? whole : fail('its end');
}

function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  const form = new RegExp(tokenForm);
  let at = 0;
  while (source.slice(at).trim() !== '') {
    form.lastIndex = at;
    const groups = form.exec(source)?.groups;
    const all: readonly (readonly [string, string | undefined])[] = Object.entries(groups ?? {});
    const [kind, text] = all.find(([, found]) => found !== undefined) ?? [];
    if (kind === undefined || text === undefined) {
      throw new ExpressionError(`"${source}": "${source.slice(at).trim()}" is not read here`);
    }
    tokens.push({ kind: kind as Token['kind'], text });
    at = form.lastIndex;
  }
  return tokens;
}

/** Names of the functions that an expression calls. */
export function callsOf(node: Node): readonly string[] {
  switch (node.kind) {
    case 'call':
      return [node.name, ...node.with.flatMap(callsOf)];
    case 'binary':
      return [...callsOf(node.left), ...callsOf(node.right)];
    case 'member':
    case 'each':
    case 'not':
      return callsOf(node.of);
    case 'literal':
    case 'context':
      return [];
  }
}
