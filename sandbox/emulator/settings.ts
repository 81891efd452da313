import { z } from 'zod';

/** How long the vendor's side takes, in seconds of the emulator's clock. */
const timingSchema = z.strictObject({
  /** From the order until `provisioning`. */
  pending: z.number().min(0),
  /** From `provisioning` until `active`. */
  provisioning: z.number().min(0),
  /** From the reinstall action until `deployed`. */
  reinstall: z.number().min(0),
  /** From DELETE until 404. */
  termination: z.number().min(0),
});

export type Timing = z.infer<typeof timingSchema>;

/** Everything at once: a POST answers when the machine has started, so that the first poll says `active`. */
const fast: Timing = { pending: 0, provisioning: 0, reinstall: 0, termination: 0 };

/** About what clients of the real API wait for. */
export const realistic: Timing = { pending: 20, provisioning: 90, reinstall: 120, termination: 60 };

/**
 * Where the real API's behaviour is unknown or a matter of the account, it is a setting. Changed at any time through
 * the control API; a reset brings back those of the configuration.
 */
const settingsSchema = z.strictObject({
  timing: z
    .union([z.enum(['fast', 'realistic']), timingSchema])
    .transform((timing) => (timing === 'fast' ? fast : timing === 'realistic' ? realistic : timing)),
  /** Bytes of decoded user-data that are taken. The real limit is undocumented. */
  userDataLimit: z.int().min(1),
  /** What happens to a second key with the same key text. Undocumented. */
  duplicateKeys: z.enum(['refuse', 'accept']),
  /** What DELETE answers for a server that is terminating already. Undocumented. */
  deleteTerminating: z.union([z.literal(404), z.literal(204)]),
  /** Whether a reinstall hands out another private address (seen in the provider's issue 112). */
  reinstallPrivateAddress: z.enum(['new', 'kept']),
  /** Whether a reinstall keeps the primary address, as the vendor promises. */
  reinstallPrimaryAddress: z.enum(['new', 'kept']),
  /** Whether a server is switched on when its reinstall is done. */
  reinstallPower: z.enum(['on', 'off']),
  /** Whether orders and reinstalls end well; one that fails leaves a machine without a system. */
  deployments: z.enum(['succeed', 'fail']),
  /** What GET answers for an address that was deleted. Both were seen in clients. */
  deletedAddresses: z.union([z.literal(404), z.literal(403)]),
  /** Floating addresses for each server of a project, pooled; a project without servers has one server's share. */
  floatingPerServer: z.int().min(0),
  /** Servers that one team may have. The real number is undocumented. */
  serverQuota: z.int().min(0),
  /** Requests that are answered in one second, then 429; null = no limit. Documented: 4 for each source address. */
  rateLimit: z.int().min(1).nullable(),
});

export type Settings = z.infer<typeof settingsSchema>;

export const defaultSettings: Settings = {
  timing: fast,
  userDataLimit: 64 * 1024,
  duplicateKeys: 'refuse',
  deleteTerminating: 404,
  reinstallPrivateAddress: 'new',
  reinstallPrimaryAddress: 'kept',
  reinstallPower: 'on',
  deployments: 'succeed',
  deletedAddresses: 404,
  floatingPerServer: 4,
  serverQuota: 50,
  rateLimit: null,
};

/** Some settings only, as the configuration and the control API take them. */
export const settingsChangeSchema = settingsSchema.partial();

export const changedSettings = (settings: Settings, change: z.infer<typeof settingsChangeSchema>): Settings =>
  settingsSchema.parse({ ...settings, ...change });
