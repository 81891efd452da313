import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { exportLines } from '../../../sandbox/shell';

describe('the lines that a shell evaluates', () => {
  it('sorts by name and quotes every value', () => {
    expect(exportLines({ B: "it's", A: '$(id)' })).toBe(`export A='$(id)'\nexport B='it'\\''s'\n`);
  });

  it('gives a real shell exactly the value, whatever it holds', () => {
    const value = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && text.isWellFormed());
    fc.assert(
      fc.property(value, (text) => {
        const script = `${exportLines({ VALUE: text })}printf %s "$VALUE"`;
        expect(execFileSync('sh', { input: script }).toString()).toBe(text);
      }),
      { numRuns: 60 },
    );
  });
});
