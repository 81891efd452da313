import type { ImageLayer } from '../registry';
import { quick } from './commands';
import type { RemoteCommand } from '../transport';

/** Layers of one image by the digests of their unpacked bytes, from the bottom up. */
export type DiffIds = readonly string[];

/**
 * Asks for the layers of every image, a line of JSON each. Fixed text: the ids come from Docker itself. An image that is
 * removed meanwhile makes it fail, and the others are told all the same.
 */
export const listLayers: RemoteCommand = {
  argv: [
    'sh',
    '-c',
    "docker images --quiet --no-trunc | sort -u | xargs -r docker image inspect '--format={{json .RootFS.Layers}}'",
  ],
  deadline: quick,
};

/** @returns nothing for lines that are no list: their layers then count as missing */
export const layersIn = (listing: string): readonly DiffIds[] =>
  listing.split('\n').flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return Array.isArray(value) && value.every((one) => typeof one === 'string') ? [value] : [];
    } catch {
      return [];
    }
  });

/** What of some images is still to be pulled to a host. */
export interface MissingLayers {
  /** As they are sent. */
  readonly compressedBytes: number;
  readonly count: number;
  /** Of all layers of the images that are not there. */
  readonly of: number;
}

/**
 * The layers that a pull brings. Docker keeps a layer by everything below it (its chain id), so one is there only as part
 * of the same stack from the bottom up: the same bytes on top of something else are unpacked again.
 *
 * @param images in the order of their pull
 * @param host.images whole images that are there, by digest
 * @param host.layers of every image that is there
 */
export function missingLayers(
  images: readonly { readonly reference: string; readonly layers: readonly ImageLayer[] }[],
  host: { readonly images: readonly string[]; readonly layers: readonly DiffIds[] },
): MissingLayers {
  const there = [...host.layers];
  let missing: MissingLayers = { compressedBytes: 0, count: 0, of: 0 };
  for (const { reference, layers } of images) {
    if (host.images.includes(reference)) continue;
    const pulled = layers.slice(Math.max(0, ...there.map((stack) => sharedWith(stack, layers))));
    missing = {
      compressedBytes:
        missing.compressedBytes + pulled.reduce((sum, layer) => sum + layer.compressedBytes, 0),
      count: missing.count + pulled.length,
      of: missing.of + layers.length,
    };
    // Each image finds what those before it brought.
    there.push(layers.map(({ diffId }) => diffId ?? 'unknown'));
  }
  return missing;
}

/** How many layers a stack has in common with an image, from the bottom up. */
function sharedWith(stack: DiffIds, layers: readonly ImageLayer[]): number {
  const different = layers.findIndex(({ diffId }, index) => diffId === undefined || diffId !== stack[index]);
  return different === -1 ? layers.length : different;
}
