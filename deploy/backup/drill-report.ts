import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { stanza } from '../../services';
import { signerOf, signText, type Signature, type TrustedSigner } from '../../foundation/signature';

/** Where reports of drills are in the archive, each by its time. */
export const drillFolder = `drill/${stanza}`;

const check = z.object({
  name: z.string(),
  outcome: z.enum(['passed', 'failed', 'not made']),
  /** What was found, or why it was not made. */
  says: z.string(),
});

const form = z.object({
  version: z.literal(1),
  environment: z.string(),
  /** ISO 8601, UTC; so are all times. */
  begun: z.string(),
  by: z.object({ who: z.string(), from: z.string() }),
  passed: z.boolean(),
  target: z.string(),
  backup: z.string().nullable(),
  checks: z.array(check).readonly(),
  /** Seconds before the drill: what is older was in the archive; and the last transaction that the copy holds. */
  age: z.object({ log: z.number().nullable(), backup: z.number().nullable() }),
  lastCommit: z.string().nullable(),
  /** Bytes of all databases of the copy. */
  bytes: z.number().nullable(),
  /** Milliseconds until the copy was at its target and answered, and how long each step took. */
  milliseconds: z.object({
    untilServing: z.number().nullable(),
    all: z.number(),
    steps: z.record(z.string(), z.number()),
  }),
});

export type DrillCheck = Readonly<z.infer<typeof check>>;
/** What a drill found. */
export type DrillReport = Readonly<z.infer<typeof form>>;

const signedForm = z.object({
  report: form,
  signature: z.object({ key: z.string(), ed25519: z.string() }),
});

/** Name of a check that compares rows with what was recorded: `rows`, or `rows of <database>`. */
const comparesRows = /^rows\b/;

/**
 * The name of a report's file: its time. One that passed and compared nothing (a look at a moment before the one that was
 * recorded) proves nothing, and must not stand before one that does.
 */
export function reportName({ begun, passed, checks }: DrillReport): string {
  const time = begun.replaceAll(/[-:]|\.\d+/g, '');
  const compared = checks.some(({ name, outcome }) => comparesRows.test(name) && outcome !== 'not made');
  return passed && !compared ? `${time}-look.json` : `${time}.json`;
}

/** Whether a file has the report of a drill that proves something, or of one that failed. */
export const isProof = (file: string): boolean => /^\d{8}T\d{6}Z\.json$/.test(file);

/** What is signed: the kind of text, then the report as JSON. */
const textOf = (report: DrillReport): string => `cogni-drill/1\n${JSON.stringify(form.parse(report))}`;

/** A report and the signature over it, as a JSON document. */
export const signedReport = (report: DrillReport, signer: KeyObject): string =>
  `${JSON.stringify({ report, signature: signText(textOf(report), signer) }, null, 2)}\n`;

/** A report that was read, and whose key had signed it. */
export interface ReadReport {
  readonly report: DrillReport;
  /** Name of the trusted key; undefined: none of them, so that anybody may have written it. */
  readonly signedBy: string | undefined;
}

/** Reads a report again. @returns why it is none, where it is none */
export function readReport(text: string, trusted: readonly TrustedSigner[]): ReadReport | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  const read = signedForm.safeParse(value);
  if (!read.success)
    return read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  const { report, signature } = read.data;
  return { report, signedBy: signerOf(textOf(report), signature satisfies Signature, trusted)?.name };
}

/** The report for people. */
export function reportText(report: DrillReport): string {
  const { environment, passed, backup, target, checks, age, milliseconds, bytes, lastCommit } = report;
  const seconds = (value: number | null): string => (value === null ? 'unknown' : `${Math.round(value)} s`);
  return [
    `${environment}: the drill ${passed ? 'passed' : 'FAILED'} (${backup ?? 'no backup'}, to ${target})`,
    ...checks.map(
      ({ name, outcome, says }) => `  ${outcome === 'failed' ? '!' : ' '} ${name}: ${outcome}, ${says}`,
    ),
    `  age: the newest log in the archive was ${seconds(age.log)} old, the backup ${seconds(age.backup)}; last transaction ${lastCommit ?? 'unknown'}`,
    `  duration: ${seconds(milliseconds.untilServing === null ? null : milliseconds.untilServing / 1000)} until the copy served${bytes === null ? '' : ` ${Math.round(bytes / 1024 ** 2)} MiB`}`,
    '',
  ].join('\n');
}
