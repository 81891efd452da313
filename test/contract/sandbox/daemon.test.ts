import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { daemonLives, ensureDaemon, findDaemons, stopDaemon } from '../../../sandbox/daemon';

it("a daemon of a container that has the same files at the same path is somebody else's: it is neither found nor ended", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-daemon-'));
  const daemon = { name: 'sleeper', folder, argv: ['sleep', '60'], ready: () => true } as const;
  try {
    await ensureDaemon(daemon);
    const { pid } = JSON.parse(readFileSync(join(folder, 'sleeper.pid'), 'utf8')) as { readonly pid: number };
    const mark = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .find((line) => line.startsWith('COGNI_DAEMON='));
    const theirs = spawn('unshare', ['--pid', '--fork', '--kill-child', 'env', mark ?? '', ...daemon.argv]);
    const ended = once(theirs, 'close');
    try {
      const children = (): string =>
        readFileSync(`/proc/${theirs.pid}/task/${theirs.pid}/children`, 'utf8').trim();
      while (children() === '' || !readFileSync(`/proc/${children()}/cmdline`, 'utf8').startsWith('sleep'))
        await new Promise(setImmediate);
      expect(findDaemons(folder, daemon.name, daemon.argv).map((one) => one.pid)).toEqual([pid]);
      await stopDaemon(folder, daemon.name, { argv: daemon.argv });
      expect(daemonLives(folder, daemon.name)).toBe(false);
      expect(readFileSync(`/proc/${children()}/cmdline`, 'utf8')).toBe('sleep\u000060\u0000');
    } finally {
      theirs.kill('SIGKILL');
      await ended;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
