import type { Plain } from '../tree';

/**
 * What Compose looks for in a text (compose-go, template.go, "patternString"). In braces it wants a name, and behind it the end or
 * the sign of an argument.
 */
const token = /\$(?:\$|[a-z_][a-z0-9_]*|(\{)(?:[a-z_][a-z0-9_]*(\}|:?[-+?]))?)/giu;

/**
 * Whether Compose can replace every variable of a text. It refuses the file otherwise, whatever the variables hold. An argument may
 * hold variables of its own, and neither crosses the end of a line.
 */
export const isReplaceable = (text: string): boolean =>
  !text.includes('${') || text.split('\n').every(isReplaceableLine);

/** Takes as long as the line is, however deep its variables stand in each other: a file may be one line of megabytes. */
function isReplaceableLine(line: string): boolean {
  const closings = closingsOf(line);
  /** Where the arguments end that the token stands in, from the outside in. */
  const ends = [line.length];
  for (const { 0: text, 1: brace, 2: sign, index } of line.matchAll(token)) {
    if (brace === undefined) continue;
    if (sign === undefined) return false;
    const start = index + text.length;
    while (index > (ends.at(-1) ?? 0)) ends.pop();
    const end = ends.at(-1) ?? line.length;
    if (sign === '}') {
      if (start > end) return false;
      continue;
    }
    const closing = closings.get(index + 1) ?? end;
    // Where nothing closes it, for more braces are opened, Compose takes the last one that closes anything.
    const last = closing < end ? closing : line.lastIndexOf('}', end - 1);
    if (last < start) return false;
    ends.push(last);
  }
  return true;
}

/** The brace that closes each, as Compose counts them: it skips the sign behind one that opens ("getFirstBraceClosingIndex"). */
function closingsOf(line: string): ReadonlyMap<number, number> {
  const closings = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < line.length; at += 1) {
    const sign = line[at];
    if (sign === '{') {
      open.push(at);
      at += 1;
    } else if (sign === '}') {
      const opened = open.pop();
      if (opened !== undefined) closings.set(opened, at);
    }
  }
  return closings;
}

/** Texts below a key that Compose refuses to read, by their places; what else stands there is not shown. */
export function unreplaceable(value: Plain, path = '', found: string[] = []): readonly string[] {
  if (typeof value === 'string') {
    if (!isReplaceable(value)) {
      const allowed = '${NAME}, ${NAME:-fallback} and the like on one line, and $${ for the text itself';
      found.push(`${path} holds a \${ that begins no variable: Compose reads ${allowed}`);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries<Plain>(value))
      unreplaceable(inner, path === '' ? key : `${path}/${key}`, found);
  }
  return found;
}
