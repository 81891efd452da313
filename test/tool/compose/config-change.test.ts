import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConfigFolder, Duration, mountFolder, Service, synthesize, type Project } from '../../../compose';
import { run } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import type { Docker } from '../../../sandbox/docker';
import { ensureEngine } from '../../../sandbox/engine';
import { postgresImage } from '../../../sandbox/images/postgres';
import { longRunning, newProject } from '../../unit/compose/example';
import { composeProgram } from '../services/compose-program';

const name = `cogni-config-change-${randomBytes(4).toString('hex')}`;

/** One service whose file is given, one with another file, and one that is not to be made anew for the given one. */
function projectWith(content: string): Project {
  const project = newProject(name);
  const given = new ConfigFolder(project, 'given', [{ path: 'file', content }]);
  const other = new ConfigFolder(project, 'other', [{ path: 'file', content: 'other' }]);
  const waiting = { ...longRunning, entrypoint: ['sleep', '600'], stopGrace: Duration.seconds(1) };
  new Service(project, 'changed', { ...waiting, mounts: [mountFolder(given, '/given')] });
  new Service(project, 'kept', { ...waiting, mounts: [mountFolder(other, '/other')] });
  new Service(project, 'apart', {
    ...waiting,
    mounts: [mountFolder(given, '/given')],
    recreateOnConfigChange: false,
  });
  return project;
}

describe('a changed configuration file, when Docker Compose brings a project up again', () => {
  let folder: string;
  let docker: Docker;
  let compose: (...argv: readonly string[]) => Promise<string>;

  beforeAll(async () => {
    ({ docker } = await ensureEngine(silent));
    const program = await composeProgram();
    folder = mkdtempSync(join(tmpdir(), 'cogni-config-change-'));
    const { reference: image } = await postgresImage(docker, silent);
    const services = Object.fromEntries(['changed', 'kept', 'apart'].map((each) => [each, { image }]));
    writeFileSync(join(folder, 'test.yaml'), JSON.stringify({ services }));
    compose = async (...argv) => {
      const output = await run({
        argv: [program, '-f', 'compose.yaml', '-f', 'test.yaml', ...argv],
        cwd: folder,
        env: { DOCKER_HOST: docker.host },
        deadline: 90_000,
      });
      if (output.code !== 0) throw new Error(output.stderr);
      return output.stdout.trim();
    };
  }, 900_000);
  afterAll(async () => {
    await compose('down', '--timeout', '0');
    rmSync(folder, { recursive: true, force: true });
  });

  /** @returns the containers after it, by service */
  async function broughtUp(content: string): Promise<Readonly<Record<string, string>>> {
    for (const file of synthesize(projectWith(content))) {
      mkdirSync(dirname(join(folder, file.path)), { recursive: true });
      writeFileSync(join(folder, file.path), file.content);
    }
    await compose('up', '--detach', '--pull', 'never');
    const ids = ['changed', 'kept', 'apart'].map(async (each) => [
      each,
      await compose('ps', '--quiet', each),
    ]);
    return Object.fromEntries(await Promise.all(ids)) as Record<string, string>;
  }

  it('makes the service that reads it anew, and no other one', async () => {
    const before = await broughtUp('one');
    expect(await broughtUp('one')).toEqual(before);
    const after = await broughtUp('two');
    expect({ kept: after['kept'], apart: after['apart'] }).toEqual({
      kept: before['kept'],
      apart: before['apart'],
    });
    expect(after['changed']).toMatch(/^[0-9a-f]{64}$/);
    expect(after['changed']).not.toBe(before['changed']);
  }, 120_000);
});
