import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { run } from '../../foundation/process';
import { dockerAt } from '../../sandbox/docker';
import { ensurePrivateEngine, privateEngineLayout, stopPrivateEngine } from '../../sandbox/private-engine';

/**
 * A real dockerd beside whatever engine the machine has: it leaves the firewall alone, and takes the bridge as it is, since
 * both belong to the machine and not to an engine. (An engine that is told to have no bridge removes that of the others.)
 */
const more = ['--iptables=false', '--ip-forward=false', '--ip-masq=false'];

/** The bridge of every engine that was not told otherwise. */
const hasBridge = (): boolean => existsSync('/sys/class/net/docker0');

describe('an engine of our own', () => {
  const hadBridge = hasBridge();
  const cache = mkdtempSync(join(tmpdir(), 'cogni-e-'));
  const layout = privateEngineLayout(cache);
  const pid = (): number => Number(readFileSync(layout.pidFile, 'utf8'));
  const version = (): Promise<string> =>
    dockerAt(layout.host).docker(['version', '--format', '{{.Server.Version}}']);

  afterAll(async () => {
    await stopPrivateEngine(layout);
    // A killed dockerd leaves the mount that it made of its data folder.
    await run({ argv: ['umount', '--lazy', layout.dataRoot], deadline: 10_000 });
    rmSync(cache, { recursive: true, force: true });
    rmSync(layout.execRoot, { recursive: true, force: true });
    rmSync(layout.pidFile, { force: true });
  });

  it('starts, answers, and is found again by the next run instead of being started twice', async () => {
    await ensurePrivateEngine(layout, { more });
    await expect(version()).resolves.toMatch(/^\d+\.\d+/);
    const first = pid();
    await ensurePrivateEngine(layout, { more });
    expect(pid()).toBe(first);
  });

  it('starts again after it was killed, whatever it left behind', async () => {
    const killed = pid();
    process.kill(killed, 'SIGKILL');
    await gone(killed);
    expect(existsSync(layout.pidFile)).toBe(true);
    await ensurePrivateEngine(layout, { more });
    expect(pid()).not.toBe(killed);
    await expect(version()).resolves.toMatch(/^\d+\.\d+/);
  });

  it('starts although its process id file names another living process, as after a reboot', async () => {
    await stopPrivateEngine(layout);
    writeFileSync(layout.pidFile, String(process.pid));
    mkdirSync(join(layout.execRoot, 'containerd'), { recursive: true });
    writeFileSync(join(layout.execRoot, 'containerd', 'containerd.pid'), String(process.pid));
    await ensurePrivateEngine(layout, { more });
    await expect(version()).resolves.toMatch(/^\d+\.\d+/);
  });

  it('does not take the bridge of the engine beside it', () => {
    expect(hadBridge && !hasBridge()).toBe(false);
  });

  it('is stopped only by those who started it, and leaves no process and no socket', async () => {
    const running = pid();
    await expect(stopPrivateEngine(layout)).resolves.toBe('stopped');
    await gone(running);
    expect(existsSync(layout.socket)).toBe(false);
    await expect(stopPrivateEngine(layout)).resolves.toBe('not ours');
  });
});

async function gone(pid: number): Promise<void> {
  for (let waited = 0; existsSync(`/proc/${pid}`); waited += 50) {
    if (waited > 20_000) throw new Error(`process ${pid} does not end`);
    await setTimeout(50);
  }
}
