import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
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
    const { manifest } = await writeRendered(folder, 'preview', [
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
    await writeRendered(folder, 'preview', [file('a')]);
    const before = statSync(at('a')).ino;
    await writeRendered(folder, 'preview', [file('a')]);
    expect(statSync(at('a')).ino).toBe(before);
  });

  it('removes what it wrote before and renders no longer, with the folders that it leaves empty', async () => {
    writeFileSync(at('notes.txt'), 'mine');
    await writeRendered(folder, 'preview', [file('deep/er/a'), file('b')]);
    const { removed } = await writeRendered(folder, 'preview', [file('b')]);
    expect(removed).toEqual(['deep/er/a']);
    expect(exist('deep', 'b', 'notes.txt')).toEqual([false, true, true]);
  });

  it('leaves a file where it is that it wrote and that somebody changed since', async () => {
    await writeRendered(folder, 'preview', [file('a'), file('b')]);
    writeFileSync(at('a'), 'my own notes');
    const { removed, kept } = await writeRendered(folder, 'preview', [file('b')]);
    expect({ removed, kept }).toEqual({ removed: [], kept: ['a'] });
    expect(readFileSync(at('a'), 'utf8')).toBe('my own notes');
  });

  it('writes what is rendered again as it is rendered, whatever somebody changed in it', async () => {
    await writeRendered(folder, 'preview', [file('a')]);
    writeFileSync(at('a'), 'edited');
    await writeRendered(folder, 'preview', [file('a', 'new')]);
    expect(readFileSync(at('a'), 'utf8')).toBe('new');
  });

  it('follows no link: what lies behind one is left, and what is to be behind one is refused', async () => {
    const elsewhere = at('elsewhere');
    const inside = at('inside');
    await writeRendered(inside, 'preview', [file('host/old/x'), file('b')]);
    renameSync(join(inside, 'host/old'), elsewhere);
    writeFileSync(join(elsewhere, 'x.4711.0123abcd.tmp'), 'mine');
    symlinkSync(elsewhere, join(inside, 'host/old'));
    const again = writeRendered(inside, 'preview', [file('host/old/x'), file('b')]);
    await expect(again).rejects.toMatchObject({
      faults: ['host/old is a link: it may lead out of the folder'],
    });
    const { removed, kept } = await writeRendered(inside, 'preview', [file('b')]);
    expect({ removed, kept }).toEqual({ removed: [], kept: ['host/old/x'] });
    expect(readdirSync(elsewhere).sort()).toEqual(['x', 'x.4711.0123abcd.tmp']);
  });

  it('puts a folder where its own file was, and a file where its own folder was', async () => {
    await writeRendered(folder, 'preview', [file('host'), file('other/deep/x'), file('other/y')]);
    const { removed } = await writeRendered(folder, 'preview', [file('host/x'), file('other')]);
    expect([...removed].sort()).toEqual(['host', 'other/deep/x', 'other/y']);
    expect(readFileSync(at('host/x'), 'utf8') + readFileSync(at('other'), 'utf8')).toBe('xx');
  });

  it('leaves a folder of its own where it is as long as somebody has something in it', async () => {
    await writeRendered(folder, 'preview', [file('other/x')]);
    writeFileSync(at('other/notes'), 'mine');
    await expect(writeRendered(folder, 'preview', [file('other')])).rejects.toMatchObject({
      faults: ['other is a folder'],
    });
    expect(exist('other/x', 'other/notes')).toEqual([true, true]);
  });

  it('goes on where a person put a file in the place of a folder with what is rendered no longer', async () => {
    await writeRendered(folder, 'preview', [file('host/old'), file('b')]);
    rmSync(at('host'), { recursive: true });
    writeFileSync(at('host'), 'mine');
    expect(await writeRendered(folder, 'preview', [file('b')])).toMatchObject({ removed: [], kept: [] });
    expect(readFileSync(at('host'), 'utf8')).toBe('mine');
  });

  it('keeps the files of one environment apart from those of another', async () => {
    await writeRendered(folder, 'preview', [file('a'), file('b')]);
    await expect(writeRendered(folder, 'production', [file('a', 'y')])).rejects.toMatchObject({
      what: expect.stringContaining('holds what is rendered for preview') as string,
      exitCode: 3,
    });
    expect(exist('a', 'b')).toEqual([true, true]);
  });

  it('goes on in a folder whose manifest does not say yet what it is of', async () => {
    await writeRendered(folder, 'preview', [file('a')]);
    const { files } = JSON.parse(readFileSync(at('manifest.json'), 'utf8')) as { files: unknown };
    writeFileSync(at('manifest.json'), JSON.stringify({ files }));
    const { manifest } = await writeRendered(folder, 'preview', [file('b')]);
    expect(manifest.environment).toBe('preview');
    expect(exist('a', 'b')).toEqual([false, true]);
  });

  it.each([
    ['a file', ''],
    ['in a file', '/inside'],
  ])('is refused as wrong usage where its folder is %s', async (_what, below) => {
    writeFileSync(at('x'), 'mine');
    await expect(writeRendered(`${at('x')}${below}`, 'preview', [file('a')])).rejects.toMatchObject({
      what: expect.stringContaining('is no folder, and cannot be made one') as string,
      exitCode: 2,
    });
  });

  it('replaces nothing that it did not write, names all of it, and writes nothing then', async () => {
    writeFileSync(at('a'), 'mine');
    mkdirSync(at('b'));
    symlinkSync(tmpdir(), at('c'));
    writeFileSync(at('f'), 'mine');
    execFileSync('mkfifo', [at('h')]);
    const files = ['a', 'b', 'c/d', 'e', 'f/g', 'h', 'h/i'];
    const writing = writeRendered(
      folder,
      'preview',
      files.map((path) => file(path)),
    );
    await expect(writing).rejects.toMatchObject({
      faults: [
        'a was not written by a render',
        'b is a folder',
        'c is a link: it may lead out of the folder',
        'f is not a folder, and f/g is to be in it',
        'h is neither a file nor a folder',
        'h is not a folder, and h/i is to be in it',
      ],
      exitCode: 3,
    });
    expect(readFileSync(at('a'), 'utf8')).toBe('mine');
    expect(exist('e', 'manifest.json')).toEqual([false, false]);
  });

  it('removes nothing outside its folder, whatever a manifest says', async () => {
    writeFileSync(at('outside'), 'x');
    const inside = at('inside');
    await writeRendered(inside, 'preview', [file('a')]);
    const sha256 = createHash('sha256').update('x').digest('hex');
    for (const path of ['../outside', at('outside'), 'a/../../outside']) {
      const evil = { files: [{ path, sha256, bytes: 1, mode: '640' }] };
      writeFileSync(join(inside, 'manifest.json'), JSON.stringify(evil));
      await expect(writeRendered(inside, 'preview', [file('a')])).rejects.toThrow(
        /is not a manifest that cogni wrote/,
      );
    }
    expect(exist('outside')).toEqual([true]);
  });

  it('leaves a folder alone whose manifest is not one of ours', async () => {
    writeFileSync(at('manifest.json'), 'not json');
    await expect(writeRendered(folder, 'preview', [file('a')])).rejects.toThrow(
      /is not a manifest that cogni wrote/,
    );
    expect(exist('a')).toEqual([false]);
  });

  it.each([
    ['a folder', (path: string) => mkdirSync(path)],
    ['a link', (path: string) => symlinkSync('elsewhere.json', path)],
  ])('leaves a folder alone whose manifest is %s', async (_what, make) => {
    make(at('manifest.json'));
    await expect(writeRendered(folder, 'preview', [file('a')])).rejects.toThrow(
      /is not a manifest that cogni wrote/,
    );
    expect(exist('a')).toEqual([false]);
  });

  it('finishes what a run that was cut off had begun: its files and its temporaries are known', async () => {
    await writeRendered(folder, 'preview', [file('old'), file('both', 'before')]);
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
    const { removed } = await writeRendered(folder, 'preview', [file('both', 'after')]);
    expect([...removed].sort()).toEqual(['never', 'old']);
    expect(
      readdirSync(folder)
        .filter((name) => !name.startsWith('.render.lock'))
        .sort(),
    ).toEqual(['both', 'both.mine.tmp', 'manifest.json']);
    expect(readFileSync(at('both'), 'utf8')).toBe('after');
  });

  it('puts a file where a folder was in which a run that was cut off left nothing but temporaries of its files', async () => {
    await writeRendered(folder, 'preview', [file('dir/old')]);
    const manifest = JSON.parse(readFileSync(at('manifest.json'), 'utf8')) as { files: unknown[] };
    const hash = createHash('sha256').update('x').digest('hex');
    const underWay = { 'dir/old': [hash], 'dir/x': [hash], 'new/deep/x': [hash] };
    writeFileSync(at('manifest.json'), JSON.stringify({ ...manifest, underWay }));
    mkdirSync(at('new/deep'), { recursive: true });
    for (const path of ['dir/x', 'new/deep/x']) writeFileSync(at(`${path}.4711.0123abcd.tmp`), 'hal');
    writeFileSync(at('new/deep/other.4711.0123abcd.tmp'), 'mine');
    const files = [file('dir'), file('new')];
    await expect(writeRendered(folder, 'preview', files)).rejects.toMatchObject({
      faults: ['new is a folder'],
    });
    rmSync(at('new/deep/other.4711.0123abcd.tmp'));
    await writeRendered(folder, 'preview', files);
    expect(['dir', 'new'].map((path) => readFileSync(at(path), 'utf8'))).toEqual(['x', 'x']);
  });

  it('puts a file where a run that was cut off left folders of its own that are empty, and no one else’s', async () => {
    await writeRendered(folder, 'preview', [file('dir/deep/old')]);
    rmSync(at('dir/deep/old'));
    mkdirSync(at('theirs'));
    const files = [file('dir'), file('theirs')];
    await expect(writeRendered(folder, 'preview', files)).rejects.toMatchObject({
      faults: ['theirs is a folder'],
    });
    rmSync(at('theirs'), { recursive: true });
    await writeRendered(folder, 'preview', files);
    expect(['dir', 'theirs'].map((path) => readFileSync(at(path), 'utf8'))).toEqual(['x', 'x']);
  });
});
