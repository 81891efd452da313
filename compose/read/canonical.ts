import { composeSchema, propertyOf, resolved, type JsonSchema } from '../specification/schema';
import { validateAgainstSchema } from '../specification/validate';
import type { Plain } from '../tree';
import { toYaml } from '../yaml';
import { goText } from './merge';
import type { ReadFault } from './read-fault';
import type { ReadProject } from './read-project';
import { isMapping, type Mapping, type Value } from './yaml-file';

/**
 * The same project as one file in one form: keys that the schema knows in its order, all others by name, and no anchors,
 * tags or folded text. The same document gives the same bytes, in whatever order its files were written.
 *
 * @returns the text, or why a value cannot be written so that every reader takes it for the same
 */
export function renderCanonically(
  project: ReadProject,
): { readonly text: string } | { readonly faults: readonly ReadFault[] } {
  const document = ordered(project.document, composeSchema) as Mapping;
  const faults = unwritable(document).map(({ keys, message }): ReadFault => ({
    code: 'COMPOSE-907',
    ...project.locate(keys),
    path: keys.join('/'),
    message,
  }));
  if (faults.length > 0) return { faults };
  return { text: toYaml(fractionsAsText(document, '') as { readonly [key: string]: Plain }) };
}

function ordered(value: Value, schema: JsonSchema | undefined): Value {
  const shapes = shapesOf(schema);
  if (Array.isArray(value)) {
    const items = shapes.find((shape) => shape.items !== undefined)?.items;
    return value.map((item) => ordered(item, items));
  }
  if (!isMapping(value)) return value;
  const shape = shapes.find(({ properties, patternProperties }) => properties ?? patternProperties);
  const known = Object.keys(shape?.properties ?? {});
  const rank = (key: string): number => (known.includes(key) ? known.indexOf(key) : known.length);
  const keys = Object.keys(value).sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, ordered(value[key] ?? null, below(shape, key))]));
}

/** The forms that a value may have. */
const shapesOf = (schema: JsonSchema | undefined): readonly JsonSchema[] => {
  if (schema === undefined) return [];
  const target = resolved(schema);
  return target.oneOf === undefined ? [target] : target.oneOf.flatMap(shapesOf);
};

/** What the schema says of one key's value. */
function below(shape: JsonSchema | undefined, key: string): JsonSchema | undefined {
  const pattern = Object.entries(shape?.patternProperties ?? {}).find(([each]) => new RegExp(each).test(key));
  const rest = typeof shape?.additionalProperties === 'object' ? shape.additionalProperties : undefined;
  return (shape && propertyOf(shape, key)) ?? pattern?.[1] ?? rest;
}

interface Unwritable {
  readonly keys: readonly (string | number)[];
  readonly message: string;
}

const halfOfAPair = /[\uD800-\uDFFF]/u;
/** An escaped sign takes up to ten places, and a key's line 1024 (YAML 1.2, "Implicit keys"). */
const longestKey = 1000;

/** Numbers with a fraction become text where the schema takes text, which is everywhere but in extension fields. */
function unwritable(document: Mapping): readonly Unwritable[] {
  const before = new Set(validateAgainstSchema(document).map(({ path }) => path));
  const refused = validateAgainstSchema(fractionsAsText(document, ''))
    .filter(({ path }) => !before.has(path))
    .map(({ keys }) => ({ keys, message: fractionMessage }));
  return [...refused, ...unwritableBelow(document, [])];
}

const fractionMessage =
  'is a number that is not whole or not safe, in a place that takes no text: readers differ on it';

function unwritableBelow(value: Value, keys: readonly (string | number)[]): readonly Unwritable[] {
  if (typeof value === 'string') {
    return halfOfAPair.test(value)
      ? [{ keys, message: 'holds half of a surrogate pair, which UTF-8 cannot' }]
      : [];
  }
  if (typeof value === 'number') {
    const kept = !Number.isSafeInteger(value) && keys.some((key) => isExtension(String(key)));
    return kept ? [{ keys, message: fractionMessage }] : [];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => unwritableBelow(item, [...keys, index]));
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, entry]) => [
    ...(JSON.stringify(key).length > longestKey / 10 && escapedLength(key) > longestKey
      ? [{ keys, message: 'holds a key that is too long to be written on one line' }]
      : []),
    ...(halfOfAPair.test(key)
      ? [{ keys, message: 'holds a key with half of a surrogate pair, which UTF-8 cannot' }]
      : []),
    ...unwritableBelow(entry, [...keys, key]),
  ]);
}

const escapedLength = (key: string): number =>
  Array.from(key).reduce((length, sign) => {
    const code = sign.codePointAt(0) ?? 0;
    if (code >= 0x20 && code < 0x7f) return length + 2;
    return length + (code <= 0xff ? 4 : code <= 0xffff ? 6 : 10);
  }, 2);

function fractionsAsText(value: Value, key: string): Value {
  if (isExtension(key)) return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : goText(value);
  if (Array.isArray(value)) return value.map((item) => fractionsAsText(item, ''));
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([each, entry]) => [each, fractionsAsText(entry, each)]),
  );
}

/** Compose specification, "Extension". */
const isExtension = (key: string): boolean => key.startsWith('x-');
