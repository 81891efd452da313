/** Trees of plan JSON: values, and the masks beside them whose leaves are `true` and which may collapse to `true`. */

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a mask says `true` of anything in it. */
export const marksAny = (mask: unknown): boolean =>
  mask === true ||
  (Array.isArray(mask) ? mask.some(marksAny) : isObject(mask) && Object.values(mask).some(marksAny));

/** The mask of one part: that of the whole, where it collapsed. */
export function maskOf(mask: unknown, part: string | number): unknown {
  if (mask === true) return true;
  if (Array.isArray(mask)) return mask[Number(part)];
  return isObject(mask) && Object.hasOwn(mask, part) ? mask[part] : undefined;
}

/** A part of a value; undefined where there is none. */
export const partOf = (value: unknown, part: string): unknown =>
  isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;

/** Whether two values are the same to Terraform, for which absent is null. The order of an object's keys says nothing. */
export function same(one: unknown, other: unknown): boolean {
  if (one === undefined || one === null || other === undefined || other === null)
    return (one ?? undefined) === (other ?? undefined);
  if (Array.isArray(one) || Array.isArray(other))
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((each, index) => same(each, other[index]))
    );
  if (isObject(one) && isObject(other)) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].every((key) => same(partOf(one, key), partOf(other, key)));
  }
  return one === other;
}
