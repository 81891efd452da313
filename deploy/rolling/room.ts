import type { ImageLayer } from '../registry';
import type { RunAction } from '../step';
import type { RemoteCommand } from '../transport';
import { quick } from './commands';
import { missingLayers, type MissingLayers } from './layers';
import type { PlanContext } from './plan';
import { removeImages } from './prune';
import type { RollingStep } from './step-names';
import type { HostFacts } from './survey';

const gibibyte = 1024 ** 3;

/**
 * What layers take while they are pulled and unpacked, by their compressed size: registries say no other. And what must
 * be left for databases and logs.
 */
const unpacked = 3;
const spare = gibibyte;

/** An image that a release needs, with what a pull of it brings to a host without any. */
export interface ToPull {
  /** By digest. */
  readonly reference: string;
  readonly layers: readonly ImageLayer[];
}

/** Free disk that a release needs, and what of it the host lacks. */
export interface DiskNeed {
  readonly bytes: number;
  readonly missing: MissingLayers;
}

/** Free disk that a pull needs. Pure. */
export function diskNeed(pulled: readonly ToPull[], facts: Pick<HostFacts, 'images' | 'layers'>): DiskNeed {
  const missing = missingLayers(pulled, facts);
  return { bytes: missing.compressedBytes * unpacked + spare, missing };
}

/** What is removed before anything is pulled, because what is free would not do. */
export interface Room {
  /** Free bytes that there must be then. */
  readonly needed: number;
  /** Images that no release needs which can be gone back to. Never none. */
  readonly images: readonly string[];
}

/** @returns why a host has too little, or undefined where it has enough */
export const shortage = ({ bytes, missing }: DiskNeed, freeBytes: number): string | undefined =>
  freeBytes >= bytes
    ? undefined
    : `it has ${inGibibytes(freeBytes)} of free disk, and the release needs ${inGibibytes(bytes)}: ${missing.count} of its ${missing.of} layers are not there yet (${inGibibytes(missing.compressedBytes)} compressed, ${unpacked} times that unpacked), and ${inGibibytes(spare)} must be left`;

/** Space and inodes where images go, for a pull that failed: what was free before it may have been taken by others meanwhile. */
export const freeForImages: RemoteCommand = {
  argv: ['df', '--human-readable', '--output=target,size,avail,itotal,iavail', '--', '/var/lib/docker'],
  deadline: quick,
};

/** Fixed; its argument is how many bytes must be free where images go. */
const measure =
  'free=$(df --output=avail --block-size=1 -- /var/lib/docker | tail -n 1); [ "$free" -ge "$1" ] || { echo "$free bytes are free, and $1 are needed" >&2; exit 1; }';

/** Images go before others come, where those would not find room otherwise: under the lock, since another deploy may need them. */
export function roomStep({ room, facts, again, before }: PlanContext): readonly RollingStep[] {
  if (room === undefined) return [];
  const enough: RunAction = {
    do: 'run',
    command: { argv: ['sh', '-c', measure, 'sh', String(room.needed)], deadline: quick },
  };
  return [
    {
      id: 'room',
      name: 'make room for the images of the release',
      why: `${inGibibytes(facts.freeBytes)} are free and ${inGibibytes(room.needed)} are needed: images go that nobody goes back to, and what is free then is measured again`,
      doneWhen: [enough],
      // What a container still has stays, and is no failure: what is free counts.
      actions: [{ ...removeImages(room.images), expect: { exit: [0, 1] } }, enough],
      leaves: `${before}; images that nobody goes back to are gone`,
      next: `see with "df -h /var/lib/docker" and "docker system df" on the host what takes its disk, then ${again}`,
    },
  ];
}

const inGibibytes = (bytes: number): string => `${(bytes / gibibyte).toFixed(1)} GiB`;
