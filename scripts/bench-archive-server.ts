import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandFailure, run, type Command } from '../foundation/process';
import { silent } from '../foundation/progress';
import { ensureCertificateAuthority } from '../sandbox/certificates';
import type { Docker } from '../sandbox/docker';
import { down } from '../sandbox/down';
import { ensureEngine } from '../sandbox/engine';
import { postgresImage } from '../sandbox/images/postgres';
import { ensureNetwork } from '../sandbox/parts/network';
import { ensureS3 } from '../sandbox/parts/s3';
import { partName, type World } from '../sandbox/world';
import { Bytes } from '../compose';
import { stanza, type Archive } from '../services';
import { archivingSettings, pgbackrestConf } from '../services/archive/configuration';
import { dataFolder } from '../services/database/server';
import { postgresConf } from '../services/runtime/postgres-settings';

/** Memory of the database server: what a host of 4 GiB gives it, with the settings that go with it. */
const memory = Bytes.mebibytes(1024);
const config = '/etc/cogni-postgres';
const user = 'cogni_root';
const hour = 60 * 60_000;

/**
 * A database with the settings of a rendered one, and the object storage of a sandbox, in containers of their own. Backups are made in the database's
 * container: which one has pgBackRest decides nothing about how long it takes.
 */
export class BenchServer {
  private constructor(
    private readonly docker: Docker,
    private readonly world: World,
    private readonly image: string,
    private readonly arguments_: readonly string[],
    private readonly secrets: Readonly<Record<string, string>>,
  ) {}

  static async prepare(world: World): Promise<BenchServer> {
    await down(world, silent);
    const { docker } = await ensureEngine(silent, world);
    const authority = await ensureCertificateAuthority(world);
    const network = await ensureNetwork(docker, world, silent);
    const { bench: store } = await ensureS3(docker, world, network, authority, ['bench'], silent);
    const { reference } = await postgresImage(docker, silent);
    const archive: Archive = {
      image: reference,
      endpoint: store.endpoint,
      bucket: store.bucket,
      region: store.region,
      keep: { daily: 7 },
    };
    const folder = join(world.folder, 'postgres');
    const trust = join(world.folder, 'trust');
    for (const each of [folder, trust]) mkdirSync(each, { recursive: true });
    for (const each of [world.folder, folder, trust]) chmodSync(each, 0o755);
    copyFileSync(authority.certificate, join(trust, 'ca-certificates.crt'));
    writeFileSync(join(folder, 'postgresql.conf'), postgresConf(memory, archivingSettings(archive)));
    writeFileSync(join(folder, 'pgbackrest.conf'), pgbackrestConf(archive));
    return new BenchServer(
      docker,
      world,
      reference,
      [
        ...[
          '--init',
          `--label=${world.label}`,
          `--network=${network.name}`,
          `--add-host=${store.endpoint}:${network.parts.s3}`,
        ],
        ...[
          `--volume=${folder}:${config}:ro`,
          `--volume=${trust}:/etc/ssl/certs:ro`,
          '--tmpfs=/tmp',
          '--shm-size=256m',
        ],
        ...[`--env=PGBACKREST_CONFIG=${config}/pgbackrest.conf`, `--env=PGBACKREST_STANZA=${stanza}`],
        ...[`--env=PGBACKREST_PG1_USER=${user}`, `--env=POSTGRES_USER=${user}`, '--env=POSTGRES_DB=postgres'],
        ...['PGBACKREST_REPO1_S3_KEY', 'PGBACKREST_REPO1_S3_KEY_SECRET', 'PGBACKREST_REPO1_CIPHER_PASS'].map(
          (name) => `--env=${name}`,
        ),
        ...['--env=PGBACKREST_CIPHER_PASS', '--env=POSTGRES_PASSWORD'],
      ],
      {
        PGBACKREST_REPO1_S3_KEY: store.uploader.key,
        PGBACKREST_REPO1_S3_KEY_SECRET: store.uploader.secret.reveal(),
        PGBACKREST_REPO1_CIPHER_PASS: 'of no use to anybody, for as long as this runs',
        PGBACKREST_CIPHER_PASS: 'of no use to anybody, for as long as this runs',
        POSTGRES_PASSWORD: 'of no use to anybody, for as long as this runs',
      },
    );
  }

  private name(what: string): string {
    return partName(this.world, what);
  }

  /** The server anew on the same data. */
  async start(archiving: boolean): Promise<void> {
    await this.docker.tryDocker(['stop', '--time=60', this.name('database')], { deadline: hour });
    await this.docker.tryDocker(['rm', '--force', this.name('database')]);
    await this.docker.docker(
      [
        ...[
          'run',
          '--detach',
          `--name=${this.name('database')}`,
          ...this.arguments_,
          `--memory=${memory.toBytes()}`,
        ],
        ...[`--volume=${this.name('data')}:${dataFolder}`, this.image, 'postgres'],
        ...['-c', `config_file=${config}/postgresql.conf`, '-c', `archive_mode=${archiving ? 'on' : 'off'}`],
      ],
      { env: this.secrets },
    );
    // Over TCP: while the data folder is made, the entrypoint's first server answers on the socket only.
    await this.inside('until pg_isready -q -h 127.0.0.1; do sleep 0.2; done');
  }

  /** Runs a script of this file in the database's container. @returns milliseconds, and what it printed */
  async inside(script: string): Promise<{ readonly milliseconds: number; readonly stdout: string }> {
    return this.timed([
      'exec',
      '--user=postgres',
      this.name('database'),
      'bash',
      '-euo',
      'pipefail',
      '-c',
      script,
    ]);
  }

  async sql(statement: string): Promise<string> {
    return (await this.inside(`psql -XAtq -U ${user} -d postgres -c "${statement}"`)).stdout.trim();
  }

  /** Restores the newest backup into an empty volume, and starts a server on it. @returns milliseconds of both */
  async restore(): Promise<{ readonly files: number; readonly start: number }> {
    const volume = this.name('copy');
    await this.docker.tryDocker(['volume', 'rm', '--force', volume]);
    await this.docker.docker(['volume', 'create', `--label=${this.world.label}`, volume]);
    const name = this.name('copy');
    await this.docker.docker(
      [
        ...['run', '--detach', `--name=${name}`, ...this.arguments_, `--memory=${memory.toBytes()}`],
        ...[
          `--volume=${volume}:${dataFolder}`,
          '--user=postgres',
          '--entrypoint=sleep',
          this.image,
          'infinity',
        ],
      ],
      { env: this.secrets },
    );
    const inCopy = (script: string) => this.timed(['exec', name, 'bash', '-euo', 'pipefail', '-c', script]);
    const files = await inCopy('pgbackrest --type=default --archive-mode=off restore');
    const start = await inCopy(
      `pg_ctl -s -w -t 3600 -D ${dataFolder} -l /tmp/log -o '-c config_file=${config}/postgresql.conf -c archive_mode=off -c unix_socket_directories=/tmp' start
       until [ "$(psql -XAtq -h /tmp -U ${user} -d postgres -c 'SELECT pg_is_in_recovery()')" = f ]; do sleep 0.1; done`,
    );
    await this.docker.docker(['rm', '--force', name]);
    await this.docker.docker(['volume', 'rm', volume]);
    return { files: files.milliseconds, start: start.milliseconds };
  }

  async remove(): Promise<void> {
    await down(this.world, silent);
  }

  private async timed(
    words: readonly string[],
  ): Promise<{ readonly milliseconds: number; readonly stdout: string }> {
    const { host } = this.docker;
    const command: Command = {
      argv: ['docker', ...words],
      env: host === undefined ? {} : { DOCKER_HOST: host },
      deadline: hour,
    };
    const output = await run(command);
    if (output.code !== 0) throw commandFailure(command, output);
    return output;
  }
}
