import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import type { Docker } from '../../../sandbox/docker';
import { ensureEngine } from '../../../sandbox/engine';
import { demoImages } from '../../../sandbox/images/demo-app';
import { postgresImage } from '../../../sandbox/images/postgres';
import {
  imageReference,
  readSettings,
  renderDotEnv,
  renderRuntime,
  runtimeVariables,
  type Archive,
  type RuntimeProps,
} from '../../../services';
import { release, resolvedLock } from '../../unit/services/example';
import { composeProgram, writeFiles } from './compose-program';

const plainRuntime = (): RuntimeProps => ({
  images: { postgres: imageReference(resolvedLock(), 'postgres') },
});

/** What a runtime needs beside its containers: an archive, and the way there. */
export interface ArchiveSurroundings {
  readonly archive: Archive;
  /** The Docker network that the object storage is on, and its address there. */
  readonly network: string;
  readonly address: string;
  /** Folder that stands for the host's /etc/ssl/certs. */
  readonly authorities: string;
  /** Folder that stands for the host's /var/lib/cogni/deploy. */
  readonly records: string;
  /** MiB of the disk that the database's volume is on. @default - that of this machine */
  readonly disk?: number;
  /** Gives the containers a clock of their own. @default that of this machine */
  readonly clock?: ShiftedClock;
}

/** A clock that is off by as much as a file says (faketime(1)). */
export interface ShiftedClock {
  /** Folder of this machine with the library and the file, and where it is in the containers. */
  readonly folder: string;
  readonly target: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Of a service that is archived: the sandbox's name and authority in the place of the host's. */
function wayTo(surroundings: ArchiveSurroundings | undefined): object {
  if (surroundings === undefined) return {};
  const { address, authorities, clock } = surroundings;
  const bind = (source: string, target: string): object => ({
    type: 'bind',
    source,
    target,
    read_only: true,
  });
  return {
    extra_hosts: { 's3.cogni.test': address },
    volumes: [bind(authorities, '/etc/ssl/certs'), ...(clock ? [bind(clock.folder, clock.target)] : [])],
    // The library shares what it knows among processes of one user alone.
    ...(clock && { environment: clock.environment, user: 'postgres' }),
  };
}

/** The volume of the database: on a disk of a size of its own it is in memory, since nobody has a disk to spare. */
const dataVolume = (name: string, disk: number | undefined): object => ({
  name: `${name}_data`,
  ...(disk !== undefined && {
    driver: 'local',
    driver_opts: { type: 'tmpfs', device: 'tmpfs', o: `size=${disk}m` },
  }),
});

/** Of what makes portable copies: besides, a folder in the place of the host's records. */
const copiesOf = (surroundings: ArchiveSurroundings | undefined, image: string): object =>
  surroundings?.archive.copies === undefined
    ? {}
    : {
        copies: {
          image,
          extra_hosts: { 's3.cogni.test': surroundings.address },
          volumes: [
            { type: 'bind', source: surroundings.authorities, target: '/etc/ssl/certs', read_only: true },
            { type: 'bind', source: surroundings.records, target: '/from/host', read_only: true },
          ],
        },
      };

/** The volume that stands for the edge's, which another project makes. */
export const edgeVolume = (name: string): string => `${name}_edge`;

/** Milliseconds for one command of Compose, of which some wait for a server. */
const deadline = 90_000;

/**
 * The rendered runtime in containers: the real compose file, scripts and `.env`, with the sandbox's images in place of
 * the digests, and with names of its own for what would otherwise be the host's.
 */
export class RunningRuntime {
  private constructor(
    readonly docker: Docker,
    readonly name: string,
    /** Of its files. */
    readonly folder: string,
    /** Docker Compose. */
    readonly program: string,
    private readonly node: string,
    readonly props: RuntimeProps,
  ) {}

  static async prepare(
    settings: Readonly<Record<string, string>>,
    surroundings?: ArchiveSurroundings,
  ): Promise<RunningRuntime> {
    const props = { ...plainRuntime(), ...(surroundings ? { archive: surroundings.archive } : {}) };
    const { docker } = await ensureEngine(silent);
    const postgres = await postgresImage(docker, silent);
    const demo = await demoImages(docker, silent);
    const name = `cogni-runtime-test-${randomBytes(4).toString('hex')}`;
    const folder = writeFiles([
      ...renderRuntime(props),
      {
        path: 'test.yaml',
        content: JSON.stringify({
          services: {
            'app-a': { image: demo.app.reference },
            'db-migrate': { image: demo.migrator.reference },
            'db-provision': { image: postgres.reference },
            postgres: { image: postgres.reference, ...wayTo(surroundings) },
            ...(surroundings ? { backup: { image: postgres.reference, ...wayTo(surroundings) } } : {}),
            ...copiesOf(surroundings, postgres.reference),
          },
          networks: {
            edge: { name },
            ...(surroundings ? { archive: { name: surroundings.network, external: true } } : {}),
          },
          volumes: {
            postgres_data: dataVolume(name, surroundings?.disk),
            postgres_socket: { name: `${name}_socket` },
            ...(surroundings?.archive.copies ? { caddy_data: { name: edgeVolume(name) } } : {}),
          },
        }),
      },
    ]);
    const runtime = new RunningRuntime(
      docker,
      name,
      folder,
      await composeProgram(),
      demo.app.reference,
      props,
    );
    runtime.configure(settings);
    await docker.docker(['network', 'create', name]);
    if (surroundings?.archive.copies) await docker.docker(['volume', 'create', edgeVolume(name)]);
    return runtime;
  }

  /** Writes the `.env` anew. */
  configure(settings: Readonly<Record<string, string>>): void {
    const values = runtimeVariables(readSettings(settings, 'deploy'), release, this.props);
    writeFileSync(join(this.folder, '.env'), renderDotEnv(values).reveal());
  }

  async remove(): Promise<void> {
    await this.compose('--profile', 'bootstrap', 'down', '--volumes', '--timeout', '2');
    await this.docker.tryDocker(['network', 'rm', this.name]);
    await this.docker.tryDocker(['volume', 'rm', '--force', edgeVolume(this.name)]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  compose(...argv: readonly string[]): Promise<Output> {
    return run({
      argv: [this.program, '-p', this.name, '-f', 'compose.yaml', '-f', 'test.yaml', ...argv],
      cwd: this.folder,
      env: { DOCKER_HOST: this.docker.host },
      deadline,
    });
  }

  up(service: string): Promise<Output> {
    return this.compose('up', '--detach', '--wait', '--pull', 'never', '--no-deps', service);
  }

  /** As a deploy runs a job: to its end, with its output, and nothing of it left. */
  job(service: string, environment: Readonly<Record<string, string>> = {}): Promise<Output> {
    const variables = Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    return this.compose('run', '--rm', '--no-deps', '-T', ...variables, service);
  }

  /** SQL over the network, by the address at which the server wants a password. */
  sql(user: string, password: string, database: string, statement: string): Promise<Output> {
    const psql = ['psql', '-qAtX', '-h', 'postgres', '-U', user, '-d', database, '-v', 'ON_ERROR_STOP=1'];
    return run({
      argv: [this.program, '-p', this.name, 'exec', '-T', '--env', 'PGPASSWORD', 'postgres', ...psql],
      cwd: this.folder,
      env: { DOCKER_HOST: this.docker.host, PGPASSWORD: password },
      stdin: statement,
      deadline,
    });
  }

  /** SQL as the administrator, through the socket. */
  async asRoot(statement: string, database = 'cogni'): Promise<string> {
    const psql = ['psql', '-qAtX', '-U', 'cogni_root', '-d', database, '-v', 'ON_ERROR_STOP=1'];
    const output = await run({
      argv: [this.program, '-p', this.name, 'exec', '-T', 'postgres', ...psql],
      cwd: this.folder,
      env: { DOCKER_HOST: this.docker.host },
      stdin: statement,
      deadline,
    });
    if (output.code !== 0) throw new Error(output.stderr);
    return output.stdout.trim();
  }

  /** What somebody on the edge's network gets from a URL. */
  async fromTheEdge(url: string): Promise<string> {
    const ask = `fetch('${url}').then((answer) => answer.text()).then(console.log)`;
    return this.docker.docker([
      'run',
      '--rm',
      '--network',
      this.name,
      '--entrypoint',
      'node',
      this.node,
      '-e',
      ask,
    ]);
  }

  /** What a piece of JavaScript in the application's own container prints. */
  async inApp(expression: string): Promise<string> {
    return (await this.compose('exec', '-T', 'app-a', 'node', '-p', expression)).stdout.trim();
  }

  async inspect(service: string, format: string): Promise<string> {
    const id = await this.compose('ps', '--quiet', '--all', service);
    return (await this.docker.docker(['inspect', '--format', format, id.stdout.trim()])).trim();
  }
}
