import { redacted, redactions, type Redaction } from '../../../../services/alloy/redaction';

/** What Alloy's stage makes of a line: each group is replaced (Loki, replace stage). RE2's `(?i)` is JavaScript's flag. */
export const redact = (line: string, rules: readonly Redaction[] = redactions): string =>
  rules.reduce((seen, { expression }) => {
    const insensitive = expression.startsWith('(?i)');
    const pattern = new RegExp(insensitive ? expression.slice(4) : expression, insensitive ? 'gid' : 'gd');
    const found = [...seen.matchAll(pattern)].map(({ indices }) => indices?.[1]).reverse();
    return found.reduce<string>(
      (so, at) => (at ? so.slice(0, at[0]) + redacted + so.slice(at[1]) : so),
      seen,
    );
  }, line);

/** Whether a line is dropped as noise by a rendered pipeline: its first expression. */
export function isDropped(line: string, pipeline: string): boolean {
  const [, expression = ''] = /^\t*expression += (".*")$/m.exec(pipeline) ?? [];
  return new RegExp(JSON.parse(expression) as string).test(line);
}
