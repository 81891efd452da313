import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeRendered } from '../../../cli/rendered-folder';

/** Renders two sets of files in turn, without end. */
const restless = `
const { writeRendered } = require(process.argv[1]);
const folder = process.argv[2];
const set = (name) => Array.from({ length: 40 }, (_, index) => ({
  path: name + '/' + index + '/file', content: (name + index).repeat(2000), mode: 0o644,
}));
(async () => {
  for (;;) for (const name of ['one', 'two']) {
    await writeRendered(folder, 'preview', [...set(name), ...set('both').map((file) => ({ ...file, content: name + file.content }))]);
    process.stdout.write('.');
  }
})();
`;

describe('a render that is killed', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-killed-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const everything = (): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.render.lock'))
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();

  it('leaves no file torn, and nothing that the next run does not clear away; a file of a person stays', async () => {
    writeFileSync(join(folder, 'mine'), 'mine');
    for (let round = 0; round < 15; round += 1) {
      const program = resolve('dist/cli/rendered-folder.js');
      const child = spawn(process.execPath, ['-e', restless, program, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      await delay(round * 7);
      child.kill('SIGKILL');
      await once(child, 'exit');
      for (const path of everything().filter((each) => each.endsWith('/file'))) {
        const content = readFileSync(join(folder, path), 'utf8');
        const [name = '', index = ''] = path.split('/');
        const whole = content.replace(/^(?:one|two)(?=both)/, '') === `${name}${index}`.repeat(2000);
        expect({ path, whole }).toEqual({ path, whole: true });
      }
    }
    await writeRendered(folder, 'preview', [{ path: 'last', content: 'x', mode: 0o644 }]);
    expect(everything()).toEqual(['last', 'manifest.json', 'mine']);
  });
});
