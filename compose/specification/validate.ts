import type Ajv from 'ajv';
import type { ErrorObject, Options, SchemaValidateFunction, ValidateFunction } from 'ajv';
import { createRequire } from 'node:module';
import { composeSchema } from './schema';

/** One thing in a document that the Compose schema does not allow. */
export interface SchemaFault {
  /** The keys that lead to it: `['services', 'app', 'ports', 0]`. */
  readonly keys: readonly (string | number)[];
  /** The same as text: `services/app/ports/0`; empty for the document itself. */
  readonly path: string;
  /** What is wrong and what is allowed. It never holds a value of the document: that could be a secret. */
  readonly what: string;
}

/**
 * Checks a document, as data, with the schema that Docker Compose's own reader uses.
 *
 * The schema knows the shape of every key, not what the values refer to: a missing network passes. It is made for a document whose variables are
 * replaced; a whole `${VAR}` in the place of a number or boolean passes where the schema takes strings there, as it does nearly everywhere.
 *
 * @returns every fault, by path; none when Compose would take the document's shape
 */
export function validateAgainstSchema(document: unknown): readonly SchemaFault[] {
  quick ??= compiled({ messages: false });
  if (quick(document) === true) return [];
  explaining ??= compiled({ allErrors: true, jsonPointers: true, verbose: true });
  return explaining(document) === true ? [] : explained(explaining.errors ?? []);
}

/** Both compiled when first asked for: most commands never read a document, and most documents have no fault to be explained. */
let quick: ValidateFunction | undefined;
let explaining: ValidateFunction | undefined;

function compiled(options: Options): ValidateFunction {
  const AjvClass = createRequire(__filename)('ajv') as typeof Ajv;
  // Draft 07 is what this ajv speaks by itself; it does not know the address that the schema gives for it.
  const schema = { ...composeSchema, $schema: undefined };
  // The schema itself is checked by its test, not again in every process: compiling the schema of schemas takes longer than using it.
  return new AjvClass({ ...options, meta: false, validateSchema: false })
    .removeKeyword('uniqueItems')
    .addKeyword('uniqueItems', { type: 'array', errors: true, validate: uniqueItems })
    .compile(schema);
}

/**
 * The schema's `uniqueItems`, instead of ajv's: that one compares by calling what an item has under `toString` or `valueOf`, and a
 * document may have anything there.
 */
const uniqueItems: SchemaValidateFunction = (wanted: boolean, items: readonly unknown[]) => {
  if (!wanted) return true;
  const first = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const text = canonical(item);
    const same = first.get(text);
    if (same !== undefined) {
      // ajv adds where it is.
      uniqueItems.errors = [{ keyword: 'uniqueItems', params: { i: index, j: same } } as ErrorObject];
      return false;
    }
    first.set(text, index);
  }
  return true;
};

/** The same text for equal values, and for these only: the order of keys means nothing. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`);
  return `{${entries.sort().join(',')}}`;
}

/**
 * A value that fits none of several forms is reported with the faults of every form. What lies deepest tells the form
 * that was meant; where nothing lies deeper, the kinds of value that are allowed are named together.
 */
function explained(errors: readonly ErrorObject[]): readonly SchemaFault[] {
  const choices = new Set(
    errors.filter(({ keyword }) => keyword === 'oneOf').map(({ dataPath }) => dataPath),
  );
  const single = errors.filter(({ keyword }) => keyword !== 'oneOf');
  const types = new Map<string, string[]>();
  for (const { dataPath, keyword, params } of single) {
    if (keyword !== 'type') continue;
    const allowed = String((params as { type: unknown }).type).split(',');
    types.set(dataPath, [...(types.get(dataPath) ?? []), ...allowed]);
  }
  const deeper = new Set(single.flatMap(pathsAbove));
  const named = new Set(single.map(({ dataPath }) => dataPath));
  const faults = new Map<string, SchemaFault>();
  for (const error of errors) {
    const { dataPath, keyword } = error;
    if (choices.has(dataPath)) {
      if ((keyword === 'type' || keyword === 'oneOf') && deeper.has(dataPath)) continue;
      if (keyword === 'oneOf' && named.has(dataPath)) continue;
    }
    const keys = keysOf(dataPath, error);
    const what = keyword === 'type' ? kindsAllowed(types.get(dataPath) ?? []) : sentence(error);
    const fault: SchemaFault = { keys, path: keys.join('/'), what };
    faults.set(`${fault.path}\0${what}`, fault);
  }
  return [...faults.values()].sort((one, other) =>
    one.path < other.path ? -1 : one.path > other.path ? 1 : 0,
  );
}

/** The places that an error lies below. One about a value's content, an unknown key say, lies below the value. */
function pathsAbove({ dataPath, keyword }: ErrorObject): readonly string[] {
  const parts = dataPath.split('/');
  const count = keyword === 'type' ? parts.length - 1 : parts.length;
  return Array.from({ length: count }, (_, index) => parts.slice(0, index + 1).join('/'));
}

function keysOf(dataPath: string, error: ErrorObject): readonly (string | number)[] {
  const keys = dataPath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^(?:0|[1-9][0-9]{0,8})$/.test(part) ? Number(part) : part));
  const unknown = (error.params as { additionalProperty?: string }).additionalProperty;
  return unknown === undefined ? keys : [...keys, unknown];
}

const nouns: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'empty',
};

const kindsAllowed = (types: readonly string[]): string =>
  `must be ${[...new Set(types)].map((type) => nouns[type] ?? type).join(', or ')}`;

function sentence(error: ErrorObject): string {
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(String(params['additionalProperty']), Object.keys(propertiesOf(error)));
    case 'required':
      return `the key "${String(params['missingProperty'])}" is missing`;
    case 'enum':
      return `must be one of ${(params['allowedValues'] as unknown[]).map(String).join(', ')}`;
    case 'uniqueItems':
      return `entries ${[Number(params['i']), Number(params['j'])].sort((one, other) => one - other).join(' and ')} are the same`;
    case 'pattern':
      return `does not match ${String(params['pattern'])}`;
    case 'minimum':
    case 'maximum':
      return `must be ${error.keyword === 'minimum' ? 'at least' : 'at most'} ${String(params['limit'])}`;
    case 'oneOf':
      return 'fits more than one of the allowed forms, or none of them';
    default:
      return error.message ?? `breaks the schema's rule "${error.keyword}"`;
  }
}

const propertiesOf = (error: ErrorObject): Readonly<Record<string, unknown>> =>
  (error.parentSchema as { properties?: Record<string, unknown> } | undefined)?.properties ?? {};

function unknownKey(key: string, allowed: readonly string[]): string {
  const near = allowed.find((candidate) => distance(key, candidate) <= 2);
  if (near !== undefined) return `is not a key that Compose knows here: did you mean "${near}"?`;
  const list = allowed.length > 0 && allowed.length <= 12 ? `: allowed are ${allowed.join(', ')}` : '';
  return `is not a key that Compose knows here${list}`;
}

/** Letters to change, add or leave out to make one word of the other; anything over 2 is just "far". */
function distance(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 2) return 3;
  const letters = other.split('');
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of one.split('').entries()) {
    const next = [index + 1];
    for (const [column, opposite] of letters.entries()) {
      const replaced = (row[column] ?? 0) + (letter === opposite ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 3;
}
