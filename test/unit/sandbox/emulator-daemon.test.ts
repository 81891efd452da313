import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programHash } from '../../../sandbox/emulator-daemon';

describe("the hash of the emulator's program", () => {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-program-'));
  const file = join(folder, 'emulator', 'main.js');
  beforeEach(() => {
    mkdirSync(join(folder, 'emulator'), { recursive: true });
    writeFileSync(file, 'one');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('stays the same when the same code is compiled again', () => {
    const before = programHash(folder);
    writeFileSync(file, 'one');
    utimesSync(file, 1, 1);
    expect(programHash(folder)).toBe(before);
  });

  it('changes with the code, so that a running emulator is restarted', () => {
    const before = programHash(folder);
    writeFileSync(file, 'two');
    expect(programHash(folder)).not.toBe(before);
  });
});
