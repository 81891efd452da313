/**
 * What Cherry Servers offers, as far as it can be checked without asking: enough to find a typing error before
 * anything is planned. Whether a plan is in stock, only the API knows.
 *
 * Source: Cherry's region and plan lists as published and as used by the API's clients, 2026-11.
 */
export const regions = [
  'DE-Frankfurt',
  'LT-Siauliai',
  'NL-Amsterdam',
  'SE-Stockholm',
  'SG-Singapore',
  'US-Chicago',
] as const;

/**
 * Images that the bootstrap is written for: their distribution has Docker Compose 2 as a package. These are the exact
 * slugs of the API; an alias that it also takes (`ubuntu_24_04`) makes the provider end every apply in an error.
 */
export const images = ['ubuntu_22_04', 'ubuntu_24_04_64bit'] as const;

/** Virtual server plans: family, cores, memory, disk and kind, as in `B1-4-4gb-80s-shared`. */
const virtualPlan = /^[A-Z]\d-\d{1,3}-(\d{1,4})gb-\d{1,5}(?:s|nv)-(?:shared|ded)$/;
/** Bare metal plans, as in `e5_1620v4`. */
const metalPlan = /^[a-z]+\d?_[a-z0-9_]+$/;

export const planExample = 'B1-4-4gb-80s-shared';

/** Whether a text has the form of a plan's slug. */
export const isPlanSlug = (plan: string): boolean => virtualPlan.test(plan) || metalPlan.test(plan);

/** Memory of a virtual server's plan in GiB, which its name says; undefined for bare metal, whose names do not. */
export function gibibytesOf(plan: string): number | undefined {
  const [, gibibytes] = virtualPlan.exec(plan) ?? [];
  return gibibytes === undefined ? undefined : Number(gibibytes);
}
