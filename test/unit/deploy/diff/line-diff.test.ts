import { unifiedDiff } from '../../../../deploy/diff/line-diff';

const names = { before: 'a', after: 'b' };

describe('a unified diff', () => {
  it('is empty for two texts that are the same', () => {
    expect(unifiedDiff('x\ny\n', 'x\ny\n', names)).toBe('');
  });

  it('shows a changed line with three lines around it', () => {
    const text = (middle: string): string => ['1', '2', '3', '4', middle, '6', '7', '8', '9', ''].join('\n');
    expect(unifiedDiff(text('5'), text('five'), names)).toBe(
      '--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
    );
  });

  it('shows changes far from each other on their own', () => {
    const lines = Array.from({ length: 40 }, (_, index) => String(index));
    const changed = lines.map((line) => (['5', '30'].includes(line) ? 'x' : line));
    const diff = unifiedDiff(`${lines.join('\n')}\n`, `${changed.join('\n')}\n`, names);
    expect(diff.match(/^@@/gm)).toHaveLength(2);
  });

  it('says when the last line has no end', () => {
    expect(unifiedDiff('x', 'x\n', names)).toBe(
      '--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n',
    );
  });

  it('names the line before an empty range, as diff does', () => {
    expect(unifiedDiff('', 'x\n', names)).toBe('--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n');
  });

  it('shows two texts that have nothing in common as one block out and one block in, in little time', () => {
    const text = (sign: string): string =>
      Array.from({ length: 5_000 }, (_, index) => `${sign}${index}\n`).join('');
    const started = performance.now();
    expect(unifiedDiff(text('a'), text('b'), names)).toContain('@@ -1,5000 +1,5000 @@');
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
