import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { silent } from '../../../foundation/progress';
import { postgresImage } from '../../../sandbox/images/postgres';
import { addressOf, buildDeadline, docker, eventually, exec, imageConfig, Scratch } from './harness';

/**
 * The contract of the official image postgres:15, as far as it is stated in its Dockerfile and entrypoint
 * (docker-library/postgres, 15/bookworm) and in its page on the Docker Hub. Run against the real one with
 * POSTGRES_IMAGE=postgres:15-bookworm.
 */
const contract = {
  config: {
    Cmd: ['postgres'],
    Entrypoint: ['docker-entrypoint.sh'],
    ExposedPorts: { '5432/tcp': {} },
    StopSignal: 'SIGINT',
    User: '',
    Volumes: { '/var/lib/postgresql/data': {} },
  },
  env: ['LANG=en_US.utf8', 'PGDATA=/var/lib/postgresql/data', 'PG_MAJOR=15'],
  prints: [
    [
      'the user postgres has the number that volumes hold',
      ['id', 'postgres'],
      /^uid=999\(postgres\) gid=999\(postgres\)/,
    ],
    ["the data directory can be made anybody's", ['stat', '-c', '%a', '/var/lib/postgresql/data'], /^1777$/],
    ['the server is major version 15', ['postgres', '--version'], /^postgres \(PostgreSQL\) 15\.\d+/],
    ['there is a bash for scripts', ['bash', '-c', 'echo $BASH_VERSION'], /^5\./],
    ['the locale is there', ['locale', '-a'], /^en_US\.utf8$/m],
    ['a folder waits for scripts', ['ls', '-d', '/docker-entrypoint-initdb.d'], /initdb/],
    ...['psql', 'pg_isready', 'pg_dump', 'pg_dumpall', 'pg_restore', 'initdb', 'pg_ctl', 'pg_basebackup'].map(
      (program) => [`${program} is on PATH`, [program, '--version'], /15\.\d+/] as const,
    ),
  ] as [string, string[], RegExp][],
  /** First starts that are refused: nothing is left in the data directory. */
  refusals: [
    ['no password for the superuser', [], /superuser password is not specified/],
    ['an empty password', ['--env=POSTGRES_PASSWORD='], /superuser password is not specified/],
    [
      'a password and a file with one',
      ['--env=POSTGRES_PASSWORD=a', '--env=POSTGRES_PASSWORD_FILE=/etc/hostname'],
      /both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set/,
    ],
  ] as [string, string[], RegExp][],
  /** First starts that work, each with questions to the database and their answers. */
  starts: [
    {
      as: 'the superuser postgres, with a database of that name, where nothing else is said',
      args: ['--env=POSTGRES_PASSWORD=secret'],
      command: [],
      user: 'postgres',
      database: 'postgres',
      answers: [
        ['SELECT current_user', 'postgres'],
        ['SHOW lc_collate', 'en_US.utf8'],
        ['SHOW server_encoding', 'UTF8'],
        ['SHOW listen_addresses', '*'],
        ["SELECT left(rolpassword, 13) FROM pg_authid WHERE rolname = 'postgres'", 'SCRAM-SHA-256'],
      ],
    },
    {
      as: 'what the variables name, with arguments for initdb and options for the server',
      args: [
        '--env=POSTGRES_PASSWORD=secret',
        '--env=POSTGRES_USER=boss',
        '--env=POSTGRES_DB=shop',
        '--env=POSTGRES_INITDB_ARGS=--data-checksums --locale="C"',
      ],
      command: ['postgres', '-c', 'max_connections=33'],
      user: 'boss',
      database: 'shop',
      answers: [
        ["SELECT string_agg(usename, ',') FROM pg_user WHERE usesuper", 'boss'],
        ['SELECT current_database()', 'shop'],
        ['SHOW data_checksums', 'on'],
        ['SHOW lc_collate', 'C'],
        ['SHOW max_connections', '33'],
      ],
    },
    {
      as: 'the name of the user for the database too, with options alone and another data directory',
      args: [
        '--env=POSTGRES_PASSWORD=secret',
        '--env=POSTGRES_USER=boss',
        '--env=PGDATA=/var/lib/postgresql/data/pgdata',
      ],
      command: ['-c', 'max_connections=34'],
      user: 'boss',
      database: 'boss',
      answers: [
        ['SHOW max_connections', '34'],
        ['SHOW data_directory', '/var/lib/postgresql/data/pgdata'],
      ],
    },
    {
      as: 'the user postgres from the beginning',
      args: ['--env=POSTGRES_PASSWORD=secret', '--user=999:999'],
      command: [],
      user: 'postgres',
      database: 'postgres',
      answers: [['SELECT 1', '1']],
    },
    {
      as: 'a user without a name, in a folder that this user can make',
      args: [
        '--env=POSTGRES_PASSWORD=secret',
        '--env=PGDATA=/var/lib/postgresql/data/pgdata',
        '--user=4711:4711',
      ],
      command: [],
      user: 'postgres',
      database: 'postgres',
      answers: [['SELECT 1', '1']],
    },
  ] as Start[],
};

interface Start {
  as: string;
  args: string[];
  command: string[];
  user: string;
  database: string;
  answers: [question: string, answer: string][];
}

describe('the PostgreSQL image', () => {
  const scratch = new Scratch();
  const folder = mkdtempSync(join(tmpdir(), 'cogni-postgres-'));
  let image: string;

  beforeAll(async () => {
    image = process.env['POSTGRES_IMAGE'] ?? (await postgresImage(docker, silent)).reference;
  }, buildDeadline);
  afterAll(async () => {
    await scratch.removeAll();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Waits for the real server: the one of the first start listens on its socket only. */
  const ready = (container: string): Promise<void> =>
    eventually(async () => {
      const { code, stderr } = await exec(
        container,
        'pg_isready',
        '--quiet',
        '--host=127.0.0.1',
        '--username=any',
      );
      if (code !== 0) throw new Error(`not ready: ${stderr}`);
    });

  const ask = async (container: string, user: string, database: string, sql: string): Promise<string> => {
    const { stdout, stderr } = await exec(container, 'psql', '-X', '-U', user, '-d', database, '-tAc', sql);
    return `${stdout}${stderr}`.trim();
  };

  it('is started as the official one', async () => {
    const config = await imageConfig(image);
    expect(config).toMatchObject(contract.config);
    expect(config.Env).toEqual(expect.arrayContaining(contract.env));
    expect(config.Env.find((variable) => variable.startsWith('PATH='))).toMatch(
      /:\/usr\/lib\/postgresql\/15\/bin$/,
    );
  });

  describe('holds what others rely on:', () => {
    let container: string;
    beforeAll(async () => {
      container = await scratch.start('tools', ['--network=none', image, 'sleep', '300']);
    });

    it.each(contract.prints)('%s', async (_, argv, pattern) => {
      const { code, stdout } = await exec(container, ...argv);
      expect(stdout.trim()).toMatch(pattern);
      expect(code).toBe(0);
    });
  });

  it.each(contract.refusals)('refuses %s', async (_, args, pattern) => {
    const { code, stdout } = await scratch.once([...args, image]);
    expect(stdout).toMatch(pattern);
    expect(code).toBe(1);
  });

  it.each(contract.starts)('starts as $as', async ({ args, command, user, database, answers }) => {
    const container = await scratch.start(scratch.name('start'), [...args, image, ...command]);
    try {
      await ready(container);
      for (const [question, answer] of answers) {
        expect([question, await ask(container, user, database, question)]).toEqual([question, answer]);
      }
    } finally {
      await docker.tryDocker(['rm', '--force', '--volumes', container]);
    }
  });

  describe('with scripts, secrets in files and a volume', () => {
    const scripts = join(folder, 'initdb.d');
    const volume = scratch.name('data');
    let container: string;
    const start = async (): Promise<void> => {
      container = await scratch.start('full', [
        '--env=POSTGRES_PASSWORD_FILE=/run/secrets/password',
        '--env=POSTGRES_USER_FILE=/run/secrets/user',
        '--env=POSTGRES_DB_FILE=/run/secrets/database',
        `--volume=${join(folder, 'secrets')}:/run/secrets:ro`,
        `--volume=${scripts}:/docker-entrypoint-initdb.d:ro`,
        `--volume=${volume}:/var/lib/postgresql/data`,
        image,
      ]);
      await ready(container);
    };

    beforeAll(async () => {
      for (const path of [scripts, join(folder, 'secrets')]) mkdirSync(path);
      const file = (path: string, content: string | Buffer, mode: number): void => {
        writeFileSync(join(folder, path), content);
        chmodSync(join(folder, path), mode);
      };
      // Only root may read them, as with real secrets: the entrypoint reads them before it becomes postgres.
      file('secrets/password', "it's $ecret\n", 0o600);
      file('secrets/user', 'boss\n', 0o600);
      file('secrets/database', 'shop\n', 0o600);
      file('initdb.d/1.sql', 'CREATE TABLE trace (step text);', 0o644);
      file(
        'initdb.d/2.sh',
        '#!/bin/bash\npsql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "INSERT INTO trace VALUES (\'run\')"\n',
        0o755,
      );
      file('initdb.d/3.sh', 'sourced=yes\nuser=$POSTGRES_USER\n', 0o644);
      file(
        'initdb.d/4.sh',
        'docker_process_sql -c "INSERT INTO trace VALUES (\'sourced $sourced by $user\')"\n',
        0o644,
      );
      file('initdb.d/5.sql.gz', gzipSync("INSERT INTO trace VALUES ('unpacked')"), 0o644);
      file('initdb.d/6.txt', 'not a script', 0o644);
      await docker.docker(['volume', 'create', `--label=${scratch.label}`, volume]);
      await start();
    }, 60_000);

    it('takes user, password and database from the files, and runs the scripts in order', async () => {
      expect(await ask(container, 'boss', 'shop', "SELECT string_agg(step, ', ') FROM trace")).toBe(
        'run, sourced yes by boss, unpacked',
      );
    });

    it('lets nobody in over the network without the password', async () => {
      const host = await addressOf(container);
      const login = (password: string): ReturnType<typeof exec> =>
        docker.tryDocker([
          'exec',
          `--env=PGPASSWORD=${password}`,
          container,
          'psql',
          '-X',
          '-h',
          host,
          '-U',
          'boss',
          '-d',
          'shop',
          '-tAc',
          'SELECT 1',
        ]);
      expect((await login("it's $ecret")).stdout.trim()).toBe('1');
      expect((await login('other')).stderr).toContain('password authentication failed');
    });

    it('keeps the data for the next container, and then neither scripts nor settings matter', async () => {
      await docker.docker(['rm', '--force', container]);
      await start();
      expect(await ask(container, 'boss', 'shop', 'SELECT count(*) FROM trace')).toBe('3');
      expect(await docker.docker(['logs', container])).toContain('Skipping initialization');
    });

    it('ends well, and soon, when it is stopped', async () => {
      await docker.docker(['stop', '--time=30', container]);
      expect(await docker.docker(['inspect', '--format={{.State.ExitCode}}', container])).toBe('0\n');
      const { stderr } = await docker.tryDocker(['logs', '--tail=20', container]);
      expect(stderr).toContain('received fast shutdown request');
      expect(stderr).toContain('database system is shut down');
    });
  });

  it('lets everybody in when it was told to trust', async () => {
    const container = await scratch.start('trusting', ['--env=POSTGRES_HOST_AUTH_METHOD=trust', image]);
    await ready(container);
    const host = await addressOf(container);
    const { stdout } = await exec(
      container,
      'psql',
      '-X',
      '-w',
      '-h',
      host,
      '-U',
      'postgres',
      '-tAc',
      'SELECT 1',
    );
    expect(stdout.trim()).toBe('1');
  });

  it('ends with a fault when a script fails', async () => {
    const scripts = join(folder, 'failing');
    mkdirSync(scripts);
    writeFileSync(join(scripts, 'bad.sql'), 'SELECT nonsense;');
    const { code, stdout } = await scratch.once([
      '--env=POSTGRES_PASSWORD=secret',
      `--volume=${scripts}:/docker-entrypoint-initdb.d:ro`,
      image,
    ]);
    expect(stdout).toContain('column "nonsense" does not exist');
    expect(code).not.toBe(0);
  });

  it('runs any other program as it is, as root', async () => {
    const { stdout } = await scratch.once([image, 'id', '-un']);
    expect(stdout.trim()).toBe('root');
  });
});
