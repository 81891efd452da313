import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withFileLock } from '../../../foundation/file-lock';

describe('a file lock', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-lock-'));
    path = join(folder, 'x.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('lets one run in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await delay(20);
      inside--;
    };
    await Promise.all(
      [1, 2, 3].map((run) => withFileLock(path, { purpose: `run ${run}`, wait: 8_000 }, work)),
    );
    expect(most).toBe(1);
  });

  it('names the holder to a run that does not wait, with the exit code for a held lock', async () => {
    await withFileLock(path, { purpose: 'cogni sandbox up' }, async () => {
      await expect(withFileLock(path, { purpose: 'second' }, () => Promise.resolve())).rejects.toMatchObject({
        what: expect.stringMatching(/cogni sandbox up \(process \d+\)/),
        exitCode: 4,
      });
    });
  });

  it('is free again after the work threw', async () => {
    await expect(
      withFileLock(path, { purpose: 'a' }, () => Promise.reject(new Error('boom'))),
    ).rejects.toThrow('boom');
    await expect(withFileLock(path, { purpose: 'b' }, () => Promise.resolve('in'))).resolves.toBe('in');
  });

  it('is free again after its holder was killed with SIGKILL', async () => {
    const holder = spawn('flock', ['--exclusive', path, 'cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
    holder.stdin.write('.');
    await once(holder.stdout, 'data');
    holder.kill('SIGKILL');
    holder.stdin.destroy();
    await expect(
      withFileLock(path, { purpose: 'next', wait: 5_000 }, () => Promise.resolve('in')),
    ).resolves.toBe('in');
  });

  it('ends when the program that held it was ended from outside meanwhile', async () => {
    const result = withFileLock(path, { purpose: 'a' }, async () => {
      const [pid = ''] = execFileSync('pgrep', ['--parent', String(process.pid), '--full', path], {
        encoding: 'utf8',
      }).split('\n');
      process.kill(-Number(pid), 'SIGKILL');
      while (existsSync(`/proc/${pid}`)) await delay(10);
      await delay(50);
      return 'in';
    });
    await expect(result).resolves.toBe('in');
  });

  it('says why when the lock file cannot be made', async () => {
    await expect(
      withFileLock('/proc/nowhere.lock', { purpose: 'x' }, () => Promise.resolve()),
    ).rejects.toThrow(/nowhere\.lock|ENOENT/);
  });
});
