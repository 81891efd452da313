import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { Failure, messageOf } from '../../foundation/failure';
import { tryReadFile } from '../../foundation/files';

/** Of this format; a line of a newer one is left out. */
const version = 1;

const outcome = z.enum(['done', 'was done already']);
/** Whether commits wait for a receiver. */
const waits = z.enum(['never', 'while-there', 'always']);
const begun = z.object({
  kind: z.literal('begun'),
  id: z.string(),
  environment: z.string(),
  host: z.string(),
  by: z.object({ who: z.string(), from: z.string() }),
  /** Of `./cogni host check`, and what it means. */
  verdict: z.object({ id: z.string(), means: z.string() }),
  /** Beside the living host, which is not touched. @default false */
  rehearsal: z.literal(true).optional(),
  /** It gives a machine up; false where one that holds nothing is filled. */
  replaces: z.boolean(),
  givenUp: z.object({ server: z.number().optional(), address: z.string().optional() }),
  /** Key to the archive (`ARCHIVE_KEY`, no secret) that what is given up has, and must have lost first. @default - it is switched off instead */
  oldKey: z.string().optional(),
  /** What the database is brought to, as a person wrote it. */
  target: z.string(),
  backup: z.object({ label: z.string(), at: z.string() }),
  /** Options of the command that a run which goes on needs as well, as they were written; none is a secret. */
  words: z.record(z.string(), z.string()).optional(),
  /** The last moment that the data come back to: later commits are lost. */
  reaches: z.string().nullable(),
  /** The portable copy that files and records are taken from. */
  copy: z.object({ name: z.string(), at: z.string(), parts: z.array(z.string()) }).nullable(),
  /** Where beside the copies the records are taken from, where they are newer than the copy. @default - out of the copy */
  records: z.object({ name: z.string(), at: z.string() }).optional(),
  /** Receivers of logs that have to be told, or made anew, afterwards: of its own log (what commits wait for), and of others that ran on the host. @default - none */
  receivers: z
    .object({ own: waits.optional(), here: z.array(z.object({ name: z.string(), waits })) })
    .optional(),
  /** The release that is deployed: out of the records by its id, or a build by its tag. */
  release: z.object({
    from: z.enum(['record', 'tag']),
    name: z.string(),
    tag: z.string(),
    images: z.object({ app: z.string(), migrator: z.string() }),
  }),
});
const events = z.discriminatedUnion('kind', [
  begun,
  z.object({ kind: z.literal('stage-begun'), stage: z.string() }),
  z.object({
    kind: z.literal('stage-done'),
    stage: z.string(),
    outcome,
    says: z.string().optional(),
    /** Of a deploy: when its gate was passed. What it does after that is for what serves already. */
    servedAt: z.string().optional(),
  }),
  z.object({ kind: z.literal('stage-failed'), stage: z.string(), why: z.string() }),
  z.object({ kind: z.literal('ended'), address: z.string() }),
  /** A person has ended it before it was done: another one began in its place, it was abandoned, or a rehearsal was removed. */
  z.object({ kind: z.literal('given-up') }),
]);
const lineForm = z.intersection(z.object({ v: z.literal(version), at: z.string() }), events);

/** What a rebuild was begun with. */
export type RebuildBegun = Readonly<z.infer<typeof begun>>;
/** What becomes of a rebuild, without its moment. */
export type RebuildEvent = Readonly<z.infer<typeof events>>;
/** A line of the journal. `at` is UTC. */
export type RebuildLine = Readonly<z.infer<typeof lineForm>>;

/** Everything that was written of one rebuild, by all of its runs. */
export interface RebuildStory {
  readonly begun: RebuildBegun;
  readonly lines: readonly RebuildLine[];
  /** It came to its end, or was given up: nothing goes on with it. */
  readonly ended: boolean;
}

/**
 * A file of a rebuild on the machine that does it: one JSON object a line, only ever appended to, each on the disk before the work goes
 * on. It says what was tried; whether a stage is done is looked up where its work would show.
 */
export class RebuildJournal {
  constructor(
    readonly file: string,
    private readonly now: () => Date,
  ) {}

  /** @throws Failure where it cannot be written: what is not written down must not be done, since nobody could go on with it */
  append(event: RebuildEvent): void {
    try {
      this.write(event);
    } catch (cause) {
      throw new Failure({
        what: `the journal of the rebuild cannot be written: ${messageOf(cause)}`,
        state: `what it says is as it was before this line: ${this.file}`,
        next: 'see that the disk of this machine has room and the folder can be written to',
        cause,
      });
    }
  }

  private write(event: RebuildEvent): void {
    mkdirSync(dirname(this.file), { recursive: true });
    const text = tryReadFile(this.file) ?? '';
    // What a kill has cut off ends there: the next line is whole.
    const start = text === '' || text.endsWith('\n') ? '' : '\n';
    const line = `${start}${JSON.stringify({ v: version, at: this.now().toISOString(), ...event })}\n`;
    const descriptor = openSync(this.file, 'a', 0o600);
    try {
      writeSync(descriptor, line);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** @returns undefined where nothing was written, or not even its first line is whole */
  story(): RebuildStory | undefined {
    return readStory(tryReadFile(this.file) ?? '');
  }
}

/** Reads a journal. What is cut off, or of a newer program, is left out. */
export function readStory(text: string): RebuildStory | undefined {
  const lines = text.split('\n').flatMap((line): readonly RebuildLine[] => {
    try {
      const read = lineForm.safeParse(JSON.parse(line));
      return read.success ? [read.data] : [];
    } catch {
      return [];
    }
  });
  const first = lines.find((line): line is RebuildLine & RebuildBegun => line.kind === 'begun');
  if (first === undefined) return undefined;
  return { begun: first, lines, ended: lines.some(({ kind }) => kind === 'ended' || kind === 'given-up') };
}

/** The journal of the newest rebuild in a folder that has not come to its end; undefined where there is none. */
export function findUnfinished(folder: string, now: () => Date): RebuildJournal | undefined {
  const names = namesIn(folder).filter((name) => name.endsWith('.jsonl'));
  const newest = names.sort().at(-1);
  if (newest === undefined) return undefined;
  const journal = new RebuildJournal(join(folder, newest), now);
  return journal.story()?.ended === false ? journal : undefined;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
}

/** Whether a run before has begun a stage: what its work would leave may be there. */
export const begunIn = ({ lines }: RebuildStory, stage: string): boolean =>
  lines.some((line) => line.kind === 'stage-begun' && line.stage === stage);

/** Whether a run before has written that a stage is done. */
export const doneIn = ({ lines }: RebuildStory, stage: string): boolean =>
  lines.some((line) => line.kind === 'stage-done' && line.stage === stage);
