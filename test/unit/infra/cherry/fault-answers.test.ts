import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Said } from '../../../contract/faults/answer';
import { answers } from '../../../contract/faults/answers';

const page = readFileSync(join(__dirname, '../../../../docs/plan.md'), 'utf8');
const section = (page.split('## When the API goes wrong\n')[1] ?? '').split('\n## ')[0] ?? '';

const cell = (said: Said | undefined): string =>
  said === undefined ? '' : `${said.exit}: ${said.words.map((words) => `\`${words}\``).join(' … ')}`;

describe('what our commands say at each fault of the API', () => {
  it('stands in the documentation as the tests hold it: exit code and words', () => {
    const rows = section
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((each) => each.trim()),
      );
    expect(rows).toEqual(
      answers.map(({ at, early, preflight, plan, apply, after }) => [
        `\`${at}\``,
        preflight === undefined ? '' : `\`${preflight}\``,
        cell(plan),
        (early ? '(kept before) ' : '') + cell(apply),
        cell(after),
      ]),
    );
  });
});
