import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isSettingName } from '../../../../services';

const checkout = resolve(__dirname, '..', '..', '..', '..');

/** Every folder with code of ours that may run somewhere. */
const folders = readdirSync(checkout, { withFileTypes: true })
  .filter(
    (entry) => entry.isDirectory() && !/^(?:\.|node_modules|dist|cdktf\.out|coverage|test$)/.test(entry.name),
  )
  .map(({ name }) => name);

/** Whatever way a variable is read: `process.env.A`, `variables['a']`, `const { A } = process.env`. */
function namesIn(text: string): readonly string[] {
  const code = text.replace(/^\s*(?:\*|\/\/|\/\*).*$/gm, '');
  const single =
    /\bprocess\.env\??\.([A-Za-z_]\w*)|\b(?:process\.env|variables|environment|env)\[['"`]([A-Za-z_]\w*)['"`]\]/g;
  const several = /\{([^{}]*)\}\s*=\s*process\.env\b/g;
  return [
    ...[...code.matchAll(single)].map(([, dotted, quoted]) => dotted ?? quoted ?? ''),
    ...[...code.matchAll(several)].flatMap(([, names = '']) =>
      names.split(',').flatMap((name) => /[A-Za-z_]\w*/.exec(name)?.[0] ?? []),
    ),
  ];
}

/** What code reads and nobody sets as a setting of the system, with the reason. */
const noSettings: Readonly<Record<string, string>> = {
  PATH: 'every program gets it from its system',
  https_proxy: 'the other spelling of HTTPS_PROXY, which curl and Go read as well',
  no_proxy: 'the other spelling of NO_PROXY',
  CONFIGURATION: "a place in SourceCred's container, for its tests",
  INSTANCE: "a place in SourceCred's container, for its tests",
  SOURCECRED_PROGRAM: "a place in SourceCred's container, for its tests",
};

describe('the variables that code of ours reads', () => {
  const read = new Map<string, string>();
  for (const folder of folders) {
    const files = readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((each) => /\.[cm]?[jt]s$/.test(each) && !each.includes('node_modules'))) {
      const path = join(folder, file);
      for (const name of namesIn(readFileSync(join(checkout, path), 'utf8'))) read.set(name, path);
    }
  }

  it('are found in whatever way they are read', () => {
    const text = [
      'process.env.DOTTED; process.env?.maybe;',
      "process.env['QUOTED']; variables['lower_case'];",
      'const { ONE, two: other } = process.env;',
      '// process.env.NOT_CODE',
    ].join('\n');
    expect([...namesIn(text)].sort()).toEqual(
      ['DOTTED', 'ONE', 'QUOTED', 'lower_case', 'maybe', 'two'].sort(),
    );
    expect(folders).toEqual(expect.arrayContaining(['recovery', 'workflows', 'scripts', 'services']));
    expect(read.get('SOURCECRED_GITHUB_TOKEN')).toMatch(/^services\/.*\.js$/);
  });

  it('are settings of the catalogue, or stand here with a reason', () => {
    const undeclared = [...read].filter(([name]) => !isSettingName(name) && !(name in noSettings));
    expect(undeclared).toEqual([]);
  });

  it('stand here only while they are read, and are no settings', () => {
    const stale = Object.keys(noSettings).filter((name) => !read.has(name));
    expect(stale).toEqual([]);
    expect(Object.keys(noSettings).filter(isSettingName)).toEqual([]);
  });
});
