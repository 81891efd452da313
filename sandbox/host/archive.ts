/** A file of a tar archive, owned by root. */
export type ArchiveFile =
  | { readonly path: string; readonly content: string; readonly mode: number }
  /** A symbolic link and what it points to. */
  | { readonly path: string; readonly link: string };

const block = 512;
/** Longest path and link target of the format's plain header. */
const longest = 100;

/**
 * A tar archive (POSIX.1-1988, "ustar") of a few text files, as text: what `docker cp - <container>:/` reads. Folders
 * are left to whoever unpacks it, so that it never changes the mode of one that is there.
 *
 * @param files with relative paths of at most 100 ASCII characters, as are the targets of links
 */
export function archiveOf(files: readonly ArchiveFile[]): string {
  return files.map(entryOf).join('') + '\0'.repeat(2 * block);
}

function entryOf(file: ArchiveFile): string {
  const content = 'content' in file ? file.content : '';
  const size = Buffer.byteLength(content);
  const link = 'link' in file ? file.link : '';
  if (file.path.startsWith('/') || ![file.path, link].every(fits)) {
    throw new RangeError(`not for this archive: ${JSON.stringify(file.path)} ${JSON.stringify(link)}`);
  }
  const header = (checksum: string): string =>
    [
      file.path.padEnd(100, '\0'),
      octal('mode' in file ? file.mode : 0o777, 8),
      octal(0, 8),
      octal(0, 8),
      octal(size, 12),
      octal(0, 12),
      checksum,
      'link' in file ? '2' : '0',
      link.padEnd(100, '\0'),
      'ustar\0' + '00',
      'root'.padEnd(32, '\0'),
      'root'.padEnd(32, '\0'),
    ]
      .join('')
      .padEnd(block, '\0');
  // The sum of the header's bytes with the checksum's own field as spaces.
  const sum = Buffer.from(header(' '.repeat(8)), 'latin1').reduce((total, byte) => total + byte, 0);
  const padding = '\0'.repeat((block - (size % block)) % block);
  return header(`${sum.toString(8).padStart(6, '0')}\0 `) + content + padding;
}

const fits = (path: string): boolean => path.length <= longest && /^[\x20-\x7e]*$/.test(path);

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
