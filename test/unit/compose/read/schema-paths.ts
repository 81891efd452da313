import { composeSchema, resolved, type JsonSchema } from '../../../../compose/specification/schema';

/** The forms that a value may have. */
const shapesOf = (schema: JsonSchema): readonly JsonSchema[] => {
  const target = resolved(schema);
  return target.oneOf === undefined ? [target] : target.oneOf.flatMap(shapesOf);
};

/** Every key that the schema knows, by path: `services.*.build.context`. Names that a person gives are `*`. */
export function schemaPaths(schema: JsonSchema = composeSchema, path = ''): ReadonlySet<string> {
  const under = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const paths = new Set<string>();
  const add = (more: ReadonlySet<string>): void => more.forEach((each) => paths.add(each));
  for (const shape of shapesOf(schema)) {
    for (const [key, value] of Object.entries(shape.properties ?? {})) {
      paths.add(under(key));
      add(schemaPaths(value, under(key)));
    }
    for (const [pattern, value] of Object.entries(shape.patternProperties ?? {})) {
      if (!pattern.startsWith('^x-')) add(schemaPaths(value, under('*')));
    }
    if (typeof shape.additionalProperties === 'object')
      add(schemaPaths(shape.additionalProperties, under('*')));
    if (shape.items !== undefined) add(schemaPaths(shape.items, path));
  }
  return paths;
}

/** Which of the schema's keys a document uses. */
export function usedPaths(
  document: unknown,
  schema: JsonSchema = composeSchema,
  path = '',
): ReadonlySet<string> {
  const under = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const paths = new Set<string>();
  const add = (more: ReadonlySet<string>): void => more.forEach((each) => paths.add(each));
  for (const shape of shapesOf(schema)) {
    if (Array.isArray(document)) {
      if (shape.items !== undefined) for (const item of document) add(usedPaths(item, shape.items, path));
      continue;
    }
    if (typeof document !== 'object' || document === null) continue;
    for (const [key, value] of Object.entries(document)) {
      const known = shape.properties?.[key];
      if (known !== undefined) {
        paths.add(under(key));
        add(usedPaths(value, known, under(key)));
        continue;
      }
      const named = Object.entries(shape.patternProperties ?? {}).find(([each]) =>
        new RegExp(each).test(key),
      );
      const rest = typeof shape.additionalProperties === 'object' ? shape.additionalProperties : undefined;
      const schemaOfKey = named?.[0].startsWith('^x-') === true ? undefined : (named?.[1] ?? rest);
      if (schemaOfKey !== undefined) add(usedPaths(value, schemaOfKey, under('*')));
    }
  }
  return paths;
}
