import * as fc from 'fast-check';
import { timelineText } from '../../../../deploy/timeline/text';
import { timeline } from './sample';

describe('the timeline as text', () => {
  test('shows when each part was, how long it took, and what its time went to', () => {
    const blank = (columns: number): string => ' '.repeat(columns);
    expect(timelineText(timeline).split('\n')).toEqual([
      `  look at the host  █${blank(39)}    0.5 s`,
      `  pull              ${blank(1)}${'█'.repeat(19)}${blank(20)}    9.5 s  pull, was done already`,
      `  stage             ${blank(20)}█${blank(19)}    0.0 s`,
      `  migrate           ${blank(20)}${'█'.repeat(10)}${blank(10)}    5.0 s  migration`,
      `  start             ${blank(30)}${'█'.repeat(8)}${blank(2)}    4.0 s  start, failed`,
      "  20.0 s in all: 1.5 s the engine's own, 9.5 s pull, 5.0 s migration, 4.0 s start; 1 connection, 57 commands",
    ]);
  });

  test('gives every bar to whoever paints it, with what it is about', () => {
    const text = timelineText(timeline, (bar, { spent, result }) => `<${spent} ${result} ${bar.length}>`);
    expect(text).toContain('<migration done 10>');
    expect(text).toContain('<start failed 8>');
  });

  test('never leaves its chart, and shows every part, whatever the times are', () => {
    const span = fc.record({ begun: fc.nat(), milliseconds: fc.nat() });
    fc.assert(
      fc.property(fc.array(span, { minLength: 1 }), fc.nat(), (spans, milliseconds) => {
        const drawn = timelineText({
          ...timeline,
          milliseconds,
          spans: spans.map((one) => ({ ...one, id: 'x', spent: 'engine', result: 'done' })),
        });
        for (const line of drawn.split('\n').slice(0, -1)) {
          const bar = line.slice(5, 45);
          expect(bar).toMatch(/^ *█+ *$/);
          expect(line.slice(45)).not.toContain('█');
        }
      }),
    );
  });
});
