import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateCommands } from '../../../deploy/diff/host-state';

describe('what is read of the files of a project on a host', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-host-state-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Standard output of the command, as the host's Python prints it. */
  function read(files: Readonly<Record<string, string>>, state: readonly string[] = []): string {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), content, { mode: 0o644 });
    }
    const project = { name: 'p', folder, files: [], state, settings: { required: [], optional: [] } };
    const [program, ...words] = stateCommands(project).files.argv;
    return execFileSync(program, words, { encoding: 'utf8' });
  }

  it('is the content and mode of each file, and why there is no content', () => {
    symlinkSync('/etc/passwd', join(folder, 'link'));
    const printed = read({ 'compose.yaml': 'services: {}\n', 'a/b': 'c', '.next/d': 'e' });
    expect(JSON.parse(printed)).toEqual({
      files: {
        'compose.yaml': { mode: 0o644, content: 'services: {}\n' },
        'a/b': { mode: 0o644, content: 'c' },
        link: { mode: 0o777, unread: 'is a link' },
      },
      settings: null,
      settingsMode: null,
    });
  });

  it('leaves out what is state, and nothing else that has its name', () => {
    const there = { 'a/state': '', 'state/kept': '', 'a/left/out': '', 'a/left.txt': '', '.next/d': '' };
    const printed = read(there, ['a/state', 'state', 'a/left']);
    expect(Object.keys((JSON.parse(printed) as { files: object }).files)).toEqual(['a/left.txt']);
  });

  it('is of settings the names, and no value, whatever the file of them is called', () => {
    const values = 'AUTH_SECRET=planted\n';
    const printed = read({
      '.env': `# A=planted\nAUTH_SECRET='planted'\nexport OLD="planted\nc2VjcmV0planted=\nPLANTEDJBSWY3DPEHPK3PXP====\n"\n`,
      ...{ '.env.next': values, '.env.bak': values, '.env~': values, 'old.env': values, 'a/.env': values },
      ...{ '.env.d/app': values, 'a/old.env/b/c': values },
    });
    expect(printed).not.toMatch(/planted/i);
    const unread = { mode: 0o644, unread: 'may hold settings, whose values stay on the host' };
    expect(JSON.parse(printed)).toEqual({
      files: {
        '.env.next': unread,
        '.env.bak': unread,
        '.env~': unread,
        'old.env': unread,
        'a/.env': unread,
        '.env.d/app': unread,
        'a/old.env/b/c': unread,
      },
      settings: ['(line 4)', '(line 5)', 'AUTH_SECRET', 'OLD'],
      settingsMode: 0o644,
    });
  });
});
