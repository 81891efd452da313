import * as fc from 'fast-check';
import { timelineSvg } from '../../../../deploy/timeline/svg';
import { timeline } from './sample';

describe('the timeline as a picture', () => {
  const svg = timelineSvg(timeline);

  test('is the same for the same run', () => {
    expect(timelineSvg(structuredClone(timeline))).toBe(svg);
  });

  test('holds no script, no style sheet and nothing from elsewhere', () => {
    expect(svg).not.toMatch(/<script|<style|<image|<foreignObject|href|url\(|\son\w+=/i);
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);
  });

  test('brings its own background, so that it reads on a light and on a dark page', () => {
    expect(svg).toMatch(/<rect width="970" height="\d+" rx="8" fill="#ffffff"/);
  });

  test('has a bar, a name and the seconds of every part, and says in words what it went to', () => {
    for (const { id } of timeline.spans) expect(svg).toContain(`>${id}</text>`);
    expect(svg).toContain('>9.5 s, pull, was done already</text>');
    expect(svg).toContain('>4.0 s, start, failed</text>');
    expect(svg).toContain("20.0 s in all: 1.5 s the engine's own");
  });

  test('puts bars where their time is: half of the run is half of the width', () => {
    expect(svg).toContain('<rect x="500" y="140" width="2" height="16" rx="2" fill="#2f6db5"/>');
  });

  test('is well-formed whatever a title or a name holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        const [span] = timeline.spans;
        const drawn = timelineSvg({ ...timeline, title: text, spans: [{ ...span!, id: text }] });
        // Between tags there is neither a bracket nor a bare ampersand, and every tag is one that was meant.
        const outside = drawn.replace(/<\/?(svg|title|rect|text|line)\b[^<>]*>/g, '');
        expect(outside).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot);)/);
        expect(drawn.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
