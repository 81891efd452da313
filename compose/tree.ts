import {
  DefaultedReference,
  PassThrough,
  PlainReference,
  SecretReference,
  Text,
  VariableName,
} from './reference';

/** A Compose document as data, before interpolation is written out. Undefined entries are left out. */
export type Node =
  | string
  | number
  | boolean
  | null
  | PlainReference
  | DefaultedReference
  | SecretReference
  | PassThrough
  | VariableName
  | Text
  | readonly Node[]
  | Mapping;

/** Keys with what stands under them. */
export type Mapping = { readonly [key: string]: Node | undefined };

/** What may stand where others can read it: everything but a secret. */
type OpenNode =
  Exclude<Node, SecretReference | readonly Node[] | Mapping> | readonly OpenNode[] | OpenMapping;

/**
 * Keys with what stands under them, and no secret below. To the compiler a secret is a symbol too, which has one method that no
 * literal has.
 */
export type OpenMapping = {
  readonly [key: string]: OpenNode | undefined;
  readonly [Symbol.toPrimitive]?: never;
};

/** The same with nothing but what YAML holds. */
export type Plain = string | number | boolean | null | readonly Plain[] | PlainMapping;

/** Keys with what stands under them, written out. */
export type PlainMapping = { readonly [key: string]: Plain };

/** A mapping, or an empty one where something else stands: what it should be is the schema's business. */
export const mappingOf = (value: unknown): PlainMapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as PlainMapping) : {};

/** One variable that a document reads. */
export interface VariableUse {
  readonly variable: string;
  readonly sensitive: boolean;
  /** False where an unset variable is left out, or has a fallback. */
  readonly required: boolean;
  /** What Compose says when it is missing. Undefined where it need not be there. */
  readonly message?: string;
  /** What counts when it is not there. */
  readonly fallback?: string;
}

/**
 * Writes references as Compose's interpolation and escapes `$` in everything else, so that a literal stays literal
 * (Compose specification, "Interpolation"). Keys are left as they are: Compose does not interpolate them.
 */
export function interpolated(node: Node): Plain {
  if (typeof node === 'string') return node.includes('$') ? inString(node) : node;
  if (typeof node === 'number' || typeof node === 'boolean' || node === null) return node;
  if (isList(node)) return node.map(interpolated);
  if (!isToken(node)) return written(node);
  if (isReference(node)) return inString(node);
  if (node instanceof Text) return node.parts.map(inString).join('');
  return node instanceof PassThrough ? null : node.reference.variable;
}

/** Key by key: by way of a list of entries it takes three times as long, and a document is little else than mappings. */
function written(mapping: Mapping): PlainMapping {
  const result: { [key: string]: Plain } = {};
  for (const key of Object.keys(mapping)) {
    const node = mapping[key];
    if (node === undefined) continue;
    const value = interpolated(node);
    // Assigned, this one key would be no entry but what the object inherits from.
    if (key === '__proto__') Object.defineProperty(result, key, { value, enumerable: true });
    else result[key] = value;
  }
  return result;
}

/** `${NAME:?message}` and `${NAME:-fallback}`, which is all that {@link interpolated} writes. */
const writtenReference = /\$\{[A-Za-z_][A-Za-z0-9_]*:[?-][^{}$]*\}/g;

/**
 * Whether a text has Compose replace something that is written in another form: an unset variable would become empty text. A `$`
 * that begins no name is text to Compose, or it refuses the file (COMPOSE-804).
 */
export const hidesMissing = (text: string): boolean =>
  text.includes('$') && /\$\{?[a-z_]/iu.test(text.replaceAll('$$', '').replace(writtenReference, ''));

/** Every variable that a document reads, in its order. */
export function variablesOf(node: Node): readonly VariableUse[] {
  const uses: VariableUse[] = [];
  collect(node, uses);
  return uses;
}

function collect(node: Node | undefined, uses: VariableUse[]): void {
  if (typeof node !== 'object' || node === null) return;
  if (isList(node)) for (const item of node) collect(item, uses);
  else if (!isToken(node)) for (const key of Object.keys(node)) collect(node[key], uses);
  else if (isReference(node)) uses.push(useOf(node));
  else if (node instanceof PassThrough) {
    uses.push({ variable: node.variable, sensitive: node.sensitive, required: false });
  } else if (node instanceof Text) for (const part of node.parts) collect(part, uses);
  else uses.push(useOf(node.reference));
}

type Reference = PlainReference | DefaultedReference | SecretReference;

function useOf(reference: Reference): VariableUse {
  const { variable, sensitive } = reference;
  return reference instanceof DefaultedReference
    ? { variable, sensitive, required: false, fallback: reference.fallback }
    : { variable, sensitive, required: true, message: reference.message };
}

function inString(part: string | Reference): string {
  if (typeof part === 'string') return part.replaceAll('$', '$$$$');
  return part instanceof DefaultedReference
    ? `\${${part.variable}:-${part.fallback}}`
    : `\${${part.variable}:?${part.message}}`;
}

/** Entries that are empty are left out. */
export function orNone<Entry extends Node>(entry: Entry | undefined): Entry | undefined {
  return entry === undefined || entry === null || Object.keys(entry).length === 0 ? undefined : entry;
}

/**
 * Entries of several mappings in one, in their order, without those that are undefined: a service has some eighty keys
 * and uses a dozen, and everything behind this would walk through all of them.
 */
export function together(...parts: readonly Mapping[]): Mapping {
  const result: { [key: string]: Node } = {};
  for (const part of parts) {
    for (const key of Object.keys(part)) {
      const value = part[key];
      if (value !== undefined) result[key] = value;
    }
  }
  return result;
}

/** What is made of an optional value: nothing of nothing. */
export const mapped = <Entry, Result extends Node>(
  entry: Entry | undefined,
  render: (entry: Entry) => Result,
): Result | undefined => (entry === undefined ? undefined : render(entry));

type Token = Reference | PassThrough | VariableName | Text;

/** Told by what nearly every mapping is: looking through the classes first takes longer than writing it. */
const isToken = (node: Mapping | Token): node is Token =>
  Object.getPrototypeOf(node) !== Object.prototype &&
  (isReference(node) || node instanceof Text || node instanceof PassThrough || node instanceof VariableName);

const isReference = (node: Node): node is Reference =>
  node instanceof PlainReference || node instanceof SecretReference || node instanceof DefaultedReference;

/** `Array.isArray` does not narrow a read-only array. */
const isList = (node: Node): node is readonly Node[] => Array.isArray(node);
