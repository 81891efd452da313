import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { armorHead } from '../../foundation/age';
import { ExitCode, Failure, messageOf } from '../../foundation/failure';
import { writeAtomically } from '../../foundation/files';
import { readManifest, type PlanManifest } from './manifest';
import type { Signature } from '../../foundation/signature';

/** A plan as it is kept: one file, so that manifest and plan cannot be torn apart. */
export interface SealedPlan {
  readonly manifest: PlanManifest;
  readonly signature: Signature;
  /** Terraform's plan file, encrypted: an armored age file. */
  readonly sealed: string;
}

const name = 'cogni-plan';
/** A plan of a stack is some hundred kilobytes. */
const mostBytes = 256 * 1024 * 1024;

const documentShape = z.strictObject({
  kind: z.literal(name),
  manifest: z.unknown(),
  signature: z.strictObject({ key: z.string(), ed25519: z.string() }),
  plan: z.string().startsWith(armorHead, 'is no age file'),
});

export const renderSealedPlan = ({ manifest, signature, sealed }: SealedPlan): string =>
  `${JSON.stringify({ kind: name, manifest, signature, plan: sealed }, undefined, 1)}\n`;

/**
 * Reads the text of a kept plan.
 *
 * @param where the file, for the message
 * @throws Failure when it is something else, cut off, or of another format; nothing of it was looked at then
 */
export function parseSealedPlan(text: string, where: string): SealedPlan {
  const refused = (why: string, faults: readonly string[] = []): Failure =>
    new Failure({
      what: `${where} cannot be applied: ${why}`,
      faults,
      next: './cogni plan <env>    (makes a new one)',
      exitCode: ExitCode.refused,
    });
  if (text.trim() === '') throw refused('it is empty');
  if (text.startsWith('PK'))
    throw refused("it is Terraform's own plan file, which says neither what it was made from nor by whom");
  if (text.startsWith(armorHead)) throw refused('it is an age file without a manifest');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw refused(
      text.startsWith('{')
        ? `it is not complete JSON (${text.length} characters): cut off, or something else`
        : 'it is no file of cogni plan',
    );
  }
  if (typeof document !== 'object' || document === null || !('kind' in document) || document.kind !== name)
    throw refused(
      'it is no file of cogni plan',
      looksLikePlanJson(document) ? ['it is a plan in JSON: cogni review reads those'] : [],
    );
  if (!('plan' in document)) throw refused('it holds a manifest, but no plan');
  const format = formatOf(document);
  if (format !== undefined && format > 1)
    throw refused(`its format is ${format}; this checkout reads 1`, [
      'apply it with the checkout that made it',
    ]);
  const read = documentShape.safeParse(document);
  const manifest = readManifest('manifest' in document ? document.manifest : undefined);
  const faults = [
    ...(read.success
      ? []
      : read.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`)),
    ...(isFaults(manifest) ? manifest.map((fault) => `manifest: ${fault}`) : []),
  ];
  if (!read.success || isFaults(manifest))
    throw refused('it is not of the form that cogni plan writes', faults);
  return { manifest, signature: read.data.signature, sealed: read.data.plan };
}

const isFaults = (read: PlanManifest | readonly string[]): read is readonly string[] => Array.isArray(read);

const looksLikePlanJson = (document: unknown): boolean =>
  typeof document === 'object' && document !== null && 'format_version' in document;

function formatOf(document: object): number | undefined {
  const manifest: unknown = 'manifest' in document ? document.manifest : undefined;
  const format: unknown =
    typeof manifest === 'object' && manifest !== null && 'format' in manifest ? manifest.format : undefined;
  return typeof format === 'number' ? format : undefined;
}

/** @throws Failure when the file cannot be read, or is no kept plan */
export function readSealedPlan(path: string): SealedPlan {
  let text: string;
  try {
    if (statSync(path).size > mostBytes) throw new Error(`it has more than ${mostBytes} bytes`);
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Failure({
      what: `the plan cannot be read from ${path}: ${messageOf(cause)}`,
      next: './cogni apply --help',
      exitCode: ExitCode.usage,
      cause,
    });
  }
  return parseSealedPlan(text, path);
}

/**
 * Keeps a plan, whole or not at all.
 *
 * @throws Failure when the disk is full, or the folder cannot be written to
 */
export function writeSealedPlan(
  path: string,
  plan: SealedPlan,
  write: (path: string, text: string, mode: number) => void = writeAtomically,
): void {
  try {
    write(path, renderSealedPlan(plan), 0o600);
  } catch (cause) {
    throw new Failure({
      what: `the plan was made, but could not be kept in ${path}: ${messageOf(cause)}`,
      state: 'nothing was changed, and nothing of the plan is left',
      next: 'make room there or name another place with --out, then run this again',
      cause,
    });
  }
}
