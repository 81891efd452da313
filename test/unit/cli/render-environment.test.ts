import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRendered } from '../../../cli/render-environment';

describe('writing what was rendered', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-rendered-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = (path: string, content = 'x') => ({ path, content, mode: 0o640 });

  it('writes each file with its mode, and a manifest with their hashes', () => {
    const manifest = writeRendered(folder, [file('host/opt/cogni/edge/compose.yaml', 'services: {}\n')]);
    expect(statSync(join(folder, 'host/opt/cogni/edge/compose.yaml')).mode & 0o777).toBe(0o640);
    expect(manifest.files).toEqual([
      {
        path: 'host/opt/cogni/edge/compose.yaml',
        bytes: 13,
        mode: '640',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    expect(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))).toEqual(manifest);
  });

  it('removes what it wrote before and renders no longer, and nothing else', () => {
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    writeRendered(folder, [file('a'), file('b')]);
    writeRendered(folder, [file('b')]);
    expect(['a', 'b', 'notes.txt'].map((path) => existsSync(join(folder, path)))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('removes nothing outside its folder, whatever a manifest says', () => {
    const outside = join(folder, 'outside');
    writeFileSync(outside, 'x');
    const inside = join(folder, 'inside');
    writeRendered(inside, [file('a')]);
    const evil = { files: [{ path: '../outside' }, { path: outside }] };
    writeFileSync(join(inside, 'manifest.json'), JSON.stringify(evil));
    writeRendered(inside, [file('a')]);
    expect(existsSync(outside)).toBe(true);
  });

  it('leaves a folder alone whose manifest is not one of ours', () => {
    writeFileSync(join(folder, 'manifest.json'), 'not json');
    expect(() => writeRendered(folder, [file('a')])).toThrow(/is not a manifest that cogni wrote/);
    expect(existsSync(join(folder, 'a'))).toBe(false);
  });
});
