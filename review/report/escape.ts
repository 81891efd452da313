/**
 * Names and values of a plan are written by anybody who can open a pull request. Each of these functions makes a text
 * inert in one language, and shows what it could not carry instead of leaving it out.
 */

/** Characters that move the cursor, hide or turn round what stands beside them. */
const invisible =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0\u2800\p{Variation_Selector}]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/gu;

/** Most texts are nothing but these, and need no closer look. */
const harmless = /^[ -~]*$/;
const inertAsItIs = /^(?!.*www\.)[a-z0-9]+(?:[._,/-][a-z0-9]+)*$/i;

const escaped = (sign: string): string => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`;

/** One line: everything that is not seen is shown by its number, line ends too. */
export const visible = (text: string): string =>
  harmless.test(text)
    ? text
    : text.replace(invisible, (sign) => (sign === '\n' ? '\\n' : sign === '\t' ? '\\t' : escaped(sign)));

/** Several lines: line ends and tabs stay. */
export const visibleLines = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replace(invisible, (sign) => (sign === '\n' || sign === '\t' ? sign : escaped(sign)));

/**
 * A text inside a line or a cell of GitHub's Markdown: in `<code>`, where nobody is mentioned, with every sign that means
 * something to Markdown, HTML or the recognition of links as a numeric entity.
 */
export function code(text: string): string {
  if (inertAsItIs.test(text)) return `<code>${text}</code>`;
  const inert = visible(text)
    .replace(/[^\p{L}\p{N} ,./_-]/gu, entity)
    // `www.` alone makes a link.
    .replace(/(?<=www)\./gi, entity)
    // Underscores between letters mean nothing; elsewhere they may.
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, entity)
    // Spaces at either end, or several of them, would be lost.
    .replace(/^ | $| (?= )/g, '&nbsp;');
  return `<code>${inert}</code>`;
}

const entity = (sign: string): string => `&#${sign.codePointAt(0) ?? 0};`;

/** Prose of ours with names of others in it: as {@link code}, without the `<code>` around all of it. */
export const plain = (text: string): string =>
  visible(text)
    .replace(/[&<>*`[\]|~!\\$]|:(?=\/)|_(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])_/gu, entity)
    .replace(/(?<=www)\./gi, entity)
    // Nobody is mentioned, and nothing is linked, from inside <code>.
    .replace(/@|(?<!&)#/g, (sign) => `<code>${entity(sign)}</code>`);

/** A block that shows a text as it is. Its fence is longer than any row of backticks in the text. */
export function fenced(language: string, text: string): string {
  const inner = visibleLines(text);
  const longest = Math.max(2, ...[...inner.matchAll(/`+/g)].map(([row]) => row.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${inner}\n${fence}`;
}

/** A label of a Mermaid diagram, with its quotes: numeric entities in Mermaid's own form. */
export const mermaidLabel = (text: string): string =>
  `"${visible(text).replace(/[^\p{L}\p{N} ,./_-]/gu, (sign) => `#${sign.codePointAt(0) ?? 0};`)}"`;

/** Part of an HTML comment: letters, digits, dots, dashes that are no two in a row; the rest by number. */
export const inComment = (text: string): string =>
  text.replace(/[^A-Za-z0-9.]/g, (sign, index: number) =>
    sign === '-' && text[index - 1] !== '-' && index > 0 && index < text.length - 1
      ? '-'
      : `_${sign.charCodeAt(0).toString(16)}_`,
  );
