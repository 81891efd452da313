import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../../foundation/files';
import { madeBy } from '../../scripts/figures';
import { checkout } from '../e2e/sandbox-cli';

/**
 * Keeps what a long run has measured, below `.cogni/reports`: a run that counts is committed from there to `docs/reports`.
 *
 * @param name `deploy-load`
 * @param command what makes it again
 */
export function keepReport(
  name: string,
  title: string,
  command: string,
  paragraphs: readonly string[],
): void {
  const folder = join(checkout, '.cogni', 'reports');
  mkdirSync(folder, { recursive: true });
  const text = [`# ${title}`, madeBy(command, checkout), ...paragraphs].join('\n\n');
  writeAtomically(join(folder, `${name}.md`), `${text}\n`);
}
