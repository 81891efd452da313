import { positionOf, timelineOf, type ArchivedRun } from '../../deploy/backup/segment';
import { askReceived, parseReceived, partOfReceived, type ReceivedFile } from '../../deploy/receiver/status';
import type { Transport } from '../../deploy/transport';
import { Failure, messageOf } from '../../foundation/failure';
import { Secret } from '../../foundation/secret';

/** A piece of log that the archive does not have. */
export interface ReceivedPiece {
  /** Of the segment; one that was still being written counts as whole: what follows in it is no log. */
  readonly name: string;
  /** Its content in order, each part packed and as text: what databases hold is nothing to be shown. */
  readonly parts: readonly Secret[];
}

/** What the receiver has beyond the archive. */
export type ReceivedLog =
  | {
      readonly kind: 'log';
      readonly pieces: readonly ReceivedPiece[];
      /** When the last of it was written; undefined where the archive has all that the receiver has. */
      readonly until: Date | undefined;
    }
  | { readonly kind: 'unknown'; readonly why: string };

/** Bytes of a piece of log that go in one command. */
const partBytes = 4 * 1024 ** 2;

/** Pieces of 16 MiB that are carried at most: they are in memory on their way. */
const mostPieces = 128;

/** Where an archive ends. */
export interface ArchiveEnd {
  /** Which log it has. */
  readonly archived: readonly ArchivedRun[];
  /** To go along. */
  readonly timeline: number;
  /** Identifier of the database system, which a receiver's folders begin with; undefined where it is not recorded. */
  readonly system: string | undefined;
}

/** The files of a receiver that go on where the archive ends: of the same database, without a gap, the newest of each name. Pure. */
export function beyondArchive(
  files: readonly ReceivedFile[],
  { archived, timeline, system }: ArchiveEnd,
): readonly ReceivedFile[] {
  const last = archived
    .filter((run) => timelineOf(run.last) === timeline)
    .reduce((most, run) => Math.max(most, positionOf(run.last)), -1);
  const newest = new Map<number, ReceivedFile>();
  for (const file of files) {
    const name = nameOf(file);
    const position = positionOf(name);
    const known = newest.get(position);
    const fits =
      timelineOf(name) === timeline &&
      position > last &&
      (system === undefined || file.path.startsWith(`${system}-`));
    if (fits && (known === undefined || known.at < file.at)) newest.set(position, file);
  }
  const found: ReceivedFile[] = [];
  for (let next = last + 1; newest.has(next); next += 1) found.push(newest.get(next)!);
  return found;
}

const nameOf = ({ path }: ReceivedFile): string => path.replace(/^.*\//, '').slice(0, 24);

/**
 * Fetches from a receiver what the archive does not have. A receiver that cannot be asked is told, and is no failure: a person decides.
 *
 * @param open the connection to the receiving host
 */
export async function fetchReceived(
  open: () => Promise<Pick<Transport, 'run' | 'close'>>,
  environment: string,
  end: ArchiveEnd,
): Promise<ReceivedLog> {
  let transport: Pick<Transport, 'run' | 'close'> | undefined;
  try {
    const opened = (transport = await open());
    const ask = async (command: Parameters<Transport['run']>[0]): Promise<string> => {
      const { code, stdout, stderr } = await opened.run(command);
      if (code === 0) return stdout;
      throw new Failure({
        what: `it does not say what it has: ${`${stdout}${stderr}`.trim()}`,
        next: `./cogni receiver status ${environment}`,
      });
    };
    const files = beyondArchive(parseReceived(await ask(askReceived(environment, 'list'))), end);
    if (files.length > mostPieces)
      return {
        kind: 'unknown',
        why: `it has ${files.length} pieces that the archive lacks, and ${mostPieces} can be carried`,
      };
    const pieces: ReceivedPiece[] = [];
    for (const file of files) {
      const parts: Secret[] = [];
      for (let at = 0; at < file.bytes; at += partBytes)
        parts.push(
          Secret.of(
            `part of ${nameOf(file)}`,
            await ask(partOfReceived(environment, file.path, at, partBytes)),
          ),
        );
      pieces.push({ name: nameOf(file), parts });
    }
    return { kind: 'log', pieces, until: files.at(-1)?.at };
  } catch (thrown) {
    return { kind: 'unknown', why: thrown instanceof Failure ? thrown.what : messageOf(thrown) };
  } finally {
    await transport?.close();
  }
}
