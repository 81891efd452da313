import fc from 'fast-check';
import { dump } from 'js-yaml';
import { composeSchema, resolved, type JsonSchema } from '../../compose/specification/schema';
import { corpusCases, corpusFiles } from '../tool/compose/corpus';
import { anyString, hostileStrings } from '../unit/compose/hostile';

/** Stands for every secret: no message may hold it. */
export const planted = 's3cr3t-pl4nted';

const name = fc.oneof(fc.constantFrom('app', 'db', 'a.b', 'x_y', '1'), fc.constantFrom(...hostileStrings));
const text = fc.oneof(
  anyString,
  fc.constantFrom(
    planted,
    `a=${planted}`,
    `${planted}:80`,
    '${A:?b}',
    '$A',
    '${A:-${B}}',
    '80:80',
    './a:/b',
    'db',
  ),
);
/** Anything, where the schema says nothing, or where it is not kept to. */
const anything = fc.oneof(
  { depthSize: 'small' },
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(text, { maxLength: 3 }),
  fc.dictionary(name, text, { maxKeys: 3 }),
);

/** Values of a schema's shape, a few of them of none: half-right documents go deeper than random ones. */
function valueOf(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
  const target = resolved(schema);
  const right =
    target.oneOf !== undefined
      ? fc.oneof(...target.oneOf.map((shape) => valueOf(shape, depth)))
      : shapeOf(target, depth);
  return fc.oneof({ weight: 30, arbitrary: right }, { weight: 1, arbitrary: anything });
}

function shapeOf(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const types = [schema.type ?? 'string'].flat();
  return fc.oneof(...types.map((type) => ofType(type, schema, depth)));
}

function ofType(type: string, schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return depth === 0 ? fc.constant({}) : mappingOf(schema, depth - 1);
    case 'array':
      return fc.array(depth === 0 ? text : valueOf(schema.items ?? {}, depth - 1), { maxLength: 3 });
    case 'integer':
      return fc.integer();
    case 'number':
      return fc.oneof(fc.integer(), fc.double({ noNaN: true, min: -1e5, max: 1e5 }));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return text;
  }
}

function mappingOf(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
  const known = Object.entries(schema.properties ?? {});
  const rest = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
  const free =
    Object.entries(schema.patternProperties ?? {}).find(([pattern]) => !pattern.startsWith('^x-'))?.[1] ??
    rest;
  const knownEntries = fc
    .subarray(known, { maxLength: Math.min(6, known.length) })
    .chain((chosen) =>
      fc.tuple(...chosen.map(([key, value]) => fc.tuple(fc.constant(key), valueOf(value, depth)))),
    );
  const freeEntries = fc.array(fc.tuple(name, valueOf(free, depth)), { maxLength: known.length > 0 ? 1 : 3 });
  const entries =
    known.length === 0
      ? freeEntries
      : fc
          .tuple(
            knownEntries,
            fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: freeEntries }),
          )
          .map((both) => both.flat());
  return entries.map((all) => Object.fromEntries(all));
}

const service = valueOf({ $ref: '#/definitions/service' }, 4);

/** Documents of the schema's shape, mostly. */
const document = fc.record(
  {
    services: fc.dictionary(fc.constantFrom('app', 'db', 'job'), service, { minKeys: 1, maxKeys: 3 }),
    networks: valueOf(composeSchema.properties?.['networks'] ?? {}, 4),
    volumes: valueOf(composeSchema.properties?.['volumes'] ?? {}, 4),
    secrets: valueOf(composeSchema.properties?.['secrets'] ?? {}, 4),
    configs: valueOf(composeSchema.properties?.['configs'] ?? {}, 4),
  },
  { requiredKeys: ['services'] },
);

/** Compose files as text: written by another writer than ours, in whatever style. */
export const structuredFile: fc.Arbitrary<string> = fc
  .tuple(document, fc.integer({ min: -1, max: 4 }), fc.boolean())
  .map(([value, flowLevel, forceQuotes]) => dump(value, { flowLevel, forceQuotes, skipInvalid: true }));

const corpusTexts = corpusCases.flatMap((each) =>
  each.files.flatMap((file) => corpusFiles(each)(file) ?? []),
);
const shards = [
  '\n',
  '  ',
  ': ',
  '- ',
  '&a ',
  '*a',
  '!reset ',
  '<<: ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '|',
  '#',
  '---\n',
  '\t',
  '\u0000',
  '\uFEFF',
  '\u0085',
  '\u2028',
  '#\u2029',
  '0',
  planted,
];

/** Files of the corpus with something cut out and something put in, anywhere. */
export const brokenFile: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...corpusTexts),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 30 }), fc.oneof(fc.constantFrom(...shards), text)), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([whole, changes]) =>
    changes.reduce((written, [at, length, put]) => {
      const start = at % (written.length + 1);
      return written.slice(0, start) + put + written.slice(start + length);
    }, whole),
  );
