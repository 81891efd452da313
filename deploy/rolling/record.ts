import { z } from 'zod';
import type { ImageDigest } from '../../compose';
import type { ReleaseImages, ResolvedImage } from '../registry';

const digest = z.string().regex(/^[^@\s]+@sha256:[0-9a-f]{64}$/);

/** Whether an image is named as records name it: by digest. */
export const isDigestReference = (image: string): boolean => digest.safeParse(image).success;

/** The newest format that this program knows. */
const knownVersion = 2;

const signer = z.object({ file: z.string(), fingerprint: z.string() });

const recordSchema = z.object({
  /** Of this format. A newer one than this program knows is refused. */
  version: z.union([z.literal(1), z.literal(knownVersion)]),
  /** `<UTC time>-<tag>`: sorts by time, and names the file. */
  id: z.string(),
  environment: z.string(),
  domain: z.string(),
  strategy: z.literal('rolling'),
  /** Where the application runs. */
  slot: z.enum(['a', 'b']),
  /** The role that the application logs in to the database as. */
  login: z.string().optional(),
  tag: z.string(),
  buildSha: z.string(),
  images: z.object({
    app: digest,
    migrator: digest,
    postgres: digest,
    litellm: digest.optional(),
    alloy: digest.optional(),
  }),
  /** SHA-256 of every file but the settings, whose values could be guessed from a hash. */
  files: z.record(z.string(), z.string()),
  by: z.object({ who: z.string(), from: z.string() }),
  /** When the deploy was begun, UTC. */
  at: z.string(),
  /** Id of the release that it replaced; null on the first deploy. */
  replaces: z.string().nullable(),
  /** Tags that meant another image when they were last recorded here, and were deployed by a person's word. */
  movedTags: z
    .array(z.object({ tag: z.string(), from: digest, to: digest, recordedBy: z.string() }))
    .optional(),
  /** The keys that had signed its images, where the environment asked for signatures. */
  signedBy: z.object({ app: signer, migrator: signer }).optional(),
  /** A person's word let a migration pass that the version before could not survive: neither can it, in a rollback. */
  breakingMigration: z.literal(true).optional(),
  /** Where the database is archived: the name of the moment right before its migrations ({@link restorePointOf}). */
  restorePoint: z.string().optional(),
  /** From version 2 on. The run that made it, in the journal of the host: how that ended after the record was written. */
  run: z.string().optional(),
  /** From version 2 on: of the checkout that was deployed from, where git knew it. */
  checkout: z.object({ commit: z.string(), dirty: z.boolean() }).optional(),
  /** From version 2 on: equal where the settings were (`settingsHash`). */
  settingsHash: z.string().optional(),
  /** From version 2 on: what each step took until the record was written, in milliseconds. */
  timings: z
    .object({
      milliseconds: z.number(),
      steps: z.array(z.object({ id: z.string(), milliseconds: z.number() })),
    })
    .optional(),
});

/** What is known of a release that passed its gate; the host keeps one file of each. */
export type ReleaseRecord = Readonly<z.infer<typeof recordSchema>>;

export const renderRecord = (record: ReleaseRecord): string => `${JSON.stringify(record, null, 2)}\n`;

/** @returns the record, or why the text is none */
export function parseRecord(text: string): ReleaseRecord | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'is not JSON';
  }
  const parsed = recordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  return parsed.error.issues
    .map(({ path, message }) => `${path.join('.') || 'the record'}: ${message}`)
    .join('; ');
}

/** The format's number, where a record says that it is of one that this program does not know yet. */
export function newerVersion(text: string): number | undefined {
  try {
    const { version } = JSON.parse(text) as { readonly version?: unknown };
    return typeof version === 'number' && version > knownVersion ? version : undefined;
  } catch {
    return undefined;
  }
}

/** `20261121T081500Z-preview-0123abc` */
export const releaseId = (at: Date, tag: string): string =>
  `${at
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '')}-${tag}`;

/** Characters that PostgreSQL takes for the name of a restore point (its source, access/xlog_internal.h, MAXFNAMELEN). */
const longestPoint = 63;

/** The name of the moment right before the migrations of a release: `before-20261121T081500Z-0123abc`. */
export const restorePointOf = ({ id, buildSha }: Pick<ReleaseRecord, 'id' | 'buildSha'>): string =>
  `before-${id.slice(0, id.indexOf('-'))}-${buildSha}`.slice(0, longestPoint);

/** What the link to the serving release's record says, relative to the folder that it lies in. */
export const recordLink = (id: string): string => `releases/${id}.json`;

/** Recorded by digest, and once pulled: what they weigh and which platforms they are for was asked then. */
export function recordedImages({ tag, images }: ReleaseRecord): ReleaseImages {
  const image = (name: string, reference: string): ResolvedImage => ({
    tag: name,
    digest: reference.slice(reference.indexOf('@') + 1),
    reference: reference as ImageDigest,
    layers: [],
    platforms: [],
  });
  return { app: image(tag, images.app), migrator: image(`${tag}-migrate`, images.migrator) };
}
