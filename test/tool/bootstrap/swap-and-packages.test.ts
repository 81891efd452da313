import { existsSync, statSync, writeFileSync } from 'node:fs';
import type { Output } from '../../../foundation/process';
import { movedScript, start } from './moved-script';

const { path, read, marker, install } = movedScript();

describe('the swap', () => {
  /** Programs of the test's own, which the settings bring: a disk with that many free bytes, swap as a file says. */
  const settings = (free: number, mkswap: string): string =>
    [
      'revision=abc123',
      'swap_bytes=1048576',
      'systemd-detect-virt() { return 1; }',
      `df() { echo Avail; echo ${free}; }`,
      `mkswap() { ${mkswap}; }`,
      `swapon() { if [ "$1" = --show=NAME ]; then cat ${path('active')} 2>/dev/null || true; else echo "$1" >${path('active')}; fi; }`,
      `swapoff() { rm ${path('active')}; }`,
      '',
    ].join('\n');
  const swap = (free: number, mkswap = 'true'): Promise<Output> =>
    start(install({ swap: 'real' }, settings(free, mkswap)), 'run', 'swap');
  const room = 1024 ** 3;

  test('is made once, and anew where it has another size', async () => {
    expect((await swap(room)).code).toBe(0);
    expect(statSync(path('swapfile')).size).toBe(1048576);
    expect(statSync(path('swapfile')).mode & 0o777).toBe(0o600);
    expect((await swap(room)).stdout).toContain('swap done: 0 changes');
    writeFileSync(path('swapfile'), 'smaller');
    expect((await swap(room)).stdout).toContain('swap done: 1 changes');
    expect(statSync(path('swapfile')).size).toBe(1048576);
    expect(read('etc/fstab').trim().split('\n')).toHaveLength(1);
  });

  test('is there after the next boot too, where a run was killed before it noted that', async () => {
    await swap(room);
    writeFileSync(path('etc/fstab'), '');
    expect((await swap(room)).stdout).toContain('swap done: 1 changes');
    expect(read('etc/fstab')).toBe(`${path('swapfile')} none swap sw 0 0\n`);
    expect((await swap(room)).stdout).toContain('swap done: 0 changes');
  });

  test('is not begun where the disk has no room for it', async () => {
    expect((await swap(1024 ** 2)).code).toBe(1);
    expect(marker('var/lib/cogni/bootstrap.fail')['command']).toMatch(
      /^no room for .*swapfile: 1048576 bytes/,
    );
    expect(existsSync(path('swapfile'))).toBe(false);
  });

  test('leaves no file that is half made', async () => {
    expect((await swap(room, 'false')).code).toBe(1);
    expect(existsSync(path('swapfile'))).toBe(false);
  });
});

describe('the lists of packages', () => {
  /** Runs `after_others` on an apt that prints something and fails, the given number of times, before it is let in. */
  const update = (says: string, times: number): Promise<Output> =>
    start(
      install({
        packages: `
          sleep() { :; }
          apt() {
            echo >>"$here/tries"
            (($(wc -l <"$here/tries") > ${times})) || { echo '${says}'; return 100; }
          }
          after_others apt`,
      }),
    );

  test('are waited for while another apt holds their lock', async () => {
    const says =
      'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 311 (apt-get)\nE: Unable to lock directory';
    const { code } = await update(says, 3);
    expect(code).toBe(0);
    expect(read('var/log/cogni-bootstrap.log').match(/waiting for another apt/g)).toHaveLength(3);
  });

  test('are not waited for where the lock cannot be made: that is a fault of the disk', async () => {
    const says = 'E: Could not open lock file /var/lib/apt/lists/lock - open (28: No space left on device)';
    const { code } = await update(says, 3);
    expect(code).not.toBe(0);
    expect(read('var/log/cogni-bootstrap.log')).not.toContain('waiting for another apt');
  });
});
