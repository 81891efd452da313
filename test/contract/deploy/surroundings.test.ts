import { randomBytes } from 'node:crypto';
import { forgetMigrationsContainer } from '../../../deploy/migrations/pending';
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
    await create('cogni-runtime-migrations');
    await create(other);
    const names = await run({ ...surroundingsCommands.names });
    expect([...read({ names }).strangers].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: 'cogni-runtime-app-a-1', image },
      { name: 'cogni-runtime-backup-1', image },
      { name: 'cogni-runtime-db-migrate', image },
      { name: 'cogni-runtime-migrations', image },
    ]);
  });

  it('keeps that container when what migrations were read from is removed', async () => {
    const create = (...more: string[]): Promise<string> =>
      docker.docker(['create', `--label=${scratch.label}`, ...more, image]);
    const theirs = await create();
    const left = await create('--label=dev.cogni.helper=migrations');
    const { code } = await run({ ...forgetMigrationsContainer });
    expect(code).toBe(0);
    const there = await docker.docker(['ps', '--all', '--quiet', '--no-trunc']);
    expect(there).toContain(theirs);
    expect(there).not.toContain(left);
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
