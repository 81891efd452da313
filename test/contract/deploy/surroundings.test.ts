import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { abandonedReaders, forgetAbandonedReaders } from '../../../deploy/migrations/pending';
import { readSurroundings, surroundingsCommands } from '../../../deploy/rolling/surroundings';
import { run, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { postgresImage } from '../../../sandbox/images/postgres';
import { buildDeadline, docker, Scratch } from '../images/harness';

/** What the programs of a host really answer to a deploy's questions. */
describe('a host that others have touched', () => {
  const scratch = new Scratch();
  const nothing: Output = { code: 0, signal: null, stdout: '', stderr: '', timedOut: false, milliseconds: 0 };
  const silence = Object.fromEntries(
    Object.keys(surroundingsCommands).map((question) => [question, nothing]),
  ) as Readonly<Record<keyof typeof surroundingsCommands, Output>>;
  const read = (answers: Partial<typeof silence>) =>
    readSurroundings({ ...silence, ...answers }, { from: 0, to: 0 });
  let image: string;

  beforeAll(async () => {
    // It has the distribution's programs, as a host has.
    image = (await postgresImage(docker, silent)).reference;
  }, buildDeadline);
  afterAll(() => scratch.removeAll());

  it('has the name of a container that is none of our project, also where that does not run', async () => {
    const project = '--label=com.docker.compose.project=';
    const create = (name: string, ...more: string[]): Promise<string> =>
      docker.docker(['create', `--name=${name}`, `--label=${scratch.label}`, ...more, image]);
    const other = `cogni-runtime-${randomBytes(4).toString('hex')}-1`;
    await create('cogni-runtime-app-a-1', `${project}somebody-else`);
    await create('cogni-runtime-db-migrate');
    await create('cogni-runtime-postgres-1', `${project}cogni-runtime`);
    await create('cogni-runtime-backup-1');
    await create(other);
    const names = await run({ ...surroundingsCommands.names });
    expect([...read({ names }).strangers].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: 'cogni-runtime-app-a-1', image },
      { name: 'cogni-runtime-backup-1', image },
      { name: 'cogni-runtime-db-migrate', image },
    ]);
  });

  it('keeps what somebody reads migrations from, and what is not ours, when what was left of them is removed', async () => {
    const create = async (...more: string[]): Promise<string> =>
      (await docker.docker(['create', `--label=${scratch.label}`, ...more, image])).trim();
    // proc(5), /proc/pid/stat: the moment of the start is the 22nd; what Node.js is called there has no blank.
    const since = readFileSync('/proc/self/stat', 'utf8').split(' ')[21] ?? '';
    const helper = '--label=dev.cogni.helper=migrations';
    const readBy = (process: string): string => `--label=dev.cogni.process=${process}`;
    const kept = [await create(), await create(helper, readBy(`${process.pid} ${since}`))];
    const left = [
      await create(helper),
      await create(helper, readBy(`${process.pid} 1`)),
      // Linux numbers no process higher than 4194304 (proc(5), pid_max).
      await create(helper, readBy(`4194305 ${since}`)),
    ];
    const { stdout } = await run({ ...abandonedReaders });
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(left));
    for (const one of kept) expect(stdout).not.toContain(one);
    const { code } = await run({ ...forgetAbandonedReaders });
    expect(code).toBe(0);
    const there = await docker.docker(['ps', '--all', '--quiet', '--no-trunc']);
    for (const one of kept) expect(there).toContain(one);
    for (const one of left) expect(there).not.toContain(one);
  });

  it('has as few inodes as its file system has left, however much space there is', async () => {
    const inodes = async (table: string): Promise<number | undefined> => {
      const output = await scratch.once([
        `--tmpfs=/var/lib/docker:size=64m,nr_inodes=${table}`,
        '--entrypoint=df',
        image,
        ...surroundingsCommands.inodes.argv.slice(1),
      ]);
      return read({ inodes: output }).freeInodes;
    };
    // The folder itself is one of them.
    expect(await inodes('1')).toBe(0);
    expect(await inodes('1000')).toBe(999);
  });
});
