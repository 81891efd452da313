import { existsSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../foundation/failure';
import { cacheRoot } from './cache';

/** Bytes that images, registries and the disks of two hosts take. */
const engineRoom = 4.5e9;
/** Bytes that the builds take when nothing is built yet, modules and intermediate results of compilers included. */
const buildRoom = 9e9;

/**
 * Looks whether the sandbox will fit, before anything is begun.
 *
 * @param dataRoot where the Docker engine keeps images, containers and volumes
 * @throws Failure that lists every folder with too little room, what is free there and what is needed.
 */
export function requireRoom(
  dataRoot: string,
  cache: string = cacheRoot(),
  free: (folder: string) => number = freeBytes,
): void {
  const isCold = !existsSync(join(cache, 'builds'));
  const faults = [
    ...shortage(dataRoot, engineRoom, 'images and hosts', free),
    ...(isCold ? shortage(cache, buildRoom, 'the first build of all parts', free) : []),
  ];
  if (faults.length === 0) return;
  throw new Failure({
    what: 'there is too little room on this machine for the sandbox',
    faults,
    next: 'free some room there (df -h shows where), or set XDG_CACHE_HOME to a folder on a larger disk; then run this again',
  });
}

function shortage(
  folder: string,
  needed: number,
  what: string,
  free: (folder: string) => number,
): readonly string[] {
  const there = free(folder);
  if (there >= needed) return [];
  return [`${folder}: ${gigabytes(there)} free, ${gigabytes(needed)} needed for ${what}`];
}

/** Free bytes, for a user without root, of the file system that holds a folder or would hold it once made. */
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

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
