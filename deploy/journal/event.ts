import { z } from 'zod';

/** Texts longer than this are cut: a line of the journal stays small enough to be appended by one write. */
const longest = 500;
const text = z.string();
const milliseconds = z.number();

const runBegun = z.object({
  kind: z.literal('run-begun'),
  command: z.enum(['deploy', 'rollback', 'edge apply', 'sourcecred apply', 'receiver', 'backup', 'restore']),
  environment: text,
  /** Title of the plan. */
  title: text,
  /** Id of the release that it is about, and its images by digest; a change of the edge is about none. */
  release: text.optional(),
  app: text.optional(),
  migrator: text.optional(),
  by: z.object({ who: text, from: text }),
  /** What a person let pass by a word; none where it is missing. */
  accepted: z
    .object({
      movedTags: z.array(text).optional(),
      breakingMigration: z.boolean().optional(),
      withoutBackup: z.boolean().optional(),
    })
    .optional(),
});

const stepBegun = z.object({ kind: z.literal('step-begun'), step: text });
const stepDone = z.object({
  kind: z.literal('step-done'),
  step: text,
  outcome: z.enum(['done', 'was done already']),
  milliseconds,
});
/** Before anything is taken back. */
const stepFailed = z.object({ kind: z.literal('step-failed'), step: text, why: text });
const stepTakenBack = z.object({
  kind: z.literal('step-taken-back'),
  step: text,
  /** Why that did not succeed. */
  problem: text.optional(),
});
/** What went wrong without making the run fail: a clean-up, or a step after the release was recorded. */
const stepProblem = z.object({ kind: z.literal('step-problem'), step: text, problem: text });

const runEnded = z.object({
  kind: z.literal('run-ended'),
  result: z.enum([
    'deployed',
    'applied',
    'backed up',
    'restored',
    'unchanged',
    'failed',
    'cancelled',
    'refused',
    'locked',
    'degraded',
  ]),
  milliseconds,
  /** What is left of that without pull, migration, start and drain. */
  engineMilliseconds: milliseconds,
  /** Commands that were sent to the host. */
  commands: z.number(),
  why: text.optional(),
});

const stepEvent = z.discriminatedUnion('kind', [stepBegun, stepDone, stepFailed, stepTakenBack, stepProblem]);
const runEvent = z.discriminatedUnion('kind', [runBegun, ...stepEvent.options, runEnded]);

/** What becomes of a step of a plan. Its texts hold no secret: whoever makes one has redacted them. */
export type StepEvent = Readonly<z.infer<typeof stepEvent>>;
/** What the journal of a host says of a run. */
export type RunEvent = Readonly<z.infer<typeof runEvent>>;
export type RunBegun = Readonly<z.infer<typeof runBegun>>;
export type RunEnded = Readonly<z.infer<typeof runEnded>>;

/** The version of the lines that this program writes, and the newest that it reads. */
export const journalVersion = 1;

/** One line of the journal. */
export interface JournalLine {
  /** Id of the run: sorts by time. */
  readonly run: string;
  /** ISO 8601, UTC, by the clock of the machine that deploys. */
  readonly at: string;
  readonly event: RunEvent;
}

/** @returns the line with its end: JSON without a line break in it */
export const renderLine = ({ run, at, event }: JournalLine): string =>
  `${JSON.stringify({ v: journalVersion, run, at, ...event }, (_key, value: unknown) => (typeof value === 'string' ? cut(value) : value))}\n`;

const cut = (value: string): string => (value.length > longest ? `${value.slice(0, longest)}…` : value);

/** Why a line says nothing to this program. */
export type Unread = 'torn' | 'newer';

/**
 * Reads a line. NUL characters are left out: a file system that lost its power may leave them for what it had not
 * written yet.
 *
 * @returns `torn` for a line that was not written to its end, `newer` for one of a newer program
 */
export function parseLine(written: string): JournalLine | Unread {
  let value: unknown;
  try {
    value = JSON.parse(written.replaceAll('\0', ''));
  } catch {
    return 'torn';
  }
  const head = lineHead.safeParse(value);
  if (!head.success) return 'torn';
  const event = runEvent.safeParse(value);
  // A kind that this version does not know was added by a newer program that left the version alone.
  if (head.data.v !== journalVersion || !event.success) return 'newer';
  return { run: head.data.run, at: head.data.at, event: event.data };
}

const lineHead = z.object({ v: z.number(), run: text, at: text, kind: text });

/** `20261121T081500123Z-1f2e`: sorts by time; the suffix tells runs of the same moment apart. */
export const runId = (at: Date, suffix: string): string =>
  `${at.toISOString().replaceAll(/[-:.]/g, '')}-${suffix}`;
