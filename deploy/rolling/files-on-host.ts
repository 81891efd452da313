import { Secret } from '../../foundation/secret';
import type { RunAction } from '../step';
import type { RemoteCommand } from '../transport';
import { quick } from './commands';
import { layout } from './layout';

export interface FileOnHost {
  /** SHA-256, hex. */
  readonly hash: string;
  /** Permission bits. */
  readonly mode: number;
}

/** Files of the runtime, by path below its folder. */
export type FilesOnHost = Readonly<Record<string, FileOnHost>>;

const { folder, next, previous, unsettled, settings } = layout.runtime;

/** Every file of the runtime but those that a deploy makes for itself. */
const filesOfRuntime = [
  'find',
  folder,
  '-type',
  'f',
  ...[`${next}/*`, `${previous}/*`, unsettled].flatMap((path) => ['-not', '-path', path]),
] as const;

/** What they hold, and who may read them. Both only read. */
export const fileCommands = {
  hashes: { argv: [...filesOfRuntime, '-exec', 'sha256sum', '--', '{}', '+'], deadline: 20_000 },
  modes: { argv: [...filesOfRuntime, '-printf', '%m %p\\n'], deadline: 20_000 },
} as const satisfies Readonly<Record<string, RemoteCommand>>;

/** What the answers to {@link fileCommands} say; a file that only one of them knows went or came meanwhile. */
export function readFiles(hashes: string, modes: string): FilesOnHost {
  const modeOf = new Map(
    modes.split('\n').map((line) => {
      const blank = line.indexOf(' ');
      return [line.slice(blank + 1), Number.parseInt(line.slice(0, blank), 8)] as const;
    }),
  );
  return Object.fromEntries(
    [...hashes.matchAll(/^([0-9a-f]{64}) [ *](.+)$/gm)].flatMap(([, hash = '', path = '']) => {
      const mode = modeOf.get(path);
      return mode === undefined ? [] : [[path.replace(`${folder}/`, ''), { hash, mode }]];
    }),
  );
}

/**
 * Fails when a file is gone or holds something else than when the host was looked at, and prints which. One that has come since is none of
 * these: a deploy puts its own over it. Hashes go in by standard input, that of the settings unseen: values could be guessed from it.
 */
export function holdTheSame(files: FilesOnHost): readonly RunAction[] {
  const lines = Object.entries(files)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([path, { hash }]) => [
      path === settings ? Secret.of(`hash of ${path}`, hash) : hash,
      `  ${folder}/${path}\n`,
    ]);
  // Of no files there is nothing to check, and sha256sum takes an empty list for a mistake.
  if (lines.length === 0) return [];
  return [
    {
      do: 'run',
      command: { argv: ['sha256sum', '--check', '--quiet', '--strict', '-'], stdin: lines, deadline: quick },
    },
  ];
}
