/**
 * The little YAML that a cloud-config needs, written so that its bytes depend on nothing but the values: no library,
 * whose next release might fold a line elsewhere and thereby wipe a disk.
 */

/** A text as a double-quoted scalar; JSON's escapes are YAML's (YAML 1.2.2, section 5.7), also to YAML 1.1 readers. */
export function quotedScalar(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Characters that a block scalar holds unchanged for YAML 1.1 and 1.2: printable, and only "\n" as line break. */
const printable = /^[\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u;

/**
 * A text as a block scalar where it can be one, else quoted: what follows `key: `.
 *
 * @param indent blanks of the key's own mapping; the text stands one further in.
 */
export function textScalar(text: string, indent: number): string {
  const body = text.replace(/\n+$/, '');
  if (body === '' || !printable.test(text)) return quotedScalar(text);
  const newlines = text.length - body.length;
  const chomping = newlines === 0 ? '-' : newlines === 1 ? '' : '+';
  // A first line that begins with a blank hides where the text begins; then the number says so.
  const indicator = /^[\s]/.test(body) ? '1' : '';
  const margin = ' '.repeat(indent + 1);
  const lines = body.split('\n').map((line) => (line === '' ? '' : margin + line));
  return `|${indicator}${chomping}\n${lines.join('\n')}${'\n'.repeat(Math.max(0, newlines - 1))}`;
}
