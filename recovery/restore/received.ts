import { askReceived, parseReceived, partOfReceived, type ReceivedFile } from '../../deploy/receiver/status';
import type { Transport } from '../../deploy/transport';
import { Failure, messageOf } from '../../foundation/failure';
import { Secret } from '../../foundation/secret';
import { pieceOf, wayThrough, type LogWay, type WayFrom } from './way';

/** A piece of log that the archive does not have. */
export interface ReceivedPiece {
  /** Of the segment, with `.partial` for one that was not received to its end: what follows in it is no log. */
  readonly name: string;
  /** Its content in order, each part packed and as text: what databases hold is nothing to be shown. */
  readonly parts: readonly Secret[];
}

/** What the receiver has that the archive lacks. */
export type ReceivedLog =
  | {
      readonly kind: 'log';
      readonly pieces: readonly ReceivedPiece[];
      /** When the last of it was written, where nothing of the archive follows it; undefined otherwise, and where it has nothing to add. */
      readonly until: Date | undefined;
      readonly way: LogWay;
    }
  | { readonly kind: 'unknown'; readonly why: string };

/** Bytes of a piece of log that go in one command. */
const partBytes = 4 * 1024 ** 2;

/** Pieces of 16 MiB that are carried at most: they are in memory on their way. */
const mostPieces = 128;

const tooMany = (pieces: number): string | undefined =>
  pieces > mostPieces
    ? `it has ${pieces} pieces that the archive lacks, and ${mostPieces} can be carried`
    : undefined;

/**
 * Why a restore could not carry what a receiver has, known before anything is begun; undefined where it could. Pure.
 *
 * @param from where its database is not known yet, the one with the fewest pieces counts of those that were received: nothing is refused for another one
 */
export function tooManyReceived(files: readonly ReceivedFile[], from: WayFrom): string | undefined {
  const systems = new Set(
    from.system === undefined ? files.map(({ path }) => path.replace(/-.*$/, '')) : [from.system],
  );
  const counts = [...systems].map((system) => wayThrough({ ...from, system }, files).lacked.length);
  return counts.length === 0 ? undefined : tooMany(Math.min(...counts));
}

/**
 * Fetches from a receiver what the archive does not have. A receiver that cannot be asked is told, and is no failure: a person decides.
 *
 * @param open the connection to the receiving host
 */
export async function fetchReceived(
  open: () => Promise<Pick<Transport, 'run' | 'close'>>,
  environment: string,
  from: WayFrom,
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
    const way = wayThrough(from, parseReceived(await ask(askReceived(environment, 'list'))));
    const files = way.lacked;
    const why = tooMany(files.length);
    if (why !== undefined) return { kind: 'unknown', why };
    const pieces: ReceivedPiece[] = [];
    for (const file of files) {
      const parts: Secret[] = [];
      for (let at = 0; at < file.bytes; at += partBytes)
        parts.push(
          Secret.of(
            `part of ${pieceOf(file).name}`,
            await ask(partOfReceived(environment, file.path, at, partBytes)),
          ),
        );
      pieces.push({ name: `${pieceOf(file).name}${pieceOf(file).whole ? '' : '.partial'}`, parts });
    }
    const last = files.at(-1);
    const until = last && pieceOf(last).name === way.last ? last.at : undefined;
    return { kind: 'log', pieces, until, way };
  } catch (thrown) {
    return { kind: 'unknown', why: thrown instanceof Failure ? thrown.what : messageOf(thrown) };
  } finally {
    await transport?.close();
  }
}
