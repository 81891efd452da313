import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withMemoryFolder } from '../../../../infra/plan/memory-folder';

describe('the folder that a plan is unpacked in', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'places-'));
  afterAll(() => rmSync(scratch, { recursive: true }));
  const places = {
    candidates: ['/nowhere', scratch],
    isMemory: (folder: string) => folder === scratch,
    otherwise: undefined,
  };

  it('is for its owner alone, and gone afterwards with all that is in it', async () => {
    const folder = await withMemoryFolder((made) => {
      writeFileSync(join(made, 'plan'), 'secret');
      expect(statSync(made).mode & 0o777).toBe(0o700);
      return Promise.resolve(made);
    }, places);
    expect(existsSync(folder)).toBe(false);
  });

  it('is gone also when the work fails', async () => {
    let folder = '';
    const failing = withMemoryFolder((made) => {
      folder = made;
      throw new Error('no');
    }, places);
    await expect(failing).rejects.toThrow('no');
    expect(existsSync(folder)).toBe(false);
  });

  it('is never on a disk: where there is no memory to write to, nothing is unpacked', async () => {
    const work = jest.fn();
    await expect(withMemoryFolder(work, { ...places, isMemory: () => false })).rejects.toThrow(
      /only unpacked in memory[\s\S]*XDG_RUNTIME_DIR/,
    );
    await expect(
      withMemoryFolder(work, { ...places, candidates: ['/nowhere'], isMemory: () => true }),
    ).rejects.toThrow();
    expect(work).not.toHaveBeenCalled();
  });

  it('is in a folder of its own where a system has no such memory', async () => {
    const made = await withMemoryFolder((folder) => Promise.resolve(folder), {
      candidates: [],
      isMemory: () => false,
      otherwise: scratch,
    });
    expect(made.startsWith(join(scratch, 'cogni-plan-'))).toBe(true);
  });
});
