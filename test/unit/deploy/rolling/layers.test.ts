import * as fc from 'fast-check';
import { layersIn, missingLayers } from '../../../../deploy/rolling/layers';
import { images } from './sample';

/** Images of layers that are named by one letter each, and weigh a byte; `?` is one whose digest is not known. */
const release = (app: string, migrator: string) => {
  const layersOf = (letters: string) =>
    Array.from(letters, (letter) => ({ compressedBytes: 1, diffId: letter === '?' ? undefined : letter }));
  return [
    { ...images.app, layers: layersOf(app) },
    { ...images.migrator, layers: layersOf(migrator) },
  ];
};

const missing = (
  app: string,
  migrator: string,
  stacks: readonly string[],
  there: readonly string[] = [],
): number =>
  missingLayers(release(app, migrator), { images: there, layers: stacks.map((stack) => Array.from(stack)) })
    .count;

describe('the layers that a pull brings', () => {
  test.each<[string, number, string, string, readonly string[]]>([
    ['all of them, to a host without images', 5, 'abc', 'xy', []],
    ['those above what another image has from the bottom up', 1, 'abc', 'ab', ['abz']],
    ['the best of several images counts', 2, 'abc', 'xy', ['a', 'ab', 'x']],
    ['the same bytes on top of something else, which Docker unpacks again', 3, 'abc', '', ['xabc', 'bac']],
    ['the layers that both images have once', 4, 'abc', 'abd', []],
    ['none, where both are there under other names', 0, 'abc', 'ab', ['abcd']],
    ['all from one on whose digest is not known', 2, 'a?c', '', ['abc']],
    ['those above it in the second image too', 5, 'a?c', 'acd', []],
    ['nothing of images without layers', 0, '', '', ['a']],
  ])('are %s', (_, count, app, migrator, stacks) => {
    expect(missing(app, migrator, stacks)).toBe(count);
  });

  test('are none of an image that is there by its digest, and its layers are not counted', () => {
    const there = [images.app.reference];
    const found = missingLayers(release('abc', 'xy'), { images: there, layers: [] });
    expect(found).toEqual({ compressedBytes: 2, count: 2, of: 2 });
  });

  test('are never more than all, and never fewer for less on the host', () => {
    const stack = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 5 });
    fc.assert(
      fc.property(stack, stack, fc.array(stack, { maxLength: 4 }), stack, (app, migrator, stacks, more) => {
        const count = missing(app, migrator, stacks);
        expect(count).toBeLessThanOrEqual(app.length + migrator.length);
        expect(missing(app, migrator, [...stacks, more])).toBeLessThanOrEqual(count);
        expect(missing(app, migrator, [...stacks, app, migrator])).toBe(0);
      }),
    );
  });
});

describe('the layers of the images of a host', () => {
  test('are read line by line, and what is no list is left out', () => {
    expect(layersIn('["sha256:1","sha256:2"]\n[]\nnull\n{"a":1}\n[1]\n["sha256:cut')).toEqual([
      ['sha256:1', 'sha256:2'],
      [],
    ]);
  });
});
