import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../foundation/failure';
import { cacheRoot } from './cache';

/** Bytes that images, registries and the disks of two hosts take. */
const engineRoom = 4.5e9;
/** Bytes that the builds take when nothing is built yet, modules and intermediate results of compilers included. */
const buildRoom = 9e9;

/** What is asked of file systems; a test hands in its own. */
export interface Disks {
  /** Free bytes where a folder is, or would be once made. */
  readonly free: (folder: string) => number;
  /** Which file system that is. */
  readonly device: (folder: string) => number;
}

interface Demand {
  readonly folder: string;
  readonly bytes: number;
  readonly what: string;
}

/**
 * Looks whether the sandbox will fit, before anything is begun. What goes to one file system has to fit there together.
 *
 * @param dataRoot where the Docker engine keeps images, containers and volumes
 * @throws Failure that lists every file system with too little room, what is free there and what is needed.
 */
export function requireRoom(
  dataRoot: string,
  cache: string = cacheRoot(),
  disks: Disks = { free: freeBytes, device: deviceOf },
): void {
  const builds = join(cache, 'builds');
  const isCold = !existsSync(builds);
  const demands: readonly Demand[] = [
    { folder: dataRoot, bytes: engineRoom, what: 'images and hosts' },
    ...(isCold ? [{ folder: cache, bytes: buildRoom, what: 'the first build of all parts' }] : []),
  ];
  const together = new Map<number, Demand[]>();
  for (const demand of demands) {
    const device = disks.device(demand.folder);
    together.set(device, [...(together.get(device) ?? []), demand]);
  }
  const faults = [...together.values()].flatMap((these) => shortage(these, disks.free));
  if (faults.length === 0) return;
  throw new Failure({
    what: 'there is too little room on this machine for the sandbox',
    faults,
    next:
      'free some room there (df -h shows where; ./cogni sandbox down removes a sandbox, ' +
      `docker image prune images, and ${builds} may be removed where it is: it is built again), ` +
      'or set XDG_CACHE_HOME to a folder on a larger disk; then run this again',
  });
}

/** @param demands those on one file system */
function shortage(demands: readonly Demand[], free: Disks['free']): readonly string[] {
  const there = free(demands[0]!.folder);
  const needed = demands.reduce((sum, { bytes }) => sum + bytes, 0);
  if (there >= needed) return [];
  const folders = demands.map(({ folder }) => folder).join(' and ');
  const whats = demands.map(({ what }) => what).join(' and ');
  return [`${folders}: ${gigabytes(there)} free, ${gigabytes(needed)} needed for ${whats}`];
}

/** Free bytes, for a user without root, of the file system that holds a folder or would hold it once made. */
export const freeBytes = (folder: string): number =>
  ofNearest(folder, (place) => {
    const { bavail, bsize } = statfsSync(place);
    return bavail * bsize;
  });

/** The number of that file system (stat(2), st_dev). */
const deviceOf = (folder: string): number => ofNearest(folder, (place) => statSync(place).dev);

/** What is asked of a folder, or of the nearest one above it that is there and may be seen. */
function ofNearest(folder: string, ask: (place: string) => number): number {
  for (let place = folder; ; place = dirname(place)) {
    try {
      return ask(place);
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code;
      if ((code !== 'ENOENT' && code !== 'EACCES') || place === dirname(place)) throw cause;
    }
  }
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
