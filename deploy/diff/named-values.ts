/** Names that say by themselves that they hold a secret, whoever made them up. */
const speaking = '[A-Z][A-Z0-9_]*_(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN)';

/**
 * Takes out of a text what stands after the name of a secret, in any of the languages of a host's files: YAML, JSON, `.env`,
 * a shell's, Caddy's. Where a value ends depends on the language and its quotes, so the rest of the line goes, and so do the
 * lines after it that may belong to it: no part of a secret is shown for the sake of what follows. A reference, such as
 * `${NAME:?…}` or `os.environ/NAME`, stays.
 *
 * @param names of secrets; those that end like one (`…_PASSWORD`, `…_TOKEN`) are known without
 */
export function withoutNamedValues(names: Iterable<string>): (text: string) => string {
  const words = [...[...names].filter((name) => /^[\w-]+$/.test(name)), speaking].join('|');
  // A shell's $NAME and ${NAME…} set nothing; Caddy's {$NAME:default} does.
  const assignment = new RegExp(
    `(?<!(?<!\\{)\\$|\\$\\{)\\b(${words})(\\\\*(["']?)\\\\*[ \\t]*([:=])[ \\t]*)([^]*)$`,
  );
  const fallback = new RegExp(`\\$\\{(${words})(:?[-+=])[^}]*`, 'g');
  // Nothing but the reference, or the null of what is handed on: with a default, or with more behind it, it is a value.
  const reference = /^(["']?)(?:null|\$\{[A-Z_][A-Z0-9_]*(?::?\?[^}]*)?\}|os\.environ\/[A-Z0-9_]+)\1\s*$/;
  return (text) => {
    const lines = text.replace(fallback, '${$1$2[secret $1]').split('\n');
    const shown: string[] = [];
    for (let at = 0; at < lines.length;) {
      const line = lines[at] ?? '';
      const match = assignment.exec(line);
      const [, name = '', between = '', quote = '', sign = '', value = ''] = match ?? [];
      if (match === null) {
        shown.push(line);
        at += 1;
        continue;
      }
      const end = endOfValue(lines, at, value, sign === ':' ? match.index - quote.length : dashOf(line));
      const isWhole = end === at + 1 && (value.trim() === '' || reference.test(value));
      shown.push(isWhole ? line : `${line.slice(0, match.index)}${name}${between}[secret ${name}]`);
      at = end;
    }
    return shown.join('\n');
  };
}

/** Column of the dash of an entry of a list; -1 where there is none, as for a line of a shell or of `.env`. */
const dashOf = (line: string): number => line.search(/(?<=^\s*)- /);

/**
 * Where the lines end that may belong to a value.
 *
 * @param column of what the value belongs to: in YAML, lines that are further in are part of it. -1: no line is
 * @returns index of the line after the last one
 */
function endOfValue(lines: readonly string[], at: number, value: string, column: number): number {
  const sign = openQuoteOf(value);
  if (sign !== undefined) {
    const closing = lines.findIndex((line, index) => index > at && quotesIn(line, sign) > 0);
    return closing < 0 ? lines.length : closing + 1;
  }
  let end = at + 1;
  while (end < lines.length && /\\\r?$/.test(lines[end - 1] ?? '')) end += 1;
  if (column < 0) return end;
  for (let next = end; next < lines.length; next += 1) {
    const indentation = lines[next]?.search(/\S/) ?? -1;
    if (indentation > column) end = next + 1;
    // An empty line is part of the value where one that is further in follows.
    else if (indentation >= 0) break;
  }
  return end;
}

/** The quote that a value begins with, where its line does not end it. */
function openQuoteOf(value: string): '"' | "'" | undefined {
  const sign = value.startsWith('"') ? '"' : value.startsWith("'") ? "'" : undefined;
  return sign !== undefined && quotesIn(value, sign) % 2 === 1 ? sign : undefined;
}

/** How many quotes open or close: none that is escaped as YAML, JSON or a shell does. */
const quotesIn = (text: string, sign: '"' | "'"): number =>
  text.replace(sign === '"' ? /\\./g : /'\\''|(?<=.)''/g, '').split(sign).length - 1;
