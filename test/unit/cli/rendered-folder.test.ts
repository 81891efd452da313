import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRendered } from '../../../cli/rendered-folder';

describe('writing what was rendered', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-rendered-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = (path: string, content = 'x') => ({ path, content, mode: 0o640 });
  const at = (path: string): string => join(folder, path);
  const exist = (...paths: string[]): boolean[] => paths.map((path) => existsSync(at(path)));

  it('writes each file with its mode, and a manifest with their hashes', async () => {
    const { manifest } = await writeRendered(folder, [
      file('host/opt/cogni/edge/compose.yaml', 'services: {}\n'),
    ]);
    expect(statSync(at('host/opt/cogni/edge/compose.yaml')).mode & 0o777).toBe(0o640);
    expect(manifest.files).toEqual([
      {
        path: 'host/opt/cogni/edge/compose.yaml',
        bytes: 13,
        mode: '640',
        sha256: createHash('sha256').update('services: {}\n').digest('hex'),
      },
    ]);
    expect(JSON.parse(readFileSync(at('manifest.json'), 'utf8'))).toEqual(manifest);
  });

  it('writes nothing anew that is as it should be', async () => {
    await writeRendered(folder, [file('a')]);
    const before = statSync(at('a')).ino;
    await writeRendered(folder, [file('a')]);
    expect(statSync(at('a')).ino).toBe(before);
  });

  it('removes what it wrote before and renders no longer, with the folders that it leaves empty', async () => {
    writeFileSync(at('notes.txt'), 'mine');
    await writeRendered(folder, [file('deep/er/a'), file('b')]);
    const { removed } = await writeRendered(folder, [file('b')]);
    expect(removed).toEqual(['deep/er/a']);
    expect(exist('deep', 'b', 'notes.txt')).toEqual([false, true, true]);
  });

  it('leaves a file where it is that it wrote and that somebody changed since', async () => {
    await writeRendered(folder, [file('a'), file('b')]);
    writeFileSync(at('a'), 'my own notes');
    const { removed, kept } = await writeRendered(folder, [file('b')]);
    expect({ removed, kept }).toEqual({ removed: [], kept: ['a'] });
    expect(readFileSync(at('a'), 'utf8')).toBe('my own notes');
  });

  it('replaces nothing that it did not write, names all of it, and writes nothing then', async () => {
    writeFileSync(at('a'), 'mine');
    mkdirSync(at('b'));
    symlinkSync(tmpdir(), at('c'));
    const writing = writeRendered(folder, [file('a'), file('b'), file('c/d'), file('e')]);
    await expect(writing).rejects.toMatchObject({
      faults: [
        'a was not written by a render',
        'b is a folder',
        'c is a link: it may lead out of the folder',
      ],
      exitCode: 3,
    });
    expect(readFileSync(at('a'), 'utf8')).toBe('mine');
    expect(exist('e', 'manifest.json')).toEqual([false, false]);
  });

  it('removes nothing outside its folder, whatever a manifest says', async () => {
    writeFileSync(at('outside'), 'x');
    const inside = at('inside');
    await writeRendered(inside, [file('a')]);
    const sha256 = createHash('sha256').update('x').digest('hex');
    for (const path of ['../outside', at('outside'), 'a/../../outside']) {
      const evil = { files: [{ path, sha256, bytes: 1, mode: '640' }] };
      writeFileSync(join(inside, 'manifest.json'), JSON.stringify(evil));
      await expect(writeRendered(inside, [file('a')])).rejects.toThrow(/is not a manifest that cogni wrote/);
    }
    expect(exist('outside')).toEqual([true]);
  });

  it('leaves a folder alone whose manifest is not one of ours', async () => {
    writeFileSync(at('manifest.json'), 'not json');
    await expect(writeRendered(folder, [file('a')])).rejects.toThrow(/is not a manifest that cogni wrote/);
    expect(exist('a')).toEqual([false]);
  });

  it('finishes what a run that was cut off had begun: its files and its temporaries are known', async () => {
    await writeRendered(folder, [file('old'), file('both', 'before')]);
    // As a run leaves it that is killed between its files: some new ones, no final manifest.
    const manifest = JSON.parse(readFileSync(at('manifest.json'), 'utf8')) as { files: unknown[] };
    const hash = (content: string): string => createHash('sha256').update(content).digest('hex');
    const underWay = {
      old: [hash('x')],
      both: [hash('before'), hash('between')],
      never: [hash('between')],
    };
    writeFileSync(at('manifest.json'), JSON.stringify({ ...manifest, underWay }));
    writeFileSync(at('both'), 'between');
    writeFileSync(at('never'), 'between');
    writeFileSync(at('both.4711.0123abcd.tmp'), 'betw');
    writeFileSync(at('both.mine.tmp'), 'mine');
    const { removed } = await writeRendered(folder, [file('both', 'after')]);
    expect([...removed].sort()).toEqual(['never', 'old']);
    expect(
      readdirSync(folder)
        .filter((name) => !name.startsWith('.render.lock'))
        .sort(),
    ).toEqual(['both', 'both.mine.tmp', 'manifest.json']);
    expect(readFileSync(at('both'), 'utf8')).toBe('after');
  });
});
