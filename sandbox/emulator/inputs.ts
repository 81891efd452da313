import { z } from 'zod';
import { Refused } from './validation';

/**
 * Request bodies. Shapes only: what the values may be is for the rules. Clients send more than is listed here
 * (`project_id`, `discount`); the rest is ignored, as the API does.
 */
const id = z.union([z.string(), z.int()]).transform(String);
const tags = z.record(z.string(), z.string());

export const createServerBody = z.object({
  plan: z.string(),
  region: z.string(),
  hostname: z.string().optional(),
  image: z.string().optional(),
  ssh_keys: z.array(id).default([]),
  ip_addresses: z.array(id).default([]),
  user_data: z.string().optional(),
  tags: tags.nullable().optional(),
  spot_market: z.boolean().default(false),
  os_partition_size: z.int().min(1).optional(),
  cycle: z.string().optional(),
});

export const updateServerBody = z.object({
  name: z.string().min(1).optional(),
  hostname: z.string().optional(),
  tags: tags.nullable().optional(),
  bgp: z.boolean().optional(),
});

export const actionBody = z.object({
  type: z.string(),
  image: z.string().optional(),
  hostname: z.string().optional(),
  password: z.string().default(''),
  ssh_keys: z.array(id).default([]),
  user_data: z.string().optional(),
  os_partition_size: z.int().min(1).optional(),
});

export const createAddressBody = z.object({
  region: z.string(),
  ptr_record: z.string().optional(),
  a_record: z.string().optional(),
  routed_to: z.string().optional(),
  targeted_to: id.optional(),
  tags: tags.nullable().optional(),
});

export const updateAddressBody = createAddressBody.omit({ region: true });

export const keyBody = z.object({ label: z.string().default(''), key: z.string().default('') });
export const updateKeyBody = z.object({ label: z.string().optional(), key: z.string().optional() });

export const projectBody = z.object({ name: z.string().default(''), bgp: z.boolean().default(false) });
export const updateProjectBody = z.object({ name: z.string().optional(), bgp: z.boolean().optional() });

export type CreateServerBody = z.infer<typeof createServerBody>;
export type UpdateServerBody = z.infer<typeof updateServerBody>;
export type ActionBody = z.infer<typeof actionBody>;
export type CreateAddressBody = z.infer<typeof createAddressBody>;
export type UpdateAddressBody = z.infer<typeof updateAddressBody>;

/** @throws Refused that lists everything about the body that does not fit. */
export function parsedBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new Refused('badParameters', faults.join('; '));
}
