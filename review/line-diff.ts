/** Beyond this many comparisons of lines the changed part is shown as one block out and one block in. */
const mostComparisons = 4_000_000;

interface Edit {
  readonly sign: ' ' | '-' | '+';
  readonly line: string;
}

/**
 * What differs between two texts, line by line: lines that begin with a space, `-` or `+`, with unchanged lines around
 * each change and `@@` where some are left out. Empty where both are the same.
 *
 * @param context unchanged lines around a change
 */
export function lineDiff(before: string, after: string, context = 3): string {
  if (before === after) return '';
  // What is made or gone as a whole has nothing to be compared with.
  if (before === '' || after === '')
    return linesOf(before || after)
      .map((line) => (before === '' ? '+' : '-') + line)
      .join('\n');
  const edits = editsBetween(linesOf(before), linesOf(after));
  const near = edits.map(() => false);
  edits.forEach(({ sign }, index) => {
    if (sign !== ' ')
      near.fill(true, Math.max(0, index - context), Math.min(edits.length, index + context + 1));
  });
  const lines: string[] = [];
  edits.forEach(({ sign, line }, index) => {
    if (near[index]) lines.push(sign + line);
    else if (index === 0 || near[index - 1]) lines.push('@@');
  });
  return lines.join('\n');
}

/** The last line says when it has no end. */
function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') return lines.slice(0, -1);
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ''} (no newline at the end)`];
}

function editsBetween(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const unchanged = (lines: readonly string[]): Edit[] => lines.map((line) => ({ sign: ' ', line }));
  return [
    ...unchanged(before.slice(0, start)),
    ...fewestEdits(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...unchanged(before.slice(before.length - end)),
  ];
}

/** By the longest common subsequence: `common[i][j]` is its length between `before` from i on and `after` from j on. */
function fewestEdits(before: readonly string[], after: readonly string[]): Edit[] {
  const out = (line: string): Edit => ({ sign: '-', line });
  const in_ = (line: string): Edit => ({ sign: '+', line });
  if (before.length * after.length > mostComparisons) return [...before.map(out), ...after.map(in_)];
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1)
    for (let j = after.length - 1; j >= 0; j -= 1)
      common[i * width + j] =
        before[i] === after[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [one, other] = [before[i], after[j]];
    if (one !== undefined && one === other) {
      edits.push({ sign: ' ', line: one });
      i += 1;
      j += 1;
    } else if (
      one !== undefined &&
      (other === undefined || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      edits.push(out(one));
      i += 1;
    } else if (other !== undefined) {
      edits.push(in_(other));
      j += 1;
    }
  }
  return edits;
}
