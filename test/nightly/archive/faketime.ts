import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '../../../foundation/progress';
import { capture, run, type Command } from '../../../foundation/process';
import { cached } from '../../../sandbox/cache';
import type { ShiftedClock } from '../../tool/services/running-runtime';

/** A clock for containers that can be set while they run; that of this machine is nobody's to move. */
export class MovingClock implements ShiftedClock {
  readonly target = '/clock';
  readonly environment = {
    LD_PRELOAD: '/clock/libfaketime.so.1',
    FAKETIME_TIMESTAMP_FILE: '/clock/off',
    FAKETIME_NO_CACHE: '1',
    // A jump of the time of day is no jump of what timeouts are measured with.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };

  private constructor(readonly folder: string) {}

  static async make(): Promise<MovingClock> {
    const folder = mkdtempSync(join(tmpdir(), 'cogni-clock-'));
    chmodSync(folder, 0o755);
    copyFileSync(await library(), join(folder, 'libfaketime.so.1'));
    const clock = new MovingClock(folder);
    clock.set(0);
    return clock;
  }

  /** @param seconds by which it is ahead; below 0: behind */
  set(seconds: number): void {
    // In place: the containers have the folder, and each reads the file anew.
    writeFileSync(join(this.folder, 'off'), `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The distribution's package, unpacked and never installed. */
async function library(): Promise<string> {
  const folder = await cached(
    {
      name: 'libfaketime',
      key: [process.arch],
      why: 'clocks of containers are set with it',
      build: async (unfinished) => {
        const archives = join(unfinished, 'archives');
        mkdirSync(archives);
        const download: Command = {
          argv: ['apt-get', 'download', '-q', 'libfaketime'],
          cwd: archives,
          env: { LC_ALL: 'C' },
          deadline: 5 * 60_000,
        };
        if ((await run(download)).code !== 0) {
          // The lists may be old, or not there at all.
          await run({ argv: ['apt-get', 'update', '-q'], env: { LC_ALL: 'C' }, deadline: 5 * 60_000 });
          await capture(download);
        }
        const [name = ''] = readdirSync(archives);
        await capture({
          argv: ['dpkg-deb', '-x', join(archives, name), join(unfinished, 'root')],
          deadline: 60_000,
        });
        const found = readdirSync(join(unfinished, 'root'), { recursive: true, encoding: 'utf8' }).find(
          (path) => path.endsWith('/libfaketime.so.1'),
        );
        if (found === undefined) throw new Error(`${name} has no libfaketime.so.1`);
        copyFileSync(join(unfinished, 'root', found), join(unfinished, 'libfaketime.so.1'));
      },
    },
    silent,
  );
  return join(folder, 'libfaketime.so.1');
}
