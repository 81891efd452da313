import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
  fchmodSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file so that a reader (or a crash) sees the old content or the new, never half of it: a temporary file
 * in the same folder, flushed to disk, then renamed. Makes missing folders.
 *
 * @param mode permission bits. @default 0o644
 */
export function writeAtomically(path: string, content: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  const descriptor = openSync(temporary, 'wx', mode);
  try {
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
      fchmodSync(descriptor, mode);
      fsyncSync(descriptor);
    } catch (cause) {
      // What goes wrong with a descriptor names no file.
      throw Object.assign(cause as NodeJS.ErrnoException, { path });
    } finally {
      // A removed file takes its room on the disk for as long as it is open.
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}

/** A file's text, or undefined when there is no such file. Any other error is thrown. */
export function tryReadFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

/** Why a file cannot be read, in words that go on from its name: `is a folder`. */
export interface Unreadable {
  readonly why: string;
}

/**
 * The text of a file whose name somebody else chose: whatever is there, it neither throws, nor waits, nor reads without end.
 *
 * @param longest in bytes: nothing of a longer file is used
 * @returns undefined where there is nothing of this name
 */
export function tryReadNamed(path: string, longest: number): string | Unreadable | undefined {
  try {
    const status = statSync(path);
    // Opening a FIFO waits for a writer, and a device may have no end.
    if (!status.isFile()) return { why: status.isDirectory() ? 'is a folder' : 'is not a regular file' };
    const bytes = status.size > longest ? undefined : readAtMost(path, longest);
    return bytes?.toString('utf8') ?? { why: `is larger than ${longest} bytes` };
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { why: reasons[code] ?? 'cannot be read' };
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'may not be read by this user',
  ELOOP: 'is a link that leads to itself',
  ENAMETOOLONG: 'has a name that no file can have',
  ERR_INVALID_ARG_VALUE: 'has a name that no file can have',
};

/** Undefined where there is more: what the kernel makes up on reading has the size 0. */
function readAtMost(path: string, longest: number): Buffer | undefined {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; ;) {
      const chunk = Buffer.alloc(Math.min(64 * 1024, longest + 1 - length));
      const read = readSync(descriptor, chunk);
      if (read === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, read));
      length += read;
      if (length > longest) return undefined;
    }
  } finally {
    closeSync(descriptor);
  }
}
