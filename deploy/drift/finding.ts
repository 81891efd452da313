import { z } from 'zod';

const finding = z.object({
  of: z.enum(['container', 'image', 'network', 'file', 'setting', 'caddy', 'phase', 'unit', 'cron']),
  /** As it is called on the host: `cogni-runtime/postgres`, a path, the name of a setting, a phase of the bootstrap. */
  name: z.string(),
  /** In words: `is in the network backdoor, which is not rendered`. Never a value of a setting. */
  what: z.string(),
  /** The command, or what else, that brings it back. */
  next: z.string(),
});

/** One thing in which a host is not what was rendered for it. */
export type DriftFinding = Readonly<z.infer<typeof finding>>;

const report = z.object({
  version: z.literal(1),
  environment: z.string(),
  /**
   * - `same`: the host has and runs what was brought to it, and nothing else.
   * - `differs`: {@link DriftReport.drift} says where not.
   * - `busy`: somebody is at work (a deploy, a change of edge or SourceCred, the bootstrap), so that nothing can be said.
   */
  state: z.enum(['same', 'differs', 'busy']),
  /** Who is at work; what is known of the release that was looked at. */
  about: z.string(),
  drift: z.array(finding).readonly(),
  /** What this checkout renders otherwise than what was deployed: no drift, it comes with the next deploy. */
  waiting: z.array(finding).readonly(),
});

/** What a look for drift found. */
export type DriftReport = Readonly<z.infer<typeof report>>;

/** @returns the report, or why the text is none */
export function parseDriftReport(text: string): DriftReport | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  const read = report.safeParse(value);
  return read.success
    ? read.data
    : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}
