import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { createColors } from 'picocolors';
import { z } from 'zod';
import { secretsMask } from '../deploy/diff/mask';
import { ExitCode, Failure, messageOf } from '../foundation/failure';
import { writeAtomically } from '../foundation/files';
import {
  jsonReport,
  readDiagnostics,
  readPlan,
  renderComment,
  renderSummary,
  renderText,
  reviewPlan,
  UnreadablePlan,
  utf8Text,
  type JsonReport,
  type Masking,
  type Paint,
  type Review,
  type ReviewInput,
  type RuntimeFacts,
} from '../review';
import { declarationOf, settingNames } from '../services/settings/catalogue';

export interface ReviewRequest {
  readonly diagnostics?: string;
  readonly env?: string;
  readonly commit?: string;
  readonly stateSerial?: string;
  readonly stateLineage?: string;
  readonly hosts?: string;
  readonly providerVersion: readonly string[];
  readonly comment?: string;
  readonly summary?: string;
  /** Whether the host of `env` is asked what would change on it. */
  readonly askHost?: boolean;
}

/** What a plan file does not hold. Both take longer to load than a review takes: they are handed in where they are wanted. */
export interface KnownElsewhere {
  /** Takes the secrets of an environment out of a text. */
  readonly known?: ((text: string) => string) | undefined;
  /** What runs on hosts. */
  readonly runtimes?: Readonly<Record<string, RuntimeFacts>> | undefined;
}

/**
 * Reviews a plan file and writes what was asked for.
 *
 * @param elsewhere what is known besides the plan. @default - nothing
 * @throws Failure when a file cannot be read or is not what it should be; never with a code of a verdict
 */
export function reviewFile(
  file: string,
  request: ReviewRequest,
  { known, runtimes }: KnownElsewhere = {},
): { readonly document: () => JsonReport; readonly text: () => string; readonly exitCode: number } {
  const bytes = read(file, 'the plan');
  const input = readable(file, () => inputOf(file, bytes, request, maskingFor(known)));
  const review = reviewPlan(runtimes === undefined ? input : { ...input, runtimes });
  writeReports(review, request);
  return { document: () => jsonReport(review), text: () => reviewText(review), exitCode: review.exitCode };
}

/** Writes the comment for a pull request and the summary of a workflow's step, where they were asked for. */
export function writeReports(
  review: Review,
  { comment, summary }: Pick<ReviewRequest, 'comment' | 'summary'>,
): void {
  if (comment !== undefined) writeAtomically(comment, renderComment(review));
  if (summary !== undefined) appendFileSync(summary, `${renderSummary(review)}\n`);
}

function inputOf(file: string, bytes: Buffer, request: ReviewRequest, masking: Masking): ReviewInput {
  const { env, commit, diagnostics, stateSerial, stateLineage, hosts } = request;
  return {
    plan: readPlan(decoded(bytes)),
    planHash: createHash('sha256').update(bytes).digest('hex'),
    ...(diagnostics === undefined
      ? {}
      : { diagnostics: readDiagnostics(decoded(read(diagnostics, 'the diagnostics', file))) }),
    ...(env === undefined ? {} : { environment: env }),
    ...(commit === undefined ? {} : { commit }),
    state: {
      ...(stateSerial === undefined ? {} : { serial: serialIn(stateSerial) }),
      ...(stateLineage === undefined ? {} : { lineage: stateLineage }),
    },
    providerVersions: versionsIn(request.providerVersion),
    ...(hosts === undefined ? {} : { hosts: hostsIn(hosts, file) }),
    masking,
    now: Date.now(),
  };
}

/**
 * What a report must not show: values that are known here, what stands after the name of a secret, and what looks like one.
 *
 * @param known takes out the values that are known. @default - none is
 */
export function maskingFor(known = (text: string): string => text): Masking {
  const byShape = secretsMask([]);
  return {
    secretNames: settingNames.filter((name) => declarationOf(name).kind === 'secret'),
    redact: (text) => byShape(known(text)),
  };
}

/** Bytes that are no UTF-8 belong to something else than a plan. */
function decoded(bytes: Buffer): string {
  if (bytes.subarray(0, 2).toString('latin1') === 'PK') return 'PK';
  const text = utf8Text(bytes);
  if (text !== undefined) return text;
  throw new UnreadablePlan(
    'the file is not a text in UTF-8',
    'make it with: terraform show -json <planfile> > plan.json',
  );
}

function read(file: string, what: string, plan?: string): Buffer {
  try {
    if (file === '-' && plan === '-') throw new Error('standard input holds the plan already');
    return readFileSync(file === '-' ? 0 : file);
  } catch (cause) {
    throw new Failure({
      what: `${what} cannot be read from ${file}: ${messageOf(cause)}`,
      next: './cogni review --help',
      exitCode: ExitCode.usage,
      cause,
    });
  }
}

/** @throws Failure for what cannot be reviewed: that is never taken for safe */
export function readable<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof UnreadablePlan)) throw thrown;
    const { what, next, faults } = thrown;
    throw new Failure({
      what: `${file} was not reviewed: ${what}`,
      state: 'nothing was changed, and nothing is known of what the plan would do: that does not mean safe',
      next,
      faults,
      cause: thrown,
    });
  }
}

function serialIn(text: string): number {
  const serial = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(serial)) return serial;
  throw usage(`--state-serial ${text} is not a whole number`);
}

function versionsIn(given: readonly string[]): Readonly<Record<string, string>> {
  const pairs = given.map((each) => /^([^=/]+\/[^=/]+)=(\d+\.\d+\.\d+\S*)$/.exec(each));
  const wrong = given.filter((_, index) => pairs[index] === null);
  if (wrong.length > 0)
    throw usage(
      `--provider-version ${wrong.join(', ')} is not of the form cherryservers/cherryservers=1.5.3`,
    );
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}

const hostsShape = z.record(
  z.string(),
  z.strictObject({
    volumes: z.array(z.string()).optional(),
    databases: z.array(z.string()).optional(),
    newestVerifiedBackup: z.iso.datetime({ offset: true }).nullable().optional(),
    runFirst: z.array(z.string()).optional(),
    runAfter: z.array(z.string()).optional(),
  }),
);

function hostsIn(file: string, plan: string): NonNullable<ReviewInput['hosts']> {
  let document: unknown;
  try {
    document = JSON.parse(decoded(read(file, 'what is known of hosts', plan)));
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    throw usage(`--hosts ${file} is not JSON: ${messageOf(thrown)}`);
  }
  const result = hostsShape.safeParse(document);
  if (!result.success)
    throw usage(
      `--hosts ${file} is not of the form that docs/review.md shows`,
      result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
    );
  // exactOptionalPropertyTypes: what is absent stays absent.
  return JSON.parse(JSON.stringify(result.data)) as NonNullable<ReviewInput['hosts']>;
}

const usage = (what: string, faults: readonly string[] = []): Failure =>
  new Failure({ what, faults, next: './cogni review --help', exitCode: ExitCode.usage });

const colours = createColors(isatty(1) && !process.env['NO_COLOR']);

const paint: Paint = (severity, text) =>
  severity === 'destructive'
    ? colours.red(text)
    : severity === 'needs-review'
      ? colours.yellow(text)
      : colours.green(text);

/** The report for a terminal, in colours where it is one. */
export const reviewText = (review: Review): string => renderText(review, paint);
