import { z } from 'zod';

/** Bodies of the control API. */

export const advanceBody = z.strictObject({
  /** Seconds. */
  advance: z.number().min(0),
});

export const machineFaultsBody = z.strictObject({
  faults: z.array(z.enum(['broken-package', 'full-disk', 'ports-taken'])),
});

export const powerBody = z.strictObject({ action: z.enum(['on', 'off', 'reboot']) });

/** What the machine gets behind the API's back; what is left out, it does not get. */
export const reinstallBody = z.strictObject({
  userData: z.string().optional(),
  authorizedKeys: z.array(z.string()).default([]),
  /** `other`: a free address of the pool, of which the API's record knows nothing. */
  address: z.enum(['kept', 'other']).default('kept'),
});

/** What the API's record says from now on, without anything happening to the machine. */
export const recordBody = z.strictObject({
  /** `of-machine`: the primary address that the machine really has. */
  address: z.literal('of-machine').optional(),
  /** Ids of the keys that it shows. */
  keys: z.array(z.int()).optional(),
});

export const keyBody = z.strictObject({ team: z.int(), label: z.string(), key: z.string() });

/** What a fault mode is about: each asks for some of these. */
export const faultModeBody = z.strictObject({
  variant: z.string().optional(),
  server: z.int().optional(),
  address: z.string().optional(),
  token: z.string().optional(),
  team: z.int().optional(),
  label: z.string().optional(),
  key: z.string().optional(),
  plan: z.string().optional(),
  region: z.string().optional(),
  image: z.string().optional(),
});

export const tokenBody = z.strictObject({ access: z.enum(['full', 'read-only', 'revoked']) });

export const catalogueBody = z.strictObject({
  regions: z.array(z.strictObject({ slug: z.string(), newSlug: z.string().optional() })).optional(),
  images: z
    .array(
      z.strictObject({ slug: z.string(), newSlug: z.string().optional(), newName: z.string().optional() }),
    )
    .optional(),
  plans: z
    .array(
      z.strictObject({
        slug: z.string(),
        newSlug: z.string().optional(),
        stock: z.record(z.string(), z.int().min(0).nullable()).optional(),
        images: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});
