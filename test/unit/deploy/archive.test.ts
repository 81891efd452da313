import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { archive, writeCommands } from '../../../deploy/archive';
import { localTransport } from '../../../deploy/local';
import { Secret, masked, reveal } from '../../../foundation/secret';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'archive-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const unpack = (bytes: string): void =>
  void execFileSync('tar', ['-x', '-f', '-', '-p', '-C', folder], {
    input: bytes,
    stdio: ['pipe', 'ignore', 'pipe'],
  });

describe('an archive of files', () => {
  test('is unpacked by tar to the same contents and modes', () => {
    const content = fc.string({ unit: 'grapheme', maxLength: 1500 });
    const mode = fc.constantFrom(0o600, 0o640, 0o644, 0o755);
    fc.assert(
      fc.property(fc.array(fc.record({ content, mode }), { minLength: 1, maxLength: 4 }), (given) => {
        const files = given.map((file, index) => ({ ...file, path: `file-${index}` }));
        unpack(reveal(archive(files)));
        for (const file of files) {
          expect(readFileSync(join(folder, file.path), 'utf8')).toBe(file.content);
          expect(statSync(join(folder, file.path)).mode & 0o777).toBe(file.mode);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('keeps a secret content a secret until it is written', () => {
    const files = [{ path: '.env', mode: 0o600, content: Secret.of('.env', 'TOKEN=p1anted') }];
    expect(masked(archive(files))).toContain('[secret .env]');
    expect(masked(archive(files))).not.toContain('p1anted');
    unpack(reveal(archive(files)));
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe('TOKEN=p1anted');
  });

  test('is the same bytes for the same files', () => {
    const files = [{ path: 'a', mode: 0o644, content: 'b' }];
    expect(reveal(archive(files))).toBe(reveal(archive(files)));
  });

  test.each(['/etc/passwd', '../up', 'a//b', 'a/../b', ''])(
    'refuses the path %j, which leaves the folder',
    (path) => {
      expect(() => archive([{ path, mode: 0o644, content: '' }])).toThrow(RangeError);
    },
  );

  test.each(['x'.repeat(101), 'a b', 'ä'])('refuses the path %j, which the format does not hold', (path) => {
    expect(() => archive([{ path, mode: 0o644, content: '' }])).toThrow(RangeError);
  });
});

describe('writing files', () => {
  test('makes the folders that are missing and leaves the mode of those that are there', async () => {
    const action = {
      do: 'write' as const,
      folder: join(folder, 'runtime'),
      files: [
        { path: 'compose.yaml', mode: 0o644, content: 'name: x\n' },
        { path: 'jobs/sql/a.sql', mode: 0o600, content: 'select 1' },
      ],
    };
    execFileSync('mkdir', ['-m', '0700', join(folder, 'runtime')]);
    // root's tar keeps modes by itself; a deploy user's does so only when told.
    expect(writeCommands(action).at(-1)!.argv).toContain('--preserve-permissions');
    const here = localTransport();
    for (const command of writeCommands(action)) {
      expect(await here.run(command)).toMatchObject({ code: 0, stderr: '' });
    }
    expect(readFileSync(join(folder, 'runtime/jobs/sql/a.sql'), 'utf8')).toBe('select 1');
    expect(statSync(join(folder, 'runtime')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'runtime/jobs')).mode & 0o777).toBe(0o755);
    expect(statSync(join(folder, 'runtime/jobs/sql/a.sql')).mode & 0o777).toBe(0o600);
  });
});
