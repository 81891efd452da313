import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAtomically } from '../../../foundation/files';
import type { Docker } from '../../../sandbox/docker';
import type { Engine } from '../../../sandbox/engine';
import { dockerOf } from '../../../sandbox/status';
import { worldOf } from '../../../sandbox/world';

describe('the engine of a sandbox that is up', () => {
  const checkout = mkdtempSync(join(tmpdir(), 'cogni-status-'));
  const world = worldOf(checkout);
  afterAll(() => rmSync(checkout, { recursive: true }));
  const docker = { host: 'unix:///x' } as Docker;
  const running = (): Promise<Engine> => Promise.resolve({ docker } as Engine);

  it('is not looked for, installed or started where the sandbox is not up', async () => {
    await expect(dockerOf(world, () => Promise.reject(new Error('not asked')))).rejects.toMatchObject({
      what: 'the sandbox is not up',
      next: './cogni sandbox up, then run this again',
    });
  });

  it('is the one that runs, and none is started in its place', async () => {
    writeAtomically(join(world.folder, 'up.json'), '{}');
    await expect(dockerOf(world, running)).resolves.toBe(docker);
    await expect(dockerOf(world, () => Promise.resolve(undefined))).rejects.toMatchObject({
      what: 'the Docker engine of the sandbox has ended',
    });
  });
});
