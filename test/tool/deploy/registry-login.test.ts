import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../foundation/process';
import { folderWhileHeld, removeUnheldFolders } from '../../../deploy/rolling/registry-login';

/** The fixed scripts around a registry login, run by the shell of this machine as a host's would. */
describe('the folder of a registry login', () => {
  let base: string;
  const children: ChildProcess[] = [];
  beforeEach(() => (base = mkdtempSync(join(tmpdir(), 'cogni-login-'))));
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(base, { recursive: true, force: true });
  });

  /** Holds a folder below {@link base}, with a login in it. */
  const hold = async (name: string): Promise<{ folder: string; child: ChildProcess }> => {
    const folder = join(base, `cogni-${name}`);
    const child = spawn('sh', ['-c', folderWhileHeld, 'sh', folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout, 'data');
    writeFileSync(join(folder, 'config.json'), '{}');
    return { folder, child };
  };
  const tidy = async (): Promise<void> => {
    const argv = ['sh', '-c', removeUnheldFolders, 'sh', join(base, 'cogni-')] as const;
    expect(await run({ argv, deadline: 10_000 })).toMatchObject({ code: 0 });
  };

  it('is for its owner alone, and gone when the connection that holds it ends', async () => {
    const { folder, child } = await hold('a');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    child.stdin?.end();
    await once(child, 'close');
    expect(existsSync(folder)).toBe(false);
  });

  it('is removed by a later deploy when its holder was killed, and not while somebody holds it', async () => {
    const killed = await hold('killed');
    const held = await hold('held');
    killed.child.kill('SIGKILL');
    killed.child.stdin?.destroy();
    // With its input: then nobody of the holder's is left.
    await once(killed.child, 'close');
    await tidy();
    expect(existsSync(killed.folder)).toBe(false);
    expect(existsSync(join(held.folder, 'config.json'))).toBe(true);
  });

  it('is no fault where there is none', async () => {
    await tidy();
  });
});
