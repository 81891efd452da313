import { judgeRelease, openPoints, releaseText, type ReleaseFiles } from '../../../../workflows';

const example = '# Database\nAPP_DB_USER=\n# LOG_LEVEL=\n';
const files = (change: Partial<ReleaseFiles> = {}): ReleaseFiles => ({
  packageJson: '{"version":"1.4.0"}',
  changelog: '# Changelog\n\n## 1.4.0 (2026-11-22)\n\n- Faster.\n\n## 1.3.0 (2026-10-01)\n\n- First.\n',
  exampleFile: example,
  ...change,
});
const before = files({ packageJson: '{"version":"1.3.0"}' });
const open = (
  after: Partial<ReleaseFiles>,
  was: ReleaseFiles | undefined = before,
  renderedExample = after.exampleFile ?? example,
): readonly string[] => openPoints(judgeRelease({ before: was, after: files(after), renderedExample }));

describe('the release checklist', () => {
  it('is done with a newer version, its entry in the changelog, and the example file of the catalogue', () => {
    const report = judgeRelease({ before, after: files(), renderedExample: example });
    expect(openPoints(report)).toEqual([]);
    expect(releaseText(report).split('\n')).toEqual([
      'version: 1.4.0, after 1.3.0',
      'changelog: has an entry of 1.4.0 (2026-11-22)',
      '.env.example: is what the catalogue gives, with the settings of before',
    ]);
  });

  it.each([
    ['the same version', '{"version":"1.3.0"}', /version: is 1\.3\.0 still; write a newer one/],
    ['an older one', '{"version":"1.2.9"}', /1\.2\.9 is older than 1\.3\.0/],
    ['one that was to come before', '{"version":"1.3.0-rc.1"}', /is older than/],
    ['none', '{}', /package\.json has none of three numbers/],
    ['one of two numbers', '{"version":"1.4"}', /has none of three numbers/],
    ['something that is not JSON', 'version: 1.4.0', /has none of three numbers/],
  ])('is not done with %s', (_what, packageJson, says) => {
    expect(open({ packageJson })[0]).toMatch(says);
  });

  it.each([
    ['without a changelog', undefined, /CHANGELOG\.md has no entry of 1\.4\.0; write one under "## 1\.4\.0/],
    ['with an entry of another version', '## 1.4.1 (2026-11-22)\n\n- x\n', /has no entry of 1\.4\.0/],
    ['with an entry inside another heading', '### 1.4.0 (2026-11-22)\n\n- x\n', /has no entry/],
    ['without a date', '## 1.4.0\n\n- x\n', /has no date/],
    ['with a date that there is not', '## 1.4.0 (2026-13-45)\n\n- x\n', /has no date/],
    ['with an empty entry', '## 1.4.0 (2026-11-22)\n\n## 1.3.0 (2026-10-01)\n\n- x\n', /is empty/],
  ])('is not done %s', (_what, changelog, says) => {
    expect(open({ changelog })).toEqual([expect.stringMatching(says)]);
  });

  it('takes headings as Keep a Changelog has them', () => {
    expect(open({ changelog: '## [1.4.0] - 2026-11-22\n\n### Added\n\n- x\n' })).toEqual([]);
  });

  it('is not done while the example file is another one than the catalogue gives', () => {
    expect(open({}, before, `${example}NEW=\n`)).toEqual([
      '.env.example: is not what the settings catalogue gives; ./cogni settings docs, and commit it',
    ]);
    expect(
      openPoints(
        judgeRelease({ before, after: files({ exampleFile: undefined }), renderedExample: example }),
      ),
    ).toEqual([expect.stringMatching(/is not there/)]);
  });

  it.each([
    ['came', '# Database\nAPP_DB_USER=\n# LOG_LEVEL=\nAUTH_SECRET=\n', 'AUTH_SECRET'],
    ['went', '# Database\nAPP_DB_USER=\n', 'LOG_LEVEL'],
    ['became required', '# Database\nAPP_DB_USER=\nLOG_LEVEL=\n', 'LOG_LEVEL'],
    ['became optional', '# Database\n# APP_DB_USER=\n# LOG_LEVEL=\n', 'APP_DB_USER'],
  ])('wants the changelog to name a setting that %s', (_what, exampleFile, name) => {
    expect(open({ exampleFile })).toEqual([
      expect.stringMatching(new RegExp(`^\\.env\\.example: ${name} came, went, or became`)),
    ]);
    const changelog = `## 1.4.0 (2026-11-22)\n\n- Set \`${name}\`.\n`;
    expect(open({ exampleFile, changelog })).toEqual([]);
    // A longer name is another one.
    const other = `## 1.4.0 (2026-11-22)\n\n- Set ${name}_TOO.\n`;
    expect(open({ exampleFile, changelog: other })).toHaveLength(1);
  });

  it('asks for no change where nothing was served before', () => {
    const report = judgeRelease({ before: undefined, after: files(), renderedExample: example });
    expect(openPoints(report)).toEqual([]);
    expect(releaseText(report)).toContain('version: 1.4.0, the first');
  });

  it('names everything that is not done at once', () => {
    expect(
      open({ packageJson: '{"version":"1.3.0"}', changelog: '', exampleFile: undefined }, before, example),
    ).toHaveLength(3);
  });
});
