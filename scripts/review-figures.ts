import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { writeAtomically } from '../foundation/files';
import { compared, comparisonReport } from './review-comparison';
import { readCorpus } from './review-corpus';

/** Writes docs/reports/review.md: what text matching and action counts see of the corpus, beside the review. */
async function main(): Promise<void> {
  const file = resolve('docs', 'reports', 'review.md');
  const options = { ...(await resolveConfig(file)), parser: 'markdown' };
  const report = comparisonReport(compared(readCorpus(join(__dirname, '..', '..'))));
  writeAtomically(file, await format(report, options));
  process.stdout.write(`wrote ${file}: review and commit it\n`);
}

void main();
