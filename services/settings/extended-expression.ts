/**
 * A pattern of the catalogue as `grep -E` reads it (POSIX, "Extended Regular Expressions"): the same language.
 *
 * @param source of a JavaScript expression without flags
 * @throws Error for what those programs do not know, such as a look ahead: a check that is made weaker in silence is none
 */
export function extendedExpression(source: string): string {
  let [text, inClass] = ['', false];
  for (let at = 0; at < source.length; at += 1) {
    const rest = source.slice(at);
    const unit = wordOf(rest, inClass);
    if (unit === undefined) throw new Error(`grep -E does not know "${rest.slice(0, 6)}" of ${source}`);
    text += unit.text;
    at += unit.length - 1;
    if (rest.startsWith('[') && !inClass) inClass = true;
    else if (rest.startsWith(']')) inClass = false;
  }
  return text;
}

interface Unit {
  readonly text: string;
  /** How much of the source it stands for. */
  readonly length: number;
}

/** Inside of brackets. */
const classes: Readonly<Record<string, string>> = { w: 'A-Za-z0-9_', d: '0-9' };

/** What a pattern's beginning means. */
function wordOf(rest: string, inClass: boolean): Unit | undefined {
  if (!rest.startsWith('\\')) {
    if (inClass || !rest.startsWith('(?')) return { text: rest.charAt(0), length: 1 };
    return rest.startsWith('(?:') ? { text: '(', length: 3 } : undefined;
  }
  const [, code] = /^\\x([0-9a-f]{2})/i.exec(rest) ?? [];
  if (code !== undefined) return visible(String.fromCharCode(parseInt(code, 16)), inClass);
  const second = rest.charAt(1);
  const known = classes[second];
  if (known !== undefined) return { text: inClass ? known : `[${known}]`, length: 2 };
  // A sign that would mean something else without the backslash, which has no meaning in brackets.
  return /[^A-Za-z0-9]/.test(second) && !inClass ? { text: `\\${second}`, length: 2 } : undefined;
}

/** A sign by its number: only where it means itself. */
const visible = (sign: string, inClass: boolean): Unit | undefined =>
  inClass && /[\x21-\x7e]/.test(sign) && !/[\]\\^[-]/.test(sign) ? { text: sign, length: 4 } : undefined;
