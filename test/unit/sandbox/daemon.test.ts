import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { daemonLives, ensureDaemon, findDaemons, stopDaemon } from '../../../sandbox/daemon';

describe('a background process of the sandbox', () => {
  let folder: string;
  const pidOf = (name: string): number =>
    (JSON.parse(readFileSync(join(folder, `${name}.pid`), 'utf8')) as { pid: number }).pid;
  const sleeper = (name = 'sleeper', seconds = '60') =>
    ({ name, folder, argv: ['sleep', seconds], ready: () => true }) as const;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-daemon-'))));
  afterEach(async () => {
    await stopDaemon(folder, 'sleeper');
    rmSync(folder, { recursive: true, force: true });
  });

  it('is started once, however often it is asked for', async () => {
    await expect(ensureDaemon(sleeper())).resolves.toBe('started');
    const pid = pidOf('sleeper');
    await expect(ensureDaemon(sleeper())).resolves.toBe('running already');
    expect(pidOf('sleeper')).toBe(pid);
  });

  it('is restarted when its command line changed', async () => {
    await ensureDaemon(sleeper());
    const pid = pidOf('sleeper');
    await expect(ensureDaemon(sleeper('sleeper', '61'))).resolves.toBe('started');
    expect(pidOf('sleeper')).not.toBe(pid);
  });

  it('is started again after it was killed', async () => {
    await ensureDaemon(sleeper());
    process.kill(pidOf('sleeper'), 'SIGKILL');
    while (daemonLives(folder, 'sleeper')) await new Promise(setImmediate);
    await expect(ensureDaemon(sleeper())).resolves.toBe('started');
  });

  it('is stopped, and its pid file removed, and stopping it twice is no fault', async () => {
    await ensureDaemon(sleeper());
    await stopDaemon(folder, 'sleeper');
    expect(daemonLives(folder, 'sleeper')).toBe(false);
    expect(existsSync(join(folder, 'sleeper.pid'))).toBe(false);
    await expect(stopDaemon(folder, 'sleeper')).resolves.toBeUndefined();
  });

  it('never ends a stranger who got its process id', async () => {
    writeFileSync(
      join(folder, 'sleeper.pid'),
      JSON.stringify({ pid: process.pid, startTime: '1', argv: [] }),
    );
    await stopDaemon(folder, 'sleeper');
    expect(existsSync(join(folder, 'sleeper.pid'))).toBe(false);
  });

  it('is found again and ended when its pid file was never written, and is not started beside itself', async () => {
    await ensureDaemon(sleeper());
    const pid = pidOf('sleeper');
    rmSync(join(folder, 'sleeper.pid'));
    expect(findDaemons(folder, 'sleeper').map((each) => each.pid)).toEqual([pid]);
    await expect(ensureDaemon(sleeper())).resolves.toBe('started');
    expect(findDaemons(folder, 'sleeper').map((each) => each.pid)).toEqual([pidOf('sleeper')]);
    rmSync(join(folder, 'sleeper.pid'));
    await stopDaemon(folder, 'sleeper');
    expect(findDaemons(folder, 'sleeper')).toEqual([]);
  });

  it('is not taken for another of the same folder, nor for a child that inherited its mark', async () => {
    await ensureDaemon(sleeper());
    expect(findDaemons(folder, 'sleep')).toEqual([]);
    expect(findDaemons(join(folder, 'other'), 'sleeper')).toEqual([]);
    const argv = ['sh', '-c', 'sleep 5 & wait'] as const;
    await ensureDaemon({ ...sleeper(), argv });
    // Until it has become another program, the child has its parent's command line.
    while (findDaemons(folder, 'sleeper').length > 1) await new Promise(setImmediate);
    expect(findDaemons(folder, 'sleeper').map((each) => each.pid)).toEqual([pidOf('sleeper')]);
  });

  it('that ended is not called started because something else answers in its place', async () => {
    const ready = async (): Promise<boolean> => {
      while (daemonLives(folder, 'loser')) await new Promise(setImmediate);
      await new Promise(setImmediate);
      return true;
    };
    await expect(
      ensureDaemon({ name: 'loser', folder, argv: ['sh', '-c', 'exit 1'], ready }),
    ).rejects.toMatchObject({ what: 'loser ended right after its start' });
  });

  it('shows its log when it ends right after its start', async () => {
    const argv = ['sh', '-c', 'echo port taken >&2; exit 1'] as const;
    await expect(
      ensureDaemon({ name: 'broken', folder, argv: [...argv], ready: () => false }),
    ).rejects.toMatchObject({
      what: 'broken ended right after its start',
      output: expect.stringContaining('port taken'),
    });
  });
});
