import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseRelease, type DatabaseBuild } from '../../../../deploy/image-release/database';
import { planImageRelease } from '../../../../deploy/image-release/plan';
import { releaseImage } from '../../../../deploy/image-release/release';
import { planText } from '../../../../deploy/plan-text';
import { Failure } from '../../../../foundation/failure';
import { run, type Output } from '../../../../foundation/process';
import { fakeTransport, type Answer, type FakeTransport } from '../fake-transport';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const build: DatabaseBuild = {
  repository: 'ghcr.test/cogni/postgres-pgbackrest',
  tag: '15-pgbackrest2.45-20261123',
  context: '/checkout/services/database/image',
  base: `docker.io/library/postgres@${digest('b')}`,
  postgres: '15',
  pgbackrest: '2.45',
  again: './cogni images release --tag 15-pgbackrest2.45-20261123',
};
const image = `${build.repository}:${build.tag}`;
const entrypoint = '["docker-entrypoint.sh"] ["postgres"]';

/** A machine on which all goes well, but for what is given. */
const machine = (...rules: readonly (readonly [string, Answer])[]): FakeTransport =>
  fakeTransport([
    ...rules,
    ['.Config.Entrypoint', { stdout: `${entrypoint}\n` }],
    ['.RepoDigests', { stdout: `${build.repository}@${digest('e')}\n` }],
  ]);

async function failureOn(transport: FakeTransport): Promise<Failure> {
  try {
    await releaseImage(databaseRelease(build), { transport });
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
  }
  throw new Error('it did not fail');
}

/** The words of each command of a step. */
const commandsOf = (id: string): readonly (readonly string[])[] =>
  (planImageRelease(databaseRelease(build)).steps.find((step) => step.id === id)?.actions ?? []).flatMap(
    (action) => (action.do === 'run' ? [action.command.argv] : []),
  );

describe('releasing the image of the database', () => {
  it('is five steps: login, tag, build, trial, push; and gives the digest', async () => {
    const plan = planImageRelease(databaseRelease(build));
    expect(plan.title).toBe(`release ${image}`);
    expect(plan.steps.map(({ id, name }) => [id, name])).toEqual([
      ['login', 'see that docker is logged in to ghcr.test'],
      ['tag', 'see that 15-pgbackrest2.45-20261123 is free'],
      ['build', 'build the image of the database'],
      ['try', 'try the image of the database'],
      ['push', 'push it'],
    ]);
    await expect(releaseImage(databaseRelease(build), { transport: machine() })).resolves.toBe(digest('e'));
  });

  it('builds from the official image by digest, for the platform of the hosts', () => {
    expect(commandsOf('build')).toEqual([
      [
        ...['docker', 'build', '--platform=linux/amd64', `--build-arg=BASE=${build.base}`],
        `--label=org.opencontainers.image.version=${build.tag}`,
        ...[`--tag=${image}`, build.context],
      ],
    ]);
  });

  it('tries it without rights and without a network, as the user of the server', () => {
    const [, inside = []] = commandsOf('try');
    expect(inside.slice(0, 10)).toEqual([
      ...['docker', 'run', '--rm', '--network=none', '--read-only', '--cap-drop=ALL', '--user=999:999'],
      ...[image, 'sh', '-c'],
    ]);
    expect(inside.slice(-3)).toEqual(['sh', '15', '2.45']);
  });

  it.each<[string, readonly [string, Answer], number]>([
    ['where docker is not logged in', ['docker login', { code: 3, stderr: 'denied: denied' }], 1],
    ['where the tag is taken', ['docker pull', { code: 3, stderr: 'it is there already' }], 2],
  ])('is refused %s, and nothing else is done', async (_where, rule, done) => {
    const transport = machine(rule);
    expect(await failureOn(transport)).toMatchObject({ exitCode: 3 });
    expect(transport.log).toHaveLength(done);
  });

  it.each<[string, readonly [string, Answer]]>([
    [
      'was not built',
      ['docker build', { code: 1, stderr: "E: Version '2.45-1' for 'pgbackrest' was not found" }],
    ],
    ['starts otherwise than the official one', ['.Config.Entrypoint', { stdout: '["sh"] null' }]],
    ['has not what its tag says', ['docker run', { code: 1, stderr: 'not PostgreSQL 15' }]],
  ])('pushes nothing that %s, and takes the image back', async (_what, rule) => {
    const transport = machine(rule);
    expect(await failureOn(transport)).toMatchObject({ exitCode: 1 });
    expect(transport.log.some((line) => line.startsWith('docker push'))).toBe(false);
    expect(transport.log.at(-1)).toBe(`docker image rm --force ${image}`);
  });

  it('says what is left when the registry told no digest', async () => {
    const { state, next } = await failureOn(machine(['.RepoDigests', { stdout: '' }]));
    expect(state).toBe(`${image} was pushed; no record names it yet`);
    expect(next).toContain('its digest goes into archive.image of the record');
  });

  it('prints as the steps that it would run', () => {
    const text = planText(planImageRelease(databaseRelease(build)));
    expect(text).toContain(`release ${image}: 5 steps`);
    expect(text).toContain('refuses with exit code 3');
    expect(text).toContain(`$ docker push ${image}`);
  });
});

describe('what the image of the database is tried with, inside of it', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-image-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const sound = {
    postgres: 'echo "postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)"',
    pgbackrest: 'echo "pgBackRest 2.45"',
    age: '',
    ssh: '',
    'ssh-keygen': '',
    pg_receivewal: '',
    perl: '',
    'docker-entrypoint.sh':
      'echo "Error: Database is uninitialized and superuser password is not specified." >&2; exit 1',
  };
  const tryWith = (change: Partial<Record<keyof typeof sound, string | undefined>>): Promise<Output> => {
    const [, inside = []] = commandsOf('try');
    for (const [name, script] of Object.entries({ ...sound, ...change }))
      if (script !== undefined) writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const words = inside.slice(inside.indexOf('sh') + 1);
    return run({ argv: ['/bin/sh', ...words], env: { PATH: folder }, deadline: 8_000 });
  };

  it('passes where it has the versions of its tag, the programs that hosts run, and the official entrypoint', async () => {
    expect(await tryWith({})).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it.each<[string, Parameters<typeof tryWith>[0], RegExp]>([
    [
      'another major version',
      { postgres: 'echo "postgres (PostgreSQL) 16.4 (Debian 16.4-1.pgdg120+1)"' },
      /^the server says "postgres \(PostgreSQL\) 16\.4 .*", not PostgreSQL 15\n$/,
    ],
    [
      'one that begins with the same digits',
      { postgres: 'echo "postgres (PostgreSQL) 150.1"' },
      /not PostgreSQL 15\n$/,
    ],
    [
      'another pgBackRest',
      { pgbackrest: 'echo "pgBackRest 2.45.1"' },
      /^pgBackRest says "pgBackRest 2\.45\.1", not pgBackRest 2\.45\n$/,
    ],
    ['no age', { age: undefined }, /^there is no age\n$/],
    ['no client of SSH', { ssh: undefined }, /^there is no ssh\n$/],
    [
      'an entrypoint that starts whatever it is given',
      { 'docker-entrypoint.sh': 'exit 0' },
      /^the entrypoint starts a server without a password\n$/,
    ],
    [
      'an entrypoint of somebody else',
      { 'docker-entrypoint.sh': 'echo "no such user" >&2; exit 1' },
      /^the entrypoint is not the official one: no such user\n$/,
    ],
  ])('fails with %s, and says so', async (_what, change, says) => {
    const { code, stderr } = await tryWith(change);
    expect(code).toBe(1);
    expect(stderr).toMatch(says);
  });
});
