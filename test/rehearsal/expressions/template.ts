import { evaluate, isTrue, textOf, type Scope } from './evaluate';
import { callsOf, ExpressionError, parseExpression, type Node } from './syntax';

/** A text in which expressions stand: `deploy-${{ inputs.environment }}`. */
export type Template = readonly (string | Node)[];

/** @throws ExpressionError for an expression that is not read here, or has no end */
export function parseTemplate(text: string): Template {
  const parts: (string | Node)[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf('${{', at);
    if (start < 0) return [...parts, text.slice(at)];
    const end = endOf(text, start + 3);
    parts.push(text.slice(at, start), parseExpression(text.slice(start + 3, end).trim()));
    at = end + 2;
  }
}

/** Where the braces close; those in a text of the expression are none. */
function endOf(text: string, from: number): number {
  const inner = /'(?:[^']|'')*'|\}\}|[^]/y;
  for (inner.lastIndex = from; inner.lastIndex < text.length;) {
    const start = inner.lastIndex;
    if (inner.exec(text)?.[0] === '}}') return start;
  }
  throw new ExpressionError(`"${text.slice(from - 3)}" has no end`);
}

/** @throws ExpressionError when the value of an expression is not known */
export const fillIn = (text: string, scope: Scope): string =>
  parseTemplate(text)
    .map((part) => (typeof part === 'string' ? part : textOf(evaluate(part, scope))))
    .join('');

/** The functions that say how it went so far. A condition that calls none of them holds only after success. */
export const statusFunctions = ['always', 'cancelled', 'failure', 'success'] as const;

export type Status = Readonly<Record<(typeof statusFunctions)[number], () => boolean>>;

/**
 * Whether an `if` holds.
 *
 * @param condition as it stands in the file: one expression in braces; undefined where there is none
 */
export function holds(condition: string | undefined, contexts: Scope['contexts'], status: Status): boolean {
  if (condition === undefined) return status.success();
  const [before, node, after, ...more] = parseTemplate(condition);
  if (before !== '' || after !== '' || more.length > 0 || typeof node !== 'object')
    throw new ExpressionError(`"${condition}" is not one expression in braces`);
  const asksStatus = callsOf(node).some((name) => statusFunctions.some((each) => each === name));
  if (!asksStatus && !status.success()) return false;
  return isTrue(evaluate(node, { contexts, functions: status }));
}
