import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../foundation/failure';

/** Free bytes of the file system that holds a folder, or would hold it once made, for a user without root. */
export function freeBytes(folder: string): number {
  for (let place = folder; ; place = dirname(place)) {
    try {
      const { bavail, bsize } = statfsSync(place);
      return bavail * bsize;
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code;
      if ((code !== 'ENOENT' && code !== 'EACCES') || place === dirname(place)) throw cause;
    }
  }
}

/**
 * @param needed bytes that must be free.
 * @param what what needs them, for the message: "the images and hosts of the sandbox".
 * @throws Failure that names the folder, what is free and what is needed.
 */
export function requireFreeDisk(
  folder: string,
  needed: number,
  what: string,
  free: (folder: string) => number = freeBytes,
): void {
  const there = free(folder);
  if (there >= needed) return;
  throw new Failure({
    what: `${folder} has ${gigabytes(there)} free, and ${what} may need ${gigabytes(needed)}`,
    next: `free some room there (see: df -h ${folder}), or set XDG_CACHE_HOME to a folder on a larger disk, then run this again`,
  });
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
