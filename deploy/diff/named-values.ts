/** A word in small letters, in capitals, and as it stands in the middle of a camelCase name. */
const spelled = (word: string): string =>
  `(?:${word}|${word.toUpperCase()}|${word.slice(0, 1).toUpperCase()}${word.slice(1)})`;

/**
 * Names that say by themselves that they hold a secret, whoever made them up. `PWD` and `bypass` do not, nor do public keys and
 * the `NOPASSWD` of sudo.
 */
const speaking = [
  ...['password', 'passphrase', 'secret', 'token'].map(spelled),
  `(?<!NO)${spelled('passwd')}`,
  ...['api', 'secret', 'private', 'master'].map((kind) => `${spelled(kind)}[_-]?${spelled('key')}`),
  `${spelled('secret')}_?${spelled('access')}_?${spelled('key')}`,
  '_(?:pass|pwd|credentials|PASS|PWD|CREDENTIALS)',
  '[a-z0-9](?:Pass|Pwd|Credentials)',
]
  .map((end) => `\\w*${end}`)
  .join('|');

/**
 * Takes out of a text what stands after the name of a secret, in any of the languages of a host's files: YAML, JSON, `.env`,
 * a shell's, Caddy's. Where a value ends depends on the language and its quotes, so the rest of the line goes, and so do the
 * lines after it that may belong to it: no part of a secret is shown for the sake of what follows. A reference, such as
 * `${NAME:?…}`, `os.environ/NAME` or `sys.env("NAME")`, stays. It does not follow what begins elsewhere: the lines of a here-document, and those
 * after a name that stands inside of quotes which opened before it.
 *
 * @param names of secrets; those that end like one (`PGPASSWORD`, `api_key`, `clientSecret`) are known without
 */
export function withoutNamedValues(names: Iterable<string>): (text: string) => string {
  const words = [...[...names].filter((name) => /^[\w-]+$/.test(name)), speaking].join('|');
  const handedOn = `"?\\$(?:\\d|${speaking})"?(?:\\s|$)`;
  // A shell's $NAME and ${NAME…} set nothing, handing on its $1 or $password shows nothing, nor does psql's \password; Caddy's {$NAME:default} does.
  const assignment = new RegExp(
    `(?<!(?<!\\{)\\$|\\$\\{|^\\\\)\\b(${words})((?:\\\\*(["'])\\\\*|\\\\*)[ \\t]*([:=])(?!${handedOn})[ \\t]*)([^]*)$`,
  );
  const fallback = new RegExp(`\\$\\{(${words})(:?[-+=])[^}]*`, 'g');
  // Nothing but the reference, the null of what is handed on, or a yes or no: with a default, or with more behind it, it is a value.
  const reference =
    /^(["']?)(?:null|true|false|\$\{[A-Z_][A-Z0-9_]*(?::?\?[^}]*)?\}|os\.environ\/[A-Z0-9_]+|sys\.env\("[A-Z0-9_]+"\))\1\s*$/;
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
      const isKey = sign === ':';
      const column = isKey ? match.index - quote.length : dashOf(line);
      const end = endOfValue(lines, at, { value, column, isKey });
      const isWhole = end === at + 1 && (value.trim() === '' || reference.test(value));
      shown.push(isWhole ? line : `${line.slice(0, match.index)}${name}${between}[secret ${name}]`);
      at = end;
    }
    return shown.join('\n');
  };
}

/** Column of the dash of an entry of a list; -1 where there is none, as for a line of a shell or of `.env`. */
const dashOf = (line: string): number => (/^\s*- /.exec(line)?.[0].length ?? 1) - 2;

interface Value {
  /** What of it stands on the line of its name. */
  readonly value: string;
  /** Of what the value belongs to: in YAML, lines that are further in are part of it. -1: no line is */
  readonly column: number;
  /** Whether it belongs to a key of YAML, whose list may stand at the column of the key itself (YAML 1.2, 8.2.2). */
  readonly isKey: boolean;
}

/** Where the lines end that may belong to a value: index of the line after the last one. */
function endOfValue(lines: readonly string[], at: number, { value, column, isKey }: Value): number {
  const sign = openQuoteOf(value);
  let end = at + 1;
  if (sign !== undefined) {
    // From here on and not from the first line: a long file may have many of these. What nothing closes takes all the rest.
    while (end < lines.length && quotesIn(lines[end] ?? '', sign) === 0) end += 1;
    return Math.min(end + 1, lines.length);
  }
  while (end < lines.length && /\\\r?$/.test(lines[end - 1] ?? '')) end += 1;
  if (column < 0) return end;
  for (let next = end; next < lines.length; next += 1) {
    const line = lines[next] ?? '';
    const indentation = line.search(/\S/);
    const isEntry = isKey && indentation === column && /^-(?:\s|$)/.test(line.slice(indentation));
    if (indentation > column || isEntry) end = next + 1;
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
