import { check, rawOnly, reportOf, synthesize } from '../../../../compose';
import { composeSchema, resolved, type JsonSchema } from '../../../../compose/specification/schema';
import { load } from 'js-yaml';
import { everyKey } from './project';

/** Keys of the specification, as paths: `services.*.build.context`. Below lists and alternatives the path stays. */
function keysOf(schema: JsonSchema, path: string, found: Set<string>): void {
  const { properties = {}, patternProperties = {}, items, oneOf = [] } = resolved(schema);
  for (const alternative of oneOf) keysOf(alternative, path, found);
  if (items !== undefined) keysOf(items, path, found);
  for (const [pattern, inner] of Object.entries(patternProperties)) {
    if (pattern !== '^x-') keysOf(inner, `${path}.*`, found);
  }
  for (const [key, inner] of Object.entries(properties)) {
    const below = path === '' ? key : `${path}.${key}`;
    found.add(below);
    keysOf(inner, below, found);
  }
}

/** Those of them that a document has. */
function used(schema: JsonSchema, value: unknown, path: string, found: Set<string>): void {
  const { properties = {}, patternProperties = {}, items, oneOf = [] } = resolved(schema);
  for (const alternative of oneOf) used(alternative, value, path, found);
  if (Array.isArray(value)) value.forEach((item) => items !== undefined && used(items, item, path, found));
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
      const below = path === '' ? key : `${path}.${key}`;
      if (property !== undefined) {
        found.add(below);
        used(property, inner, below, found);
      }
      for (const [pattern, more] of Object.entries(patternProperties)) {
        if (property === undefined && new RegExp(pattern).test(key)) used(more, inner, `${path}.*`, found);
      }
    }
  }
}

describe('the Compose specification', () => {
  const [all, written] = [new Set<string>(), new Set<string>()];
  keysOf(composeSchema, '', all);
  used(composeSchema, load(synthesize(everyKey())[0]?.content ?? ''), '', written);
  const isRawOnly = (path: string): boolean =>
    rawOnly.some(({ key }) => path === key || path.startsWith(`${key}.`));

  it('has many keys, which the walk finds', () => {
    expect(all.size).toBeGreaterThan(280);
    expect(all).toContain('services.*.deploy.resources.reservations.devices.capabilities');
  });

  it('can be written with properties, key by key, but for those that are listed as raw with a reason', () => {
    expect([...all].filter((path) => !written.has(path) && !isRawOnly(path))).toEqual([]);
  });

  it('names no key as raw that it does not have, or that has a property', () => {
    expect(rawOnly.filter(({ key }) => !all.has(key) || written.has(key))).toEqual([]);
    for (const { why } of rawOnly) expect(why.length).toBeGreaterThan(10);
  });

  it('finds no fault in the project that writes all of it, and needs nothing raw for it', () => {
    expect(check(everyKey())).toEqual([]);
    expect(reportOf(everyKey()).raw).toEqual([]);
  });
});
