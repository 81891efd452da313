/**
 * What a step leaves for those after it: the files behind GITHUB_OUTPUT and GITHUB_ENV, and the words on its output (GitHub
 * documentation, "Workflow commands for GitHub Actions").
 */

/** `name=value` in a line, or `name<<END`, lines, `END`. @throws Error for any other line */
export function parseCommandFile(text: string): Readonly<Record<string, string>> {
  const found: [string, string][] = [];
  const lines = text.split('\n');
  while (lines.length > 0) {
    const line = lines.shift() ?? '';
    if (line === '') continue;
    const several = /^([^=<]+)<<(.+)$/.exec(line);
    if (several) {
      const [, name = '', end = ''] = several;
      const length = lines.indexOf(end);
      if (length < 0) throw new Error(`"${name}" has no end "${end}"`);
      found.push([name, lines.splice(0, length).join('\n')]);
      lines.shift();
      continue;
    }
    const one = /^([^=]+)=(.*)$/.exec(line);
    if (!one) throw new Error('a line is neither name=value nor name<<END');
    found.push([one[1] ?? '', one[2] ?? '']);
  }
  return Object.fromEntries(found);
}

export interface Annotation {
  readonly level: 'notice' | 'warning' | 'error';
  readonly message: string;
}

/** `::warning::text`, wherever a line begins with it. */
export const annotationsIn = (output: string): readonly Annotation[] =>
  [...output.matchAll(/^::(notice|warning|error)(?: [^:]*)?::(.*)$/gm)].map(([, level, message]) => ({
    level: level as Annotation['level'],
    message: message ?? '',
  }));
