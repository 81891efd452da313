import { z } from 'zod';
import { Failure } from '../../foundation/failure';

/** A moment of the log, in one database, and that the rows of its tables are recorded. */
export interface CheckpointDatabase {
  readonly name: string;
  /** Name of the moment: a restore point. */
  readonly point: string;
  readonly at: Date;
  readonly tables: number;
}

/** What was recorded beside a backup. */
export interface Checkpoint {
  /** Label of the backup. */
  readonly backup: string;
  /** The server's own number (`system_identifier`). */
  readonly system: string;
  readonly timeline: number;
  /** `15.20`, and what its distribution adds. */
  readonly postgres: string;
  /** Those that have tables, in the order of their moments. */
  readonly databases: readonly CheckpointDatabase[];
}

const lineForm = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('checkpoint'),
    version: z.literal(1),
    backup: z.string(),
    system: z.string(),
    timeline: z.number(),
    postgres: z.string(),
  }),
  z.object({
    kind: z.literal('database'),
    name: z.string(),
    point: z.string(),
    lsn: z.string(),
    at: z.string(),
  }),
  z.object({ kind: z.literal('table') }),
  z.object({ kind: z.literal('end') }),
]);

/**
 * Reads a checkpoint (`services/archive/checkpoint.ts` writes it).
 *
 * @throws Failure for a text that is none, or not all of one
 */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.trim().split('\n').map(parsedLine);
  const [head] = lines;
  if (head?.kind !== 'checkpoint' || lines.at(-1)?.kind !== 'end') {
    throw unreadable('it does not have its beginning and its end', text);
  }
  const starts = lines.flatMap((line, index) => (line.kind === 'database' ? [{ line, index }] : []));
  const databases = starts.map(({ line, index }, number) => ({
    name: line.name,
    point: line.point,
    at: new Date(line.at),
    tables: (starts[number + 1]?.index ?? lines.length - 1) - index - 1,
  }));
  const { backup, system, timeline, postgres } = head;
  return { backup, system, timeline, postgres, databases };
}

function parsedLine(line: string): z.infer<typeof lineForm> {
  let problem: string;
  try {
    const result = lineForm.safeParse(JSON.parse(line));
    if (result.success) return result.data;
    problem = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  } catch {
    problem = 'it is not JSON';
  }
  throw unreadable(`a line of it cannot be read (${problem})`, line);
}

const unreadable = (why: string, text: string): Failure =>
  new Failure({
    what: `what was recorded beside the backup is no checkpoint that this version knows: ${why}`,
    next: 'use the version of cogni that the environment was deployed with, or make another backup: ./cogni backup <env>',
    output: text.slice(0, 1000),
  });
