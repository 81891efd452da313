import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultOf, mentionsIn } from './mentions';

const checkout = join(__dirname, '../../..');
const pagesIn = (folder: string): readonly string[] =>
  readdirSync(join(checkout, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...pagesIn('docs'),
  ...pagesIn('docs/decisions'),
  // Runbooks: the prose of all steps, stages, disasters and lost keys.
  ...pagesIn('docs/reference'),
];
const faultsIn = (markdown: string): readonly string[] =>
  mentionsIn(markdown).flatMap((mention) => {
    const fault = faultOf(mention);
    return fault === undefined ? [] : [`./cogni ${mention.words.join(' ')}: ${fault}`];
  });

describe('every command that a page names', () => {
  it.each(pages)('is understood by the command line: %s', (page) => {
    expect(faultsIn(readFileSync(join(checkout, page), 'utf8'))).toEqual([]);
  });

  it('is found in code, on a line of its own, and in the middle of a sentence', () => {
    const text =
      '`./cogni status`, then ./cogni deploy preview --image-tag x, and it ends.\n    ./cogni drift <env>  # all\n' +
      '| `./cogni receiver key\\|up <env>` | `./cogni sandbox down && ./cogni sandbox up` |\n' +
      '`./cogni backup <env> [--type full\\|diff]` `cogni plan <number of it>`';
    expect(mentionsIn(text).map(({ words }) => words.join(' '))).toEqual([
      ...['status', 'deploy preview --image-tag x', 'drift <env>', 'receiver key <env>', 'receiver up <env>'],
      ...['sandbox down', 'sandbox up', 'backup <env>', 'backup <env> --type full'],
      ...['backup <env> --type diff', 'plan <number of it>'],
    ]);
    expect(faultsIn(text)).toEqual([]);
  });

  it.each([
    ['`./cogni stats <env>`', /unknown|no command/],
    ['`cogni stats <env>`', /unknown|no command/],
    ['`./cogni drift <env> [--all]`', /--all/],
    ['`./cogni backup list <env> --newest`', /--newest/],
    ['`./cogni deploy <env> --dry-run`', /--image-tag/],
    ['`./cogni deploy … --image <tag>`', /--image/],
    ['`./cogni drift <env> <other>`', /too many arguments/],
    ['then ./cogni host converge <env> --dry, and look', /--dry/],
    ['mend it with ./cogni receivers up preview', /no command/],
    ['`./cogni journal --since today`', /./],
  ])('is told where the command line would not understand it: %s', (text, fault) => {
    expect(faultsIn(text)).toEqual([expect.stringMatching(fault)]);
  });
});
