import fc from 'fast-check';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture } from '../../../../foundation/process';
import { archiveOf, type ArchiveFile } from '../../../../sandbox/host/archive';

/** Unpacks with the real tar and hands the folder to `look`. */
async function unpacked(files: readonly ArchiveFile[], look: (folder: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-tar-'));
  try {
    await capture({
      argv: ['tar', '--extract', '--preserve-permissions', '--no-same-owner', '-f', '-', '-C', folder],
      stdin: archiveOf(files),
      deadline: 10_000,
    });
    look(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('an archive of files, read by tar', () => {
  it('gives back every text byte for byte, whatever characters are in it', async () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 1200 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(texts, async (contents) => {
        const files = contents.map((content, index) => ({ path: `some/${index}`, content, mode: 0o644 }));
        await unpacked(files, (folder) => {
          for (const { path, content } of files)
            expect(readFileSync(join(folder, path), 'utf8')).toBe(content);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('gives back modes and symbolic links', async () => {
    const files: readonly ArchiveFile[] = [
      { path: 'secret', content: 'x', mode: 0o600 },
      { path: 'program', content: 'x', mode: 0o755 },
      { path: 'wants/unit.service', link: '/usr/lib/systemd/system/unit.service' },
    ];
    await unpacked(files, (folder) => {
      expect(lstatSync(join(folder, 'secret')).mode & 0o777).toBe(0o600);
      expect(lstatSync(join(folder, 'program')).mode & 0o777).toBe(0o755);
      expect(readlinkSync(join(folder, 'wants/unit.service'))).toBe('/usr/lib/systemd/system/unit.service');
    });
  });
});
