import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Output } from '../../../../foundation/process';
import { silent } from '../../../../foundation/progress';
import type { Docker } from '../../../../sandbox/docker';
import { ensureEngine } from '../../../../sandbox/engine';
import { postgresImage } from '../../../../sandbox/images/postgres';
import { provisionFiles } from '../../../../services/database/provision';

/** Where the server reads who may come in. */
export const hbaFile = '/var/lib/postgresql/data/pg_hba.conf';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Passwords of signs that some program on the way could take for something else. Some of these, and of the names in the tests, no setting may
 * have: they show that nothing takes their signs for anything, and the forms of settings are left out of the script for them.
 */
export const settings = {
  POSTGRES_ROOT_USER: 'cogni_root',
  OWNER_DB_USER: 'cogni_owner',
  OWNER_DB_PASSWORD: `p1anted-owner'"\\$(id);--%2F@/`,
  APP_DB_USER: 'cogni_app',
  APP_DB_PASSWORD: `p1anted-app'"\\\${HOME}!&|<>*~^@/? ü`,
  APP_DB_NAME: 'cogni',
  LITELLM_DB_USER: 'cogni_litellm',
  LITELLM_DB_PASSWORD: 'p1anted-litellm-password',
  LITELLM_DB_NAME: 'litellm',
  READONLY_DB_USER: 'cogni_readonly',
  READONLY_DB_PASSWORD: 'p1anted-readonly-password',
} as const satisfies Environment;

/** The script, which then asks of a setting only that it is there. */
const formless = (content: string): string =>
  content.replaceAll(/^setting ([A-Z]\S+ \S+) \d+ '.*?'( optional)?$/gm, `setting $1 1 '' ''$2`);

export interface ProvisionOptions {
  /** Over {@link settings}; undefined takes one away. */
  readonly environment?: Environment;
  /** Changes a rendered file: to stop a run in the middle, say. */
  readonly edit?: (path: string, content: string) => string;
}

/** A PostgreSQL server in a container, that writes every statement into its log, and the files of db-provision in it. */
export class DatabaseServer {
  private readonly folder = mkdtempSync(join(tmpdir(), 'cogni-database-'));
  readonly name = `cogni-database-test-${randomBytes(4).toString('hex')}`;

  private constructor(private readonly docker: Docker) {}

  /** @returns at once: the server is still being set up */
  static async start(): Promise<DatabaseServer> {
    const { docker } = await ensureEngine(silent);
    const image = await postgresImage(docker, silent);
    const server = new DatabaseServer(docker);
    // The container's user must be able to read it.
    chmodSync(server.folder, 0o755);
    const options = ['fsync=off', 'log_statement=all', 'log_min_duration_statement=0', 'log_lock_waits=on'];
    await docker.docker([
      'run',
      '--detach',
      // As process 1, the server would take the end of a killed psql for that of a process of its own, and restart.
      '--init',
      `--name=${server.name}`,
      '--hostname=database',
      '--tmpfs=/var/lib/postgresql/data',
      `--volume=${server.folder}:/provision:ro`,
      '--env=POSTGRES_USER=cogni_root',
      '--env=POSTGRES_PASSWORD=p1anted-root-password',
      '--env=POSTGRES_DB=postgres',
      '--env=POSTGRES_INITDB_ARGS=--encoding=UTF8 --locale=C.UTF-8',
      image.reference,
      'postgres',
      ...options.flatMap((option) => ['-c', option]),
    ]);
    return server;
  }

  /** One that a first run and a first migration are over on, with a role `alice` besides that is somebody's own. */
  static async provisioned(): Promise<DatabaseServer> {
    const server = await DatabaseServer.start();
    const first = await server.provision();
    if (first.code !== 0) throw new Error(first.stderr);
    await server.migrate();
    return server;
  }

  /** What the owner's migration makes: a table `kept` with a row. Then there is a role `alice` that is somebody's own. @throws Error */
  async migrate(): Promise<void> {
    const [role, password] = [settings.OWNER_DB_USER, settings.OWNER_DB_PASSWORD];
    const statement =
      'CREATE TABLE kept (id serial PRIMARY KEY, text text); INSERT INTO kept (text) VALUES (1)';
    const [refusal] = await this.as([{ role, password, statement }]);
    if (refusal !== '') throw new Error(refusal);
    await this.sql('CREATE ROLE alice');
  }

  /** Where it listens, from this machine: `172.17.0.2:5432`. */
  async address(): Promise<string> {
    const format = '--format={{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    return `${(await this.docker.docker(['inspect', format, this.name])).trim()}:5432`;
  }

  async remove(): Promise<void> {
    await this.docker.tryDocker(['rm', '--force', '--volumes', this.name]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A run of db-provision, as a group of processes of its own. */
  provision({ environment = {}, edit = (_, content) => content }: ProvisionOptions = {}): Promise<Output> {
    for (const { path, content } of provisionFiles()) {
      writeFileSync(join(this.folder, path), edit(path, formless(content)));
    }
    const values = { ...settings, DB_HOST: 'database', DB_PORT: '5432', ...environment };
    return this.exec(['setsid', '--wait', 'bash', '/provision/provision.sh'], values);
  }

  /** SQL as the administrator, through the socket. @throws Error when it is refused */
  async sql(statements: string, database = 'postgres'): Promise<string> {
    const psql = ['psql', '-qAtX', '-U', 'cogni_root', '-d', database, '-v', 'ON_ERROR_STOP=1'];
    const output = await this.exec(psql, {}, statements);
    if (output.code !== 0) throw new Error(output.stderr);
    return output.stdout.trim();
  }

  /**
   * SQL over the network, where a password is asked for; all in one go, since each entry into a container takes a while.
   *
   * @returns what each printed, or the message of its refusal
   */
  async as(attempts: readonly Attempt[]): Promise<readonly string[]> {
    const script = attempts.map(({ role, password, statement, database = settings.APP_DB_NAME }) => {
      const login = [
        `PGUSER=${quoted(role)}`,
        `PGPASSWORD=${quoted(password)}`,
        `PGDATABASE=${quoted(database)}`,
      ];
      return `${login.join(' ')} psql -h database -qAtXw -v ON_ERROR_STOP=1 -c ${quoted(statement)} 2>&1; printf '\\0'`;
    });
    const { stdout } = await this.exec(['bash', '-s'], {}, script.join('\n'));
    return stdout
      .split('\0')
      .slice(0, -1)
      .map((answer) => answer.trim());
  }

  exec(argv: readonly string[], environment: Environment = {}, stdin = ''): Promise<Output> {
    const given = Object.entries(environment).filter(([, value]) => value !== undefined);
    return run({
      argv: [
        'docker',
        'exec',
        '--interactive',
        '--user=postgres',
        ...given.flatMap(([name]) => ['--env', name]),
        this.name,
        ...argv,
      ],
      env: { DOCKER_HOST: this.docker.host, ...Object.fromEntries(given) },
      stdin,
      deadline: 90_000,
    });
  }

  async log(): Promise<string> {
    const { stdout, stderr } = await this.docker.tryDocker(['logs', this.name]);
    return stdout + stderr;
  }

  /** As it was when it had just been made: no database but its own, no role but the administrator. */
  async reset(): Promise<void> {
    await this.sql(`
      SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database WHERE oid >= 16384 \\gexec
      SELECT format('DROP OWNED BY %I', rolname), format('DROP ROLE %I', rolname)
        FROM pg_roles WHERE oid >= 16384 ORDER BY oid DESC \\gexec
      GRANT CONNECT, TEMPORARY ON DATABASE postgres TO PUBLIC;
      GRANT CONNECT ON DATABASE template1, template0 TO PUBLIC;
      ALTER ROLE cogni_root PASSWORD 'p1anted-root-password';
    `);
  }

  /** Everything that provisioning decides, as text: roles, memberships, databases, owners, privileges. No password. */
  async state(databases: readonly string[] = ['cogni', 'litellm']): Promise<string> {
    const dumps = databases.map(
      (name) => `pg_dump --schema-only --create --username=cogni_root ${quoted(name)}`,
    );
    const globals = 'pg_dumpall --globals-only --no-role-passwords --username=cogni_root';
    const { stdout, stderr } = await this.exec(['bash', '-s'], {}, [globals, ...dumps].join('\n'));
    // A key of its own in every dump.
    return (stdout + stderr).replace(/^\\(?:un)?restrict .*$/gm, '');
  }
}

export interface Attempt {
  readonly role: string;
  readonly password: string;
  readonly statement: string;
  /** @default the application's */
  readonly database?: string;
}

/** For a shell (POSIX, 2.2.2): everything inside single quotes is itself. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
