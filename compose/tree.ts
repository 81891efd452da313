import { PassThrough, PlainReference, SecretReference, Text } from './reference';

/** A Compose document as data, before interpolation is written out. Undefined entries are left out. */
export type Node =
  | string
  | number
  | boolean
  | PlainReference
  | SecretReference
  | PassThrough
  | Text
  | readonly Node[]
  | { readonly [key: string]: Node | undefined };

/** The same with nothing but what YAML holds. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** One variable that a document reads. */
export interface VariableUse {
  readonly variable: string;
  readonly sensitive: boolean;
  /** False where an unset variable is left out. */
  readonly required: boolean;
  /** Undefined for a pass-through, which has none. */
  readonly message?: string;
}

/**
 * Writes references as Compose's interpolation and escapes `$` in everything else, so that a literal stays literal
 * (Compose specification, "Interpolation").
 */
export function interpolated(node: Node): Plain {
  if (typeof node === 'number' || typeof node === 'boolean') return node;
  if (node instanceof PassThrough) return null;
  if (typeof node === 'string' || isReference(node)) return inString(node);
  if (node instanceof Text) return node.parts.map(inString).join('');
  if (isList(node)) return node.map(interpolated);
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, value]) => (value === undefined ? [] : [[key, interpolated(value)]])),
  );
}

/** Every variable that a document reads, in its order. */
export function variablesOf(node: Node): readonly VariableUse[] {
  if (typeof node === 'string' || typeof node === 'number' || typeof node === 'boolean') return [];
  if (isReference(node)) {
    return [{ variable: node.variable, sensitive: node.sensitive, required: true, message: node.message }];
  }
  if (node instanceof PassThrough) {
    return [{ variable: node.variable, sensitive: node.sensitive, required: false }];
  }
  if (node instanceof Text) return node.parts.flatMap(variablesOf);
  const children = isList(node) ? node : Object.values(node);
  return children.flatMap((child) => (child === undefined ? [] : variablesOf(child)));
}

const inString = (part: string | PlainReference | SecretReference): string =>
  typeof part === 'string' ? part.replaceAll('$', '$$$$') : `\${${part.variable}:?${part.message}}`;

const isReference = (node: Node): node is PlainReference | SecretReference =>
  node instanceof PlainReference || node instanceof SecretReference;

/** `Array.isArray` does not narrow a read-only array. */
const isList = (node: Node): node is readonly Node[] => Array.isArray(node);
