import { encodedText } from './encoding';
import { shown, type Masking, type Shown } from './masking';
import type { Change } from './plan';
import type { AttributeRule, TypeRules } from './rules/rule';
import { isObject, marksAny, maskOf, partOf, same } from './tree';

/** One attribute of a resource that differs, or may differ once it is known. */
export interface ChangedAttribute {
  readonly name: string;
  /** The rule for it; undefined when the table has none. */
  readonly rule: AttributeRule | undefined;
  readonly before: unknown;
  /** Undefined where it is unknown or removed. */
  readonly after: unknown;
  /** Whether it, or a part of it, is only known after apply. */
  readonly unknown: boolean;
}

/** A difference as a report shows it. */
export interface ShownAttribute {
  /** `tags.env`; parts of lists are not told apart. */
  readonly path: string;
  readonly before: Shown;
  readonly after: Shown;
  /** Whether it is what forces a replacement, as Terraform says. */
  readonly forcesReplacement: boolean;
}

/** The attributes that differ, compared as the provider does: before against after, and unknown counts as different. */
export function changedAttributes(change: Change, rules: TypeRules | undefined): readonly ChangedAttribute[] {
  return namesOf(change)
    .map((name): ChangedAttribute => ({
      name,
      rule: rules && Object.hasOwn(rules.attributes, name) ? rules.attributes[name] : undefined,
      before: partOf(change.before, name),
      after: partOf(change.after, name),
      unknown: marksAny(maskOf(change.after_unknown, name)),
    }))
    .filter(({ before, after, unknown }) => unknown || !same(before, after));
}

/** Differences as they may be shown, objects and maps taken apart. */
export function shownAttributes(
  change: Change,
  changed: readonly ChangedAttribute[],
  masking: Masking,
): readonly ShownAttribute[] {
  const forcing = new Set((change.replace_paths ?? []).map(([first]) => String(first)));
  return changed.flatMap(({ name, rule, before, after }) =>
    takeApart(
      [name],
      {
        before: rule?.document ? asDocument(before) : before,
        after: rule?.document ? asDocument(after) : after,
        unknown: maskOf(change.after_unknown, name),
        beforeSensitive: maskOf(change.before_sensitive, name),
        afterSensitive: maskOf(change.after_sensitive, name),
      },
      masking,
    ).map((part) => ({ ...part, forcesReplacement: forcing.has(name) })),
  );
}

/** A document is shown decoded beside the table, and as it is nowhere. */
const asDocument = (value: unknown): unknown => (typeof value === 'string' ? encodedText(value) : value);

const namesOf = ({ before, after, after_unknown }: Change): readonly string[] =>
  [...new Set([before, after, after_unknown].filter(isObject).flatMap(Object.keys))].sort();

interface Sides {
  readonly before: unknown;
  readonly after: unknown;
  readonly unknown: unknown;
  readonly beforeSensitive: unknown;
  readonly afterSensitive: unknown;
}

function takeApart(
  path: readonly string[],
  sides: Sides,
  masking: Masking,
): readonly Omit<ShownAttribute, 'forcesReplacement'>[] {
  const { before, after, unknown, beforeSensitive, afterSensitive } = sides;
  const whole = [unknown, beforeSensitive, afterSensitive].includes(true);
  if (!whole && [before, after].every((side) => isObject(side) || side === null || side === undefined)) {
    const keys = [...new Set([before, after, unknown].filter(isObject).flatMap(Object.keys))].sort();
    if (keys.length > 0)
      return keys
        .map((key) => ({
          key,
          part: {
            before: partOf(before, key),
            after: partOf(after, key),
            unknown: maskOf(unknown, key),
            beforeSensitive: maskOf(beforeSensitive, key),
            afterSensitive: maskOf(afterSensitive, key),
          },
        }))
        .filter(({ part }) => marksAny(part.unknown) || !same(part.before, part.after))
        .flatMap(({ key, part }) => takeApart([...path, key], part, masking));
  }
  return [
    {
      path: masking.redact(path.join('.')),
      before: shown(before, { unknown: undefined, sensitive: beforeSensitive }, path, masking),
      after: shown(after, { unknown, sensitive: afterSensitive }, path, masking),
    },
  ];
}
