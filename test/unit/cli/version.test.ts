import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { cogniProgram } from '../../../cli/program';
import { versionHere, versionText } from '../../../cli/version';

describe('the version', () => {
  const commit = 'c'.repeat(40);

  it('is that of the package', async () => {
    const text = readFileSync(resolve(__dirname, '../../../package.json'), 'utf8');
    expect((await versionHere()).version).toBe((JSON.parse(text) as { version: string }).version);
  });

  it('is told on one line, with the commit and whether the checkout differs from it', () => {
    expect(versionText({ version: '1.2.3', commit, dirty: false })).toBe(`cogni 1.2.3, commit ${commit}`);
    expect(versionText({ version: '1.2.3', commit, dirty: true })).toBe(
      `cogni 1.2.3, commit ${commit}, with changes that are not committed`,
    );
    expect(versionText({ version: '1.2.3' })).toBe('cogni 1.2.3, of no commit');
  });

  it('is an option of the command line that its help names', () => {
    expect(cogniProgram().helpInformation()).toMatch(/--version +version of this program/);
  });
});
