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
