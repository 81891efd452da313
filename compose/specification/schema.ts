import committed from './compose-spec.json';

/** The part of JSON Schema (draft 07) that the Compose schema is written in. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly deprecated?: boolean;
}

/** The Go module that the committed schema is a file of, and the program whose reader uses that version. */
export const schemaSource = {
  module: 'github.com/compose-spec/compose-go/v2',
  version: 'v2.9.1',
  file: 'schema/compose-spec.json',
  usedBy: { module: 'github.com/docker/compose/v2', version: 'v2.40.3' },
} as const;

/** The schema that Docker Compose's own reader checks a document with, after merging and interpolation. */
export const composeSchema = committed as unknown as JsonSchema;

/** Follows references within the schema until there is something else. */
export function resolved(schema: JsonSchema): JsonSchema {
  const name = /^#\/definitions\/(.+)$/.exec(schema.$ref ?? '')?.[1];
  const target = name === undefined ? undefined : composeSchema.definitions?.[name];
  return target === undefined ? schema : resolved(target);
}

/** What a schema says of one key, where it names that key. */
export const propertyOf = ({ properties = {} }: JsonSchema, key: string): JsonSchema | undefined =>
  Object.hasOwn(properties, key) ? properties[key] : undefined;
