import { createHash } from 'node:crypto';
import { z } from 'zod';

/**
 * What is written down of a plan when it is made, in clear: what it was made from, what it does, until when it may be
 * applied. Nothing in it is secret.
 *
 * The version of the format is part of what is signed: a field that is added or changes its meaning needs a new one.
 */
export const manifestFormat = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hex');
const time = z.iso.datetime({ offset: true });

const manifestShape = z.strictObject({
  format: z.literal(manifestFormat),
  /** Name of the environment, and id of its stack that was planned. */
  environment: z.string().min(1),
  stack: z.string().min(1),
  /** SHA of the checkout's commit; null where git says none. */
  commit: z.string().nullable(),
  /** Whether the checkout was exactly that commit. */
  clean: z.boolean(),
  tool: z.strictObject({ name: z.enum(['terraform', 'opentofu']), version: z.string().min(1) }),
  /** Null = there was no state yet. */
  state: z.strictObject({ serial: z.int().min(0), lineage: z.string().min(1) }).nullable(),
  /** Of the synthesized configuration, where the state is kept included. */
  configuration: sha256,
  /** Of Terraform's lock of the providers, as `init` left it. */
  providerLock: sha256,
  /** Terraform's own plan file, and what is kept of it: encrypted. */
  plan: z.strictObject({ sha256, bytes: z.int().positive() }),
  sealed: z.strictObject({ sha256 }),
  verdict: z.string().min(1),
  severity: z.enum(['nothing', 'safe', 'needs-review', 'destructive']),
  counts: z.record(z.string(), z.int().min(0)),
  /** What is gone afterwards, by the name that a person has to write. */
  losses: z.array(
    z.strictObject({ name: z.string(), verdict: z.string(), address: z.string(), disk: z.boolean() }),
  ),
  madeAt: time,
  expiresAt: time,
  madeBy: z.string(),
});

export type PlanManifest = z.infer<typeof manifestShape>;
export type Severity = PlanManifest['severity'];
/** Something that a plan wipes, replaces or destroys. */
export type Loss = PlanManifest['losses'][number];

/** Faults of what claims to be a manifest, or the manifest. A field that is not known is a fault: it would not be checked. */
export function readManifest(document: unknown): PlanManifest | readonly string[] {
  const read = manifestShape.safeParse(document);
  if (read.success) return read.data;
  return read.error.issues.map(({ path, message }) => `${path.join('.') || 'the manifest'}: ${message}`);
}

/** What is signed: the format's name, then JSON whose keys are in order, without white space. */
export const signedText = (manifest: PlanManifest): string =>
  `cogni-plan/${manifest.format}\n${canonical(manifest)}`;

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}

export const sha256Of = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

/** The eight digits by which people name a plan. */
export const shortHash = ({ plan }: Pick<PlanManifest, 'plan'>): string => plan.sha256.slice(0, 8);
