import type { Requirement } from './setting';

/** In words: `yes`, `no`, `when X is set`, `unless X is set`. */
export function requirementText(required: Requirement): string {
  if (typeof required === 'boolean') return required ? 'yes' : 'no';
  const [word, names] =
    'whenSet' in required ? (['when', required.whenSet] as const) : (['unless', required.unlessSet] as const);
  return `${word} ${names.join(' or ')} is set`;
}

/**
 * Why a setting must be there, beside these others.
 *
 * @returns what follows "is missing": empty where it always must be; undefined where it need not be
 */
export function whyRequired(
  required: Requirement,
  others: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (typeof required === 'boolean') return required ? '' : undefined;
  if ('whenSet' in required) {
    const counterpart = required.whenSet.find((other) => others[other]);
    return counterpart === undefined ? undefined : `, and ${counterpart} is set`;
  }
  const { unlessSet } = required;
  return unlessSet.some((other) => others[other]) ? undefined : `, and so is ${unlessSet.join(' or ')}`;
}
