import { z } from 'zod';
import type { Checkpoint } from '../../deploy/backup/checkpoint';
import type { DrillCheck } from '../../deploy/backup/drill-report';
import type { JudgedGap } from '../../deploy/backup/judge';

/** What the program of a copy printed: one JSON object a line. */
const line = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('compared'),
    number: z.number(),
    tables: z.number(),
    rows: z.number(),
    unread: z.number(),
    wrong: z.number(),
  }),
  z.object({
    kind: z.literal('newest'),
    lastCommit: z.string().nullable(),
    bytes: z.string(),
    postgres: z.string(),
    databases: z.number(),
    archiving: z.string(),
  }),
  z.object({ kind: z.literal('end'), segment: z.string() }),
  z.object({ kind: z.literal('migrations'), table: z.string().nullable(), hashes: z.array(z.string()) }),
]);
type Line = z.infer<typeof line>;
type Of<Kind extends Line['kind']> = Extract<Line, { readonly kind: Kind }>;

/** What a copy was found to hold. */
export interface Found {
  readonly compared: readonly Of<'compared'>[];
  readonly newest: Of<'newest'> | undefined;
  readonly migrations: Of<'migrations'> | undefined;
  /** The piece of log whose end was taken for the moment that was asked for: no later commit is in it. */
  readonly end: Of<'end'> | undefined;
}

/** Reads everything that the program printed; lines of other programs are none of ours. */
export function readFound(printed: string): Found {
  const lines = printed.split('\n').flatMap((text): readonly Line[] => {
    try {
      const read = line.safeParse(JSON.parse(text));
      return read.success ? [read.data] : [];
    } catch {
      return [];
    }
  });
  const last = <Kind extends Line['kind']>(kind: Kind): Of<Kind> | undefined =>
    lines.filter((one): one is Of<Kind> => one.kind === kind).at(-1);
  return {
    compared: lines.filter((one) => one.kind === 'compared'),
    newest: last('newest'),
    migrations: last('migrations'),
    end: last('end'),
  };
}

/** The migrations that a release brings, SHA-256 by name; or why they are not known. */
export type WantedMigrations =
  | {
      readonly release: string;
      readonly files: Readonly<Record<string, string>>;
      /** SHA-256 of those of other releases that were here: a rollback takes none back. @default none */
      readonly others?: readonly string[];
    }
  | { readonly unknown: string };

/** What the copy was compared with, database by database. A comparison that was to be made and was not has failed. */
export function comparisonChecks(
  { compared }: Found,
  checkpoint: Checkpoint | undefined,
  planned: boolean,
): readonly DrillCheck[] {
  if (checkpoint === undefined) {
    return [
      { name: 'rows', outcome: 'failed', says: 'nothing was recorded beside this backup to compare with' },
    ];
  }
  if (!planned) {
    return [
      { name: 'rows', outcome: 'not made', says: 'the target lies before the moment that was recorded' },
    ];
  }
  if (checkpoint.databases.length === 0) {
    return [{ name: 'rows', outcome: 'passed', says: 'there was no table when it was recorded' }];
  }
  return checkpoint.databases.map(({ name, point }, index) => {
    const found = compared.find(({ number }) => number === index + 1);
    const title = `rows of ${name}`;
    if (found === undefined) return { name: title, outcome: 'failed', says: 'they were not compared' };
    const { tables, rows, unread, wrong } = found;
    const beyond = unread === 0 ? '' : `, ${unread} tables were too large to be recorded`;
    return wrong === 0
      ? {
          name: title,
          outcome: 'passed',
          says: `${rows} rows in ${tables} tables are as at ${point}${beyond}`,
        }
      : { name: title, outcome: 'failed', says: `${wrong} of ${tables} tables are not as at ${point}` };
  });
}

/** A newer backup than the one that was compared: it counts as good, and the next drill compares it. */
export const uncountedCheck = (label: string | undefined): readonly DrillCheck[] =>
  label === undefined
    ? []
    : [
        {
          name: 'newest backup',
          outcome: 'not made',
          says: `what ${label} holds was not recorded yet, or could not be: the copy begins from the one before it that can be compared`,
        },
      ];

/** Whether the newest moment could be reached: a server that finds no further piece of log takes that for its end, and says nothing. */
export function logCheck(gap: JudgedGap | undefined): DrillCheck {
  const name = 'log';
  if (gap === undefined) return { name, outcome: 'passed', says: 'no piece is missing up to the newest one' };
  const { missing, after, before, from } = gap;
  return {
    name,
    outcome: 'failed',
    says: `${missing === 1 ? '1 piece is' : `${missing} pieces are`} missing between ${after} and ${before}: the copy ends at ${from.toISOString()}, and what was archived later cannot be had`,
  };
}

/** Whose log the newest is, where two machines may write into the archive: which of them lives nobody off the host can tell. */
export const historyChecks = (histories: readonly string[] = []): readonly DrillCheck[] =>
  histories.map((says) => ({ name: 'timeline', outcome: 'not made', says }));

/**
 * The end of the log that was taken for a moment: no server was asked, so nobody has said that nothing was to come behind it.
 *
 * @param since what the log had to reach (`endSince` in `log-end.ts`); undefined where its end is that moment for sure
 */
export const endCheck = ({ end }: Found, since: Date | undefined): readonly DrillCheck[] =>
  end === undefined || since === undefined
    ? []
    : [
        {
          name: 'moment',
          outcome: 'not made',
          says: `no later commit is in the log, which ends with ${end.segment}: its end was taken for the moment, and commits between ${since.toISOString()} and it are missing where later log was lost`,
        },
      ];

/** Whether the copy is migrated as the release that serves expects. */
export function migrationCheck({ migrations }: Found, wanted: WantedMigrations): DrillCheck {
  const name = 'migrations';
  if (migrations === undefined) return { name, outcome: 'failed', says: 'the copy was not asked' };
  if ('unknown' in wanted) return { name, outcome: 'not made', says: wanted.unknown };
  if (migrations.table === null) {
    return { name, outcome: 'failed', says: 'the copy has no table of migrations that is known here' };
  }
  const had = new Set(migrations.hashes);
  const files = new Set(Object.values(wanted.files));
  const missing = Object.entries(wanted.files).flatMap(([file, hash]) => (had.has(hash) ? [] : [file]));
  const beyond = migrations.hashes.filter((hash) => !files.has(hash));
  const unknown = beyond.filter((hash) => wanted.others?.includes(hash) !== true).length;
  if (missing.length > 0 || unknown > 0) {
    const lacking = missing.join(', ') || 'none';
    return {
      name,
      outcome: 'failed',
      says: `of ${wanted.release} ${lacking} missing, and ${unknown} that no release here knows`,
    };
  }
  const rest = beyond.length === 0 ? 'and no other' : `and ${beyond.length} of another release that was here`;
  return { name, outcome: 'passed', says: `all ${files.size} of ${wanted.release}, ${rest}` };
}
