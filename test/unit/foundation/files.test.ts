import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryReadFile, writeAtomically } from '../../../foundation/files';

describe('writing a file atomically', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-files-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('makes missing folders, and gives the file its mode whatever the umask', () => {
    const path = join(folder, 'a', 'b', 'secret.env');
    const before = process.umask(0o077);
    writeAtomically(path, 'one', 0o640);
    process.umask(before);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('leaves no temporary file behind, written or failed', () => {
    const path = join(folder, 'file');
    writeAtomically(path, 'one');
    writeAtomically(path, 'two');
    expect(() => writeAtomically(join(folder, 'file', 'below'), 'x')).toThrow();
    expect(readdirSync(folder)).toEqual(['file']);
    expect(readFileSync(path, 'utf8')).toBe('two');
  });

  it('tells a missing file from an unreadable one', () => {
    expect(tryReadFile(join(folder, 'missing'))).toBeUndefined();
    expect(() => tryReadFile(folder)).toThrow(/EISDIR/);
  });
});
