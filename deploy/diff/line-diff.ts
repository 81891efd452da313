/** Lines of two texts, and how one becomes the other: what `diff -u` prints. */
interface Edit {
  readonly kind: ' ' | '-' | '+';
  readonly line: string;
}

/** Changes beyond this many are shown as one block out and one block in: nobody reads them line by line. */
const mostChanges = 1_500;

const noNewline = '\\ No newline at end of file';

/**
 * A unified diff (POSIX diff, "-u"), or an empty text where both are the same.
 *
 * @param names shown in the first two lines
 * @param context unchanged lines shown around a change. @default 3
 */
export function unifiedDiff(
  before: string,
  after: string,
  names: { readonly before: string; readonly after: string },
  context = 3,
): string {
  if (before === after) return '';
  const edits = editsBetween(linesOf(before), linesOf(after));
  const hunks = hunksOf(edits, context).map((hunk) => hunkText(edits, hunk));
  return [`--- ${names.before}`, `+++ ${names.after}`, ...hunks].join('\n') + '\n';
}

/** The last line says when it has no end. */
function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return last === '' ? lines : [...lines, `${last}\n${noNewline}`];
}

function editsBetween(before: readonly string[], after: readonly string[]): Edit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  const same = (lines: readonly string[]): Edit[] => lines.map((line) => ({ kind: ' ', line }));
  return [
    ...same(before.slice(0, start)),
    ...shortestEdits(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(before.slice(before.length - end)),
  ];
}

/**
 * E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986): `furthest[k]` is how far one comes in `before`
 * on diagonal k with a number of changes; the way back through the copies of it is the shortest edit.
 */
function shortestEdits(before: readonly string[], after: readonly string[]): Edit[] {
  const replaced = (): Edit[] => [
    ...before.map((line): Edit => ({ kind: '-', line })),
    ...after.map((line): Edit => ({ kind: '+', line })),
  ];
  if (before.length === 0 || after.length === 0) return replaced();
  const most = Math.min(before.length + after.length, mostChanges);
  const trace: Map<number, number>[] = [];
  let furthest = new Map<number, number>([[1, 0]]);
  const at = (map: ReadonlyMap<number, number>, k: number): number => map.get(k) ?? -1;
  const down = (map: ReadonlyMap<number, number>, k: number, changes: number): boolean =>
    k === -changes || (k !== changes && at(map, k - 1) < at(map, k + 1));
  for (let changes = 0; changes <= most; changes += 1) {
    trace.push(furthest);
    const next = new Map<number, number>();
    for (let k = -changes; k <= changes; k += 2) {
      let x = down(furthest, k, changes) ? at(furthest, k + 1) : at(furthest, k - 1) + 1;
      let y = x - k;
      while (x < before.length && y < after.length && before[x] === after[y]) {
        x += 1;
        y += 1;
      }
      next.set(k, x);
      if (x >= before.length && y >= after.length) return wayBack(trace, before, after, changes, down);
    }
    furthest = next;
  }
  return replaced();
}

function wayBack(
  trace: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
  changes: number,
  down: (map: ReadonlyMap<number, number>, k: number, changes: number) => boolean,
): Edit[] {
  const edits: Edit[] = [];
  let x = before.length;
  let y = after.length;
  const same = (until: number): void => {
    while (x > until && y > 0 && x > 0 && before[x - 1] === after[y - 1]) {
      edits.push({ kind: ' ', line: before[x - 1] ?? '' });
      x -= 1;
      y -= 1;
    }
  };
  for (let left = changes; left > 0; left -= 1) {
    const map = trace[left] ?? new Map<number, number>();
    const k = x - y;
    const inserted = down(map, k, left);
    const from = inserted ? k + 1 : k - 1;
    const fromX = map.get(from) ?? 0;
    same(inserted ? fromX : fromX + 1);
    if (inserted) edits.push({ kind: '+', line: after[(y -= 1)] ?? '' });
    else edits.push({ kind: '-', line: before[(x -= 1)] ?? '' });
  }
  same(0);
  return edits.reverse();
}

interface Hunk {
  readonly from: number;
  /** One past its last edit. */
  readonly to: number;
}

/** Changes with the lines around them; those whose surroundings meet are one. */
function hunksOf(edits: readonly Edit[], context: number): Hunk[] {
  const hunks: { from: number; to: number }[] = [];
  edits.forEach(({ kind }, index) => {
    if (kind === ' ') return;
    const from = Math.max(0, index - context);
    const to = Math.min(edits.length, index + context + 1);
    const last = hunks.at(-1);
    if (last && from <= last.to) last.to = to;
    else hunks.push({ from, to });
  });
  return hunks;
}

function hunkText(edits: readonly Edit[], { from, to }: Hunk): string {
  const count = (part: readonly Edit[], kind: '-' | '+'): number =>
    part.filter((edit) => edit.kind === ' ' || edit.kind === kind).length;
  const ahead = edits.slice(0, from);
  const shown = edits.slice(from, to);
  const range = (kind: '-' | '+'): string => {
    const lines = count(shown, kind);
    // An empty range names the line before it.
    return `${count(ahead, kind) + (lines === 0 ? 0 : 1)}${lines === 1 ? '' : `,${lines}`}`;
  };
  return [`@@ -${range('-')} +${range('+')} @@`, ...shown.map(({ kind, line }) => kind + line)].join('\n');
}
