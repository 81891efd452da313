import { rawOnly } from '../raw-only';
import { hasVariable } from '../rules/entry';
import { hidesMissing } from '../tree';
import { composeSchema, propertyOf, resolved, type JsonSchema } from '../specification/schema';
import { isMapping, type Mapping, type Value } from './yaml-file';

/** Something that a project of constructs has to write with `raw`, or cannot write at all. */
export interface Inexpressible {
  readonly keys: readonly (string | number)[];
  /** Why, and what takes its place. Never a value. */
  readonly why: string;
}

const reasons: ReadonlyMap<string, string> = new Map(rawOnly.map(({ key, why }) => [key, why]));

/**
 * What of a document the typed constructs do not write. Short forms count as what they stand for: the constructs write the
 * long ones, which mean the same.
 *
 * @param document one that the schema allows
 */
export function inexpressible(document: Mapping): readonly Inexpressible[] {
  return [...below(document, [composeSchema], [], '')];
}

function* below(
  value: Value,
  schemas: readonly JsonSchema[],
  keys: readonly (string | number)[],
  pattern: string,
): Generator<Inexpressible> {
  const shapes = schemas.flatMap(shapesOf);
  if (typeof value === 'string') {
    yield* inText(value, shapes, keys);
  } else if (Array.isArray(value)) {
    const items = shapes.flatMap((shape) => shape.items ?? []);
    for (const [index, item] of value.entries()) yield* below(item, items, [...keys, index], pattern);
  } else if (isMapping(value)) {
    for (const [key, entry] of Object.entries(value)) yield* inEntry(key, entry, shapes, keys, pattern);
  }
}

function* inEntry(
  key: string,
  entry: Value,
  shapes: readonly JsonSchema[],
  keys: readonly (string | number)[],
  pattern: string,
): Generator<Inexpressible> {
  const path = [...keys, key];
  const under = (name: string): string => (pattern === '' ? name : `${pattern}.${name}`);
  const known = shapes.flatMap((shape) => propertyOf(shape, key) ?? []);
  const why = known.length > 0 ? reasons.get(under(key)) : undefined;
  if (why !== undefined) {
    yield { keys: path, why };
  } else if (known.length > 0) {
    yield* below(entry, known, path, under(key));
  } else if (
    key.startsWith('x-') &&
    shapes.some(({ patternProperties }) => patternProperties?.['^x-'] !== undefined)
  ) {
    yield {
      keys: path,
      why: 'an extension field: what it is for, a constant of the program does with types',
    };
  } else {
    const named = shapes.flatMap((shape) => namedBy(shape, key));
    yield* below(entry, named, path, under('*'));
  }
}

const shapesOf = (schema: JsonSchema): readonly JsonSchema[] => {
  const target = resolved(schema);
  return target.oneOf === undefined ? [target] : target.oneOf.flatMap(shapesOf);
};

function namedBy(shape: JsonSchema, key: string): readonly JsonSchema[] {
  const patterns = Object.entries(shape.patternProperties ?? {});
  const named = patterns.flatMap(([each, schema]) => (new RegExp(each).test(key) ? [schema] : []));
  if (named.length > 0) return named;
  return typeof shape.additionalProperties === 'object' ? [shape.additionalProperties] : [];
}

const otherTypes = new Set(['number', 'integer', 'boolean']);

function* inText(
  text: string,
  shapes: readonly JsonSchema[],
  keys: readonly (string | number)[],
): Generator<Inexpressible> {
  if (!hasVariable(text)) return;
  const types = new Set(shapes.flatMap(({ type }) => type ?? []));
  if ([...types].some((type) => otherTypes.has(type)) && !isEntryOfNames(shapes)) {
    yield {
      keys,
      why: 'a variable in the place of a number or a truth value, which the constructs take as what it is',
    };
  } else if (hidesMissing(text)) {
    yield {
      keys,
      why: 'a variable in another form than ${NAME:?message} or ${NAME:-fallback}: an unset one would become empty text',
    };
  }
}

/** Values under free names (environment, labels) may be numbers too: they are text all the same. */
const isEntryOfNames = (shapes: readonly JsonSchema[]): boolean =>
  shapes.some(
    ({ type }) =>
      Array.isArray(type) && type.includes('null') && type.includes('boolean') && type.includes('number'),
  );
