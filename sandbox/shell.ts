/**
 * `export` lines for a POSIX shell, sorted by name: what `eval "$(./cogni sandbox env)"` reads. Values are quoted so
 * that no character of theirs means anything to the shell.
 */
export function exportLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');
}

const quoted = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;
