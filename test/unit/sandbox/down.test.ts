import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '../../../foundation/progress';
import { down } from '../../../sandbox/down';
import type { Engine } from '../../../sandbox/engine';
import { parseEngineFacts } from '../../../sandbox/engine-facts';
import { worldOf } from '../../../sandbox/world';

describe('taking a sandbox down', () => {
  let checkout: string;
  let done: string[];
  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'cogni-down-'));
    done = [];
  });
  afterEach(() => rmSync(checkout, { recursive: true, force: true }));

  const engine = (): Engine => ({
    docker: {
      host: undefined,
      tryDocker: () => Promise.reject(new Error('not asked')),
      docker: (args) => {
        done.push(args.slice(0, 2).join(' '));
        return Promise.resolve(args[1] === 'ls' ? `left-${args[0]}\n` : '');
      },
    },
    facts: parseEngineFacts('{"ServerVersion":"20.10.24","OSType":"linux"}')!,
    origin: 'found',
  });
  const engines = (running: boolean) => ({
    ensureEngine: () => Promise.resolve(engine()),
    tryRunningEngine: () => Promise.resolve(running ? engine() : undefined),
    releaseEngine: () => Promise.resolve('not ours' as const),
  });
  const everything = ['container left-container', 'volume left-volume', 'network left-network'];

  it('removes its parts and its folder', async () => {
    const world = worldOf(checkout);
    mkdirSync(world.folder, { recursive: true });
    await expect(down(world, silent, engines(true))).resolves.toEqual(everything);
    expect(existsSync(world.folder)).toBe(false);
  });

  it('removes its parts although somebody removed the folder', async () => {
    await expect(down(worldOf(checkout), silent, engines(true))).resolves.toEqual(everything);
    expect(done).toContain('container rm');
  });

  it('finds nothing where there is no folder and no engine, and starts none', async () => {
    await expect(down(worldOf(checkout), silent, engines(false))).resolves.toEqual([]);
    expect(done).toEqual([]);
  });
});
