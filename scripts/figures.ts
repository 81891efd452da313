import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** What the reports of docs/reports/ have in common. */

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Least and most: `12–15`. */
export const range = (values: readonly number[], digits = 0): string =>
  `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;

/** Median and range of milliseconds: `12 ms (11–15)`. */
export const inMilliseconds = (values: readonly number[]): string =>
  `${median(values).toFixed(0)} ms (${range(values)})`;

/** Runs commands in turns, A B A B …, after one turn that is not counted: a machine whose speed drifts is fair to all. */
export async function inTurns<Result>(
  turns: number,
  commands: Readonly<Record<string, () => Promise<Result>>>,
): Promise<Readonly<Record<string, readonly Result[]>>> {
  const results: Record<string, Result[]> = {};
  for (let turn = 0; turn <= turns; turn++) {
    for (const [name, command] of Object.entries(commands)) {
      const result = await command();
      if (turn > 0) (results[name] ??= []).push(result);
    }
  }
  return results;
}

/** The kind of machine and the commit, in one sentence. */
export function madeBy(command: string, checkout: string): string {
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: checkout }).toString().trim();
  return `Made by \`${command}\` at commit ${commit.slice(0, 12)}, on ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}.`;
}

/** A table of Markdown. */
export const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
