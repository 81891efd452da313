import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { questions } from '../../../../deploy/backup/commands';
import { parseInfo, parseLog, parseServer } from '../../../../deploy/backup/facts';
import { judge, type Judgement } from '../../../../deploy/backup/judge';
import { localTransport } from '../../../../deploy/local';
import type { RemoteCommand, Transport } from '../../../../deploy/transport';
import { run, type Output } from '../../../../foundation/process';
import { silent } from '../../../../foundation/progress';
import { ensureCertificateAuthority } from '../../../../sandbox/certificates';
import { ensureEngine } from '../../../../sandbox/engine';
import { ensureNetwork } from '../../../../sandbox/parts/network';
import { ensureS3, type ArchiveStore } from '../../../../sandbox/parts/s3';
import type { Archive } from '../../../../services';
import { partName } from '../../../../sandbox/world';
import { eventually } from '../../../contract/images/harness';
import { Rig } from '../../../contract/parts/rig';
import { deploySettings } from '../../../unit/services/example';
import { RunningRuntime, type ArchiveSurroundings } from '../running-runtime';

/** What of an archive a test decides. */
type Chosen = Pick<Archive, 'copies' | 'receiver' | 'timeout' | 'backlog'>;

/** What of the host a test decides. */
type SpecialHost = Pick<ArchiveSurroundings, 'disk' | 'clock'>;

/** A runtime whose database is archived, and the object storage that it goes to, on a network of this test's own. */
export class ArchivedRuntime {
  private constructor(
    readonly rig: Rig,
    readonly runtime: RunningRuntime,
    readonly store: ArchiveStore,
    readonly settings: Readonly<Record<string, string>>,
    /** Folder with the certificates that are believed. */
    readonly trust: string,
    readonly archive: Archive,
    readonly address: string,
    /** Stands for the host's records. */
    readonly records: string,
  ) {}

  /**
   * @param more of the archive than the tests of backups need
   * @param host what is special about it
   */
  static async prepare(more: Chosen = {}, host: SpecialHost = {}): Promise<ArchivedRuntime> {
    const rig = new Rig();
    try {
      return await ArchivedRuntime.around(rig, more, host);
    } catch (thrown) {
      await rig.remove();
      throw thrown;
    }
  }

  private static async around(rig: Rig, more: Chosen, host: SpecialHost): Promise<ArchivedRuntime> {
    const { docker } = await ensureEngine(silent);
    const authority = await ensureCertificateAuthority(rig.world);
    const network = await ensureNetwork(docker, rig.world, silent);
    const { test: store } = await ensureS3(docker, rig.world, network, authority, ['test'], silent);
    const trust = mkdtempSync(join(tmpdir(), 'cogni-trust-'));
    chmodSync(trust, 0o755);
    copyFileSync(authority.certificate, join(trust, 'ca-certificates.crt'));
    const settings = {
      ...deploySettings,
      ARCHIVE_KEY: store.uploader.key,
      ARCHIVE_SECRET: store.uploader.secret.reveal(),
      ARCHIVE_PASSPHRASE: 'passphrase-0123456789-0123456789-0123456789',
    };
    const archive: Archive = {
      image: `hub.test/postgres-pgbackrest@sha256:${'b'.repeat(64)}`,
      endpoint: store.endpoint,
      bucket: store.bucket,
      region: store.region,
      timeout: 5,
      // The least that may wait, so that a test can fill it.
      backlog: 256,
      keep: { daily: 7 },
      ...more,
    };
    const records = mkdtempSync(join(tmpdir(), 'cogni-records-'));
    const runtime = await RunningRuntime.prepare(settings, {
      archive,
      network: network.name,
      address: network.parts.s3,
      authorities: trust,
      records,
      ...host,
    });
    return new ArchivedRuntime(rig, runtime, store, settings, trust, archive, network.parts.s3, records);
  }

  /** Runs the program of the container that makes backups. */
  program(...argv: readonly string[]): Promise<Output> {
    return this.runtime.compose('exec', '-T', 'backup', '/bin/sh', '/etc/cogni-postgres/backup.sh', ...argv);
  }

  /** Records what the databases hold, beside a backup. */
  checkpoint(label: string): Promise<Output> {
    const program = '/etc/cogni-postgres/checkpoint.sh';
    return this.runtime.compose('exec', '-T', 'backup', '/bin/sh', program, label);
  }

  /** A file of the archive beside what pgBackRest itself keeps there. */
  async stored(path: string): Promise<string> {
    const reading = 'PGBACKREST_CIPHER_PASS=$PGBACKREST_REPO1_CIPHER_PASS exec pgbackrest repo-get "$1"';
    return (await this.runtime.compose('exec', '-T', 'backup', 'sh', '-c', reading, 'sh', path)).stdout;
  }

  /** Puts a file there. */
  async put(path: string, text: string): Promise<void> {
    const id = await this.runtime.inspect('backup', '{{.Id}}');
    const env = { DOCKER_HOST: this.runtime.docker.host };
    const argv = ['docker', 'exec', '--interactive', id, 'pgbackrest', 'repo-put', path] as const;
    expect(await run({ argv, env, stdin: text, deadline: 60_000 })).toMatchObject({ code: 0 });
  }

  /** The containers of this test, in the place of a host. */
  asHost(): Transport {
    const here = localTransport({ env: { DOCKER_HOST: this.runtime.docker.host } });
    return { ...here, run: (command) => here.run({ ...command, argv: this.named(command.argv) }) };
  }

  private named([program, ...words]: RemoteCommand['argv']): RemoteCommand['argv'] {
    return [
      program,
      ...words.map((word) => word.replace(/^cogni-runtime-(\w+)-1$/, `${this.runtime.name}-$1-1`)),
    ];
  }

  pgbackrest(...argv: readonly string[]): Promise<Output> {
    return this.runtime.compose('exec', '-T', 'backup', 'pgbackrest', ...argv);
  }

  /** Runs a command that is meant for a host, in the containers of this test. */
  async answer({ argv, stdin, deadline }: RemoteCommand): Promise<string> {
    const output = await run({
      argv: this.named(argv),
      env: { DOCKER_HOST: this.runtime.docker.host },
      ...(stdin === undefined ? {} : { stdin }),
      deadline,
    });
    if (output.code !== 0) throw new Error(`${output.stdout}${output.stderr}`);
    return output.stdout;
  }

  /** What `./cogni backup list` would say. */
  async judgement(now = new Date()): Promise<Judgement> {
    const server = parseServer(await this.answer(questions.server));
    const info = parseInfo(await this.answer(questions.info));
    const runs = parseLog(await this.answer(questions.log));
    return judge({ info, runs, server, archive: this.archive, now });
  }

  /** The accounts that the object storage lets in, by their keys. */
  letIn(keys: readonly string[]): void {
    const file = join(this.rig.world.folder, 'parts', 's3', 'users.json');
    const all = JSON.parse(readFileSync(this.allAccounts(file), 'utf8')) as {
      accessAccounts: Record<string, unknown>;
    };
    const accessAccounts = Object.fromEntries(
      Object.entries(all.accessAccounts).filter(([key]) => keys.includes(key)),
    );
    writeFileSync(file, JSON.stringify({ accessAccounts }));
  }

  /** A copy of the accounts as they were in the beginning. */
  private allAccounts(file: string): string {
    const copy = join(this.rig.world.folder, 'users.json');
    if (!existsSync(copy)) copyFileSync(file, copy);
    return copy;
  }

  /**
   * Restores into a throw-away server, to a moment or a restore point.
   *
   * @param passphrase of the archive. @default the right one
   * @returns what the statement gives there, or what was said instead
   */
  async restored(
    type: 'time' | 'name',
    target: string,
    statement: string,
    passphrase?: string,
  ): Promise<Output> {
    const image = await this.runtime.inspect('postgres', '{{.Image}}');
    const files = await this.mounted('postgres', '/etc/cogni-postgres');
    const script = `
      pgbackrest --pg1-path=/restored/data --type="$3" --target="$1" --target-action=promote --archive-mode=off restore || exit
      postgres -D /restored/data -c unix_socket_directories=/tmp -c listen_addresses= -c logging_collector=off >/tmp/log 2>&1 &
      for i in $(seq 1 100); do
        test "$(psql -h /tmp -U cogni_root -d postgres -Atc 'SELECT pg_is_in_recovery()' 2>/dev/null)" = f && break
        sleep 0.2
      done
      psql -h /tmp -U cogni_root -d postgres -Atc "$2" || cat /tmp/log`;
    const { ARCHIVE_KEY = '', ARCHIVE_SECRET = '', ARCHIVE_PASSPHRASE = '' } = this.settings;
    const environment = {
      PGBACKREST_CONFIG: '/etc/cogni-postgres/pgbackrest.conf',
      PGBACKREST_STANZA: 'cogni',
      PGBACKREST_REPO1_S3_KEY: ARCHIVE_KEY,
      PGBACKREST_REPO1_S3_KEY_SECRET: ARCHIVE_SECRET,
      PGBACKREST_REPO1_CIPHER_PASS: passphrase ?? ARCHIVE_PASSPHRASE,
    };
    return this.runtime.docker.tryDocker([
      'run',
      '--rm',
      '--user=postgres',
      `--label=${this.rig.world.label}`,
      `--network=${this.rig.world.network}`,
      `--volume=${files}:/etc/cogni-postgres:ro`,
      `--volume=${this.trust}:/etc/ssl/certs:ro`,
      '--tmpfs=/restored:mode=0777',
      `--add-host=s3.cogni.test:${this.address}`,
      ...Object.entries(environment).map(([name, value]) => `--env=${name}=${value}`),
      '--entrypoint=/bin/sh',
      image,
      '-c',
      script,
      'sh',
      target,
      statement,
      type,
    ]);
  }

  /** What of this machine a service has at a place. */
  mounted(service: string, target: string): Promise<string> {
    return this.runtime.inspect(
      service,
      `{{range .Mounts}}{{if eq .Destination "${target}"}}{{.Source}}{{end}}{{end}}`,
    );
  }

  /** Ends the piece of log that is being written, and waits until the archive has it. */
  async ship(): Promise<void> {
    const ask = (statement: string): Promise<string> => this.runtime.asRoot(statement, 'postgres');
    // A piece in which nothing stands is not ended.
    const [written = ''] = (
      await ask(
        "SELECT pg_walfile_name(pg_logical_emit_message(false, 'test', 'ship')); SELECT pg_switch_wal()",
      )
    ).split('\n');
    await eventually(async () => {
      expect(await ask(`SELECT last_archived_wal >= '${written}' FROM pg_stat_archiver`)).toBe('t');
    }, 150);
  }

  /** The object storage goes away, or comes back with all that it had. */
  async storage(verb: 'stop' | 'start' | 'kill'): Promise<void> {
    await this.runtime.docker.docker([verb, partName(this.rig.world, 's3')]);
  }

  async remove(): Promise<void> {
    await this.runtime.remove();
    await this.rig.remove();
    for (const folder of [this.trust, this.records]) rmSync(folder, { recursive: true, force: true });
  }
}
