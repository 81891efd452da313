import { ExpressionError, type Node } from './syntax';

export type Value = string | number | boolean | null | readonly Value[] | Members | Open;

/** An object of which every property is known: any other is an error. */
export interface Members {
  readonly [name: string]: Value;
}

/**
 * What has other names each time, and nothing under a name that is not there: secrets, variables, outputs of a step. GitHub
 * gives null for those.
 */
export class Open {
  constructor(
    readonly members: Readonly<Record<string, Value>>,
    /** Called with each name that is asked for. @throws ExpressionError for one that may not be */
    private readonly ask: (name: string) => void = () => undefined,
  ) {}

  get(name: string): Value {
    this.ask(name);
    return Object.hasOwn(this.members, name) ? (this.members[name] ?? null) : null;
  }
}

/** What an expression may name where it stands (GitHub documentation, "Contexts reference", "Context availability"). */
export interface Scope {
  readonly contexts: Members;
  /** Functions of that place: `success`, `always` and the like. @default - none */
  readonly functions?: Readonly<Record<string, () => boolean>>;
}

/** @throws ExpressionError for what is not there, not known here, or has no value of the kind that is wanted */
export function evaluate(node: Node, scope: Scope): Value {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'context':
      return ownOf(scope.contexts, node.name, 'context here');
    case 'member':
      return memberOf(evaluate(node.of, scope), node.name);
    case 'each':
      return eachOf(evaluate(node.of, scope));
    case 'not':
      return !isTrue(evaluate(node.of, scope));
    case 'call':
      return call(
        node.name,
        node.with.map((each) => evaluate(each, scope)),
        scope,
      );
    case 'binary': {
      const left = evaluate(node.left, scope);
      // The other side is not looked at where this one decides.
      if (node.operator === '||') return isTrue(left) ? left : evaluate(node.right, scope);
      if (node.operator === '&&') return isTrue(left) ? evaluate(node.right, scope) : left;
      return isEqual(left, evaluate(node.right, scope)) === (node.operator === '==');
    }
  }
}

/** False, null, 0, not a number and the empty text are not true; objects and lists are. */
export const isTrue = (value: Value): boolean => Boolean(value);

/** As GitHub writes a value into a text. @throws ExpressionError for what has no text */
export function textOf(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'object')
    throw new ExpressionError('an object or a list has no text: toJSON is meant');
  return String(value);
}

function ownOf(members: Members, name: string, kind: string): Value {
  if (Object.hasOwn(members, name)) return members[name] ?? null;
  throw new ExpressionError(
    `"${name}" is no ${kind}; there are: ${Object.keys(members).join(', ') || 'none'}`,
  );
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
const isMembers = (value: Value): value is Members =>
  typeof value === 'object' && value !== null && !isList(value) && !(value instanceof Open);

function memberOf(of: Value, name: string): Value {
  if (of instanceof Open) return of.get(name);
  if (isList(of)) return of.map((each) => memberOf(each, name));
  if (isMembers(of)) return ownOf(of, name, 'property there');
  throw new ExpressionError(`${JSON.stringify(of)} has no property "${name}"`);
}

function eachOf(of: Value): readonly Value[] {
  if (isList(of)) return of;
  if (isMembers(of)) return Object.values(of);
  throw new ExpressionError('".*" wants an object or a list whose values are known');
}

/** Texts without regard to case; between kinds as numbers (GitHub documentation, "Operators"). */
function isEqual(left: Value, right: Value): boolean {
  if (typeof left === 'string' && typeof right === 'string')
    return left.toLowerCase() === right.toLowerCase();
  if (left !== null && typeof left === typeof right && typeof left !== 'object') return left === right;
  if (left === null && right === null) return true;
  return numberOf(left) === numberOf(right);
}

function numberOf(value: Value): number {
  if (typeof value === 'object' && value !== null)
    throw new ExpressionError('an object or a list equals nothing but itself');
  if (typeof value === 'string') return value.trim() === '' ? 0 : Number(value);
  return Number(value);
}

function call(name: string, values: readonly Value[], { functions = {} }: Scope): Value {
  const want = (count: number, more = false): void => {
    if (values.length === count || (more && values.length > count)) return;
    throw new ExpressionError(
      `${name}() takes ${count}${more ? ' or more' : ''}, and was given ${values.length}`,
    );
  };
  if (Object.hasOwn(functions, name)) {
    want(0);
    return functions[name]?.() ?? null;
  }
  if (name === 'format') {
    want(1, true);
    return format(textOf(values[0] ?? null), values.slice(1));
  }
  if (name === 'toJSON') {
    want(1);
    return JSON.stringify(plain(values[0] ?? null), undefined, 2);
  }
  const known = ['format', 'toJSON', ...Object.keys(functions)];
  throw new ExpressionError(`the function ${name}() is not known here; known: ${known.join(', ')}`);
}

/** `{0}` is the first value, `{{` a brace. */
const format = (text: string, values: readonly Value[]): string =>
  text.replaceAll(/\{\{|\}\}|\{(\d+)\}|[{}]/g, (found, index: string | undefined) => {
    if (found === '{{' || found === '}}') return found.slice(1);
    if (index === undefined || Number(index) >= values.length)
      throw new ExpressionError(`format('${text}'): ${found} stands for no value`);
    return textOf(values[Number(index)] ?? null);
  });

function plain(value: Value): unknown {
  if (value instanceof Open) return plain(value.members);
  if (isList(value)) return value.map(plain);
  if (isMembers(value))
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
  return value;
}
