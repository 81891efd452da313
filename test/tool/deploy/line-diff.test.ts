import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { unifiedDiff } from '../../../deploy/diff/line-diff';

const names = { before: 'a', after: 'b' };

describe('a unified diff', () => {
  it('makes the one text out of the other when patch(1) applies it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cogni-diff-'));
    const file = join(folder, 'file');
    const line = fc.constantFrom('a', 'b', 'c', '', '  d', '- e', '+ f', '@@');
    const text = fc
      .tuple(fc.array(line, { maxLength: 30 }), fc.boolean())
      .map(([lines, ended]) => lines.map((each) => `${each}\n`).join('') + (ended ? '' : 'last'));
    try {
      fc.assert(
        fc.property(text, text, (before, after) => {
          const diff = unifiedDiff(before, after, names);
          if (diff === '') return before === after;
          writeFileSync(file, before);
          execFileSync('patch', ['--quiet', '--force', file], { input: diff });
          let patched = '';
          try {
            patched = readFileSync(file, 'utf8');
          } catch {
            // patch removes a file that has become empty.
          }
          return patched === after;
        }),
        { numRuns: 150 },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
