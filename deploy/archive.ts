import { Secret, reveal, type Sensitive } from '../foundation/secret';
import type { FileToWrite, WriteAction } from './step';
import type { RemoteCommand } from './transport';

const block = 512;

/**
 * The commands that carry a {@link WriteAction} out: one to make the folder, one to unpack an archive that comes on
 * standard input, so that contents are never arguments, however many files there are. tar gives each file its exact
 * mode (`--preserve-permissions` overrides the umask), and files in memory or on disk are never wider than that.
 */
export function writeCommands({ folder, files }: WriteAction): readonly RemoteCommand[] {
  const folders = [...new Set([folder, ...files.flatMap(({ path }) => foldersOf(folder, path))])];
  return [
    // Folders that are there keep their mode; below them, containers of other users read.
    { argv: ['mkdir', '--parents', '--mode=0755', '--', ...folders], deadline: 30_000 },
    {
      argv: [
        'tar',
        '--extract',
        '--file=-',
        `--directory=${folder}`,
        '--preserve-permissions',
        '--no-same-owner',
        '--touch',
      ],
      stdin: archive(files),
      deadline: 60_000,
    },
  ];
}

function foldersOf(folder: string, path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => `${folder}/${names.slice(0, index + 1).join('/')}`);
}

/**
 * A tar archive (POSIX.1-2017, pax, "ustar Interchange Format") as parts, so that a secret content stays a
 * {@link Secret} until it is written to the pipe. The same files give the same bytes.
 *
 * @throws RangeError for a path that leaves the folder or is longer than the format's 100 bytes.
 */
export function archive(files: readonly FileToWrite[]): Sensitive {
  return [...files.flatMap(entry), '\0'.repeat(2 * block)];
}

function entry(file: FileToWrite): (string | Secret)[] {
  const size = Buffer.byteLength(reveal(file.content));
  const content =
    typeof file.content === 'string' || file.content instanceof Secret ? [file.content] : file.content;
  return [header(file, size), ...content, '\0'.repeat((block - (size % block)) % block)];
}

function header({ path, mode }: FileToWrite, size: number): string {
  if (path.startsWith('/') || path.split('/').some((name) => name === '' || name === '..')) {
    throw new RangeError(`"${path}" is not a path inside a folder`);
  }
  if (!/^[\x21-\x7e]{1,100}$/.test(path)) {
    throw new RangeError(`"${path}" is longer than 100 characters, or not printable ASCII`);
  }
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  const fields = [
    path.padEnd(100, '\0'),
    octal(mode, 8),
    octal(0, 8),
    octal(0, 8),
    octal(size, 12),
    octal(0, 12),
    ' '.repeat(8),
    '0',
    '\0'.repeat(100),
    'ustar\0',
    '00',
  ].join('');
  const unsummed = fields.padEnd(block, '\0');
  const sum = Buffer.from(unsummed).reduce((total, byte) => total + byte, 0);
  return unsummed.replace(/ {8}/, `${sum.toString(8).padStart(6, '0')}\0 `);
}
