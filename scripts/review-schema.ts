import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { writeAtomically } from '../foundation/files';
import { reportSchema } from '../review';

/** Writes the published schema of the report of `cogni review --json`. */
async function main(): Promise<void> {
  const file = resolve('review', 'report.schema.json');
  const options = { ...(await resolveConfig(file)), parser: 'json' };
  writeAtomically(file, await format(JSON.stringify(reportSchema(), undefined, 2), options));
  process.stdout.write(`wrote ${file}: review and commit it\n`);
}

void main();
