/**
 * Alloy's configuration language as values (Grafana Alloy documentation, "Alloy configuration syntax"). What is written
 * here cannot be broken out of: names are checked, and strings are escaped.
 */

/** An export of another component: `loki.write.cloud.receiver`. Made from the component itself. */
export class Reference {
  constructor(readonly path: readonly string[]) {}
}

/** `sys.env("NAME")`: read when Alloy starts, and written nowhere. */
export class FromEnvironment {
  constructor(readonly name: string) {}
}

export type Expression =
  | string
  | number
  | boolean
  | Reference
  | FromEnvironment
  | readonly Expression[]
  | { readonly [key: string]: Expression };

/** A block without a label: `endpoint { … }`, `stage.drop { … }`. Undefined attributes are left out. */
export interface Block {
  /** `endpoint`, `stage.drop`. */
  readonly name: string;
  /** Of a component: unique among those of its name. */
  readonly label?: string;
  readonly attributes?: { readonly [name: string]: Expression | undefined };
  readonly blocks?: readonly Block[];
}

/** A block at the top of the file that others refer to. */
export interface Component extends Block {
  readonly label: string;
}

/** What a component offers to others: `exported(write, 'receiver')`. A misspelt component does not compile. */
export const exported = ({ name, label }: Component, ...path: readonly string[]): Reference =>
  new Reference([...name.split('.'), label, ...path]);

/**
 * The file's text, blocks in the order given.
 *
 * @throws RangeError for a name that is no identifier, a number that is not whole and safe, two components of one name
 *   and label, and a reference to a component that is not in the file
 */
export function renderAlloy(header: string, blocks: readonly Block[]): string {
  requireKnown(blocks);
  const lines = header.split('\n').map((line) => `// ${line}\n`);
  return [lines.join(''), ...blocks.map((each) => block(each, 0))].join('\n');
}

function requireKnown(blocks: readonly Block[]): void {
  const known = blocks.flatMap(({ name, label }) => (label === undefined ? [] : [`${name}.${label}`]));
  const twice = known.find((each, index) => known.indexOf(each) !== index);
  if (twice !== undefined) throw new RangeError(`the component ${twice} is there twice`);
  for (const path of blocks.flatMap(referencesOf)) {
    if (!known.some((each) => path.startsWith(`${each}.`))) {
      throw new RangeError(`${path} refers to a component that is not there`);
    }
  }
}

const referencesOf = ({ attributes = {}, blocks = [] }: Block): readonly string[] => [
  ...Object.values(attributes).flatMap((value) => (value === undefined ? [] : referencesIn(value))),
  ...blocks.flatMap(referencesOf),
];

function referencesIn(value: Expression): readonly string[] {
  if (value instanceof Reference) return [value.path.join('.')];
  if (typeof value !== 'object' || value instanceof FromEnvironment) return [];
  return (isList(value) ? value : Object.values(value)).flatMap(referencesIn);
}

function block({ name, label, attributes = {}, blocks = [] }: Block, depth: number): string {
  const head = [dotted(name), ...(label === undefined ? [] : [string(identifier(label))])].join(' ');
  const lines = [
    ...Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [`${tabs(depth + 1)}${identifier(key)} = ${expression(value, depth + 1)}\n`],
    ),
    ...blocks.map((each) => block(each, depth + 1)),
  ];
  return lines.length === 0
    ? `${tabs(depth)}${head} {}\n`
    : `${tabs(depth)}${head} {\n${lines.join('')}${tabs(depth)}}\n`;
}

function expression(value: Expression, depth: number): string {
  if (typeof value === 'string') return string(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return number(value);
  if (value instanceof Reference) return value.path.map(identifier).join('.');
  if (value instanceof FromEnvironment) return `sys.env(${string(identifier(value.name))})`;
  const items = isList(value)
    ? value.map((item) => expression(item, depth + 1))
    : Object.entries(value).map(([key, item]) => `${string(key)} = ${expression(item, depth + 1)}`);
  const [open, close] = isList(value) ? ['[', ']'] : ['{', '}'];
  if (items.length === 0) return `${open}${close}`;
  const lines = items.map((item) => `${tabs(depth + 1)}${item},\n`);
  return `${open}\n${lines.join('')}${tabs(depth)}${close}`;
}

function number(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`only whole numbers are written, not ${value}`);
  return String(value);
}

const dotted = (name: string): string => name.split('.').map(identifier).join('.');

function identifier(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !['true', 'false', 'null'].includes(name)) return name;
  throw new RangeError(`"${name}" is not a name in Alloy's configuration`);
}

/** As Go's interpreted strings (Alloy documentation, "Strings"); everything but printable ASCII is escaped. */
function string(text: string): string {
  if (/[\uD800-\uDFFF]/u.test(text)) {
    throw new RangeError('text with a half of a surrogate pair cannot be written');
  }
  const escaped = Array.from(text).map((character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === '\\') return `\\${character}`;
    if (code >= 0x20 && code < 0x7f) return character;
    return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  });
  return `"${escaped.join('')}"`;
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
const tabs = (depth: number): string => '\t'.repeat(depth);
const isList = (value: object): value is readonly Expression[] => Array.isArray(value);
