import { execFileSync } from 'node:child_process';
import {
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
import { tryReadFile, tryReadNamed, writeAtomically } from '../../../foundation/files';

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

  it('keeps nothing open of a write that failed, and names its file', () => {
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    const path = join(folder, 'file');
    // Has a length and no bytes: what fails is the very writing.
    const content = { length: 1 } as unknown as Uint8Array;
    for (let each = 0; each < 20; each++)
      expect(() => writeAtomically(path, content)).toThrow(expect.objectContaining({ path }) as Error);
    expect(open() - before).toBeLessThan(10);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('tells a missing file from an unreadable one', () => {
    expect(tryReadFile(join(folder, 'missing'))).toBeUndefined();
    expect(() => tryReadFile(folder)).toThrow(/EISDIR/);
  });
});

describe('reading a file whose name somebody else chose', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-files-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const read = (name: string): ReturnType<typeof tryReadNamed> => tryReadNamed(join(folder, name), 10);

  it('gives its text, up to the length that is allowed, also behind a link', () => {
    writeFileSync(join(folder, 'a'), '0123456789');
    symlinkSync('a', join(folder, 'link'));
    expect([read('a'), read('link')]).toEqual(['0123456789', '0123456789']);
    writeFileSync(join(folder, 'a'), '');
    expect(read('a')).toBe('');
  });

  it('gives nothing where nothing is, also below a file', () => {
    writeFileSync(join(folder, 'a'), 'x');
    expect([read('missing'), read('a/below'), read('no/such')]).toEqual([undefined, undefined, undefined]);
  });

  it('says why where there is something else, and neither waits for it nor reads it without end', () => {
    mkdirSync(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    symlinkSync('loop', join(folder, 'loop'));
    symlinkSync('/dev/zero', join(folder, 'zero'));
    // What the kernel makes up on reading says of itself that it is empty.
    symlinkSync('/proc/self/status', join(folder, 'status'));
    writeFileSync(join(folder, 'long'), '0123456789a');
    const whys = ['folder', 'fifo', 'loop', 'zero', 'status', 'long', 'a\0b', 'x'.repeat(5_000)].map(read);
    expect(whys).toEqual(
      [
        'is a folder',
        'is not a regular file',
        'is a link that leads to itself',
        'is not a regular file',
        'is larger than 10 bytes',
        'is larger than 10 bytes',
        'has a name that no file can have',
        'has a name that no file can have',
      ].map((why) => ({ why })),
    );
  });
});
