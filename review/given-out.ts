import type { Change } from './plan';
import type { GivenOut } from './rules/rule';
import { isObject, marksAny, maskOf, partOf } from './tree';
import type { Verdict } from './verdict';

/**
 * What comes of a change in place when the plan promises a number that the API gives out.
 *
 * @returns undefined where the plan leaves the number open, or its switch stays as it is
 */
export function brokenPromise(
  { before, after, after_unknown }: Change,
  attribute: string,
  { number, when }: GivenOut,
): { readonly verdict: Verdict; readonly why: string } | undefined {
  const mask = maskOf(after_unknown, attribute);
  if (marksAny(maskOf(mask, number))) return undefined;
  const [was, becomes] = [before, after].map((side) => partOf(partOf(side, attribute), when) === true);
  const open = marksAny(maskOf(mask, when));
  const [turned, named] = [`${attribute}.${when}`, `${attribute}.${number}`];
  const becoming = partOf(after, attribute);
  if (!open && isObject(becoming) && !Object.hasOwn(becoming, when))
    return { verdict: 'REVIEW', why: `the plan does not say what becomes of ${turned}` };
  if (!open && was === becomes) return undefined;
  const fails = 'Terraform ends the apply in an error, with the change made';
  if (!was && partOf(partOf(before, attribute), number) === 0)
    return {
      verdict: 'DOOMED',
      why: `${turned} ${open ? 'may go' : 'goes'} on, and with it the provider gives out a number; the plan promises that ${named} stays 0, so ${fails}. Switch it on at the provider first: then nothing is left to change`,
    };
  return {
    verdict: 'REVIEW',
    why: `${turned} changes, and the plan promises that ${named} stays what it is; whether it does is not known, and if not, ${fails}`,
  };
}
