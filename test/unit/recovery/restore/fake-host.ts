import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layout } from '../../../../deploy/rolling/layout';
import { ConnectionLost, type RemoteCommand, type Transport } from '../../../../deploy/transport';
import type { Https } from '../../../../foundation/https';
import type { Output } from '../../../../foundation/process';
import { reveal } from '../../../../foundation/secret';
import { databaseVolume, volumeProgram } from '../../../../recovery/restore/volume';
import { alone, listed } from '../../deploy/backup/log';

const ended: Output = { code: 0, signal: null, stdout: '', stderr: '', timedOut: false, milliseconds: 5 };

/** What the archive of the tests says: one full backup that was read back, and its log. */
const info = JSON.stringify([
  {
    backup: [
      {
        label: '20261121-030000F',
        type: 'full',
        timestamp: { stop: Date.parse('2026-11-21T03:00:00Z') / 1000 },
        info: { size: 1000, repository: { delta: 1000 } },
        archive: { start: '000000010000000000000003', stop: '000000010000000000000003' },
        annotation: { 'read-back': '2026-11-21T03:01:00Z' },
        database: { id: 1 },
      },
    ],
    db: [{ id: 1, version: '15' }],
    status: { code: 0, message: 'ok' },
  },
]);
const log = listed(alone('000000010000000000000003', new Date('2026-11-21T12:00:00Z')));

/**
 * A host whose volume is a real folder, on which the real program of a restore works; Docker, edge and archive are played. The connection to it can
 * be lost after any command.
 */
export class FakeHost {
  readonly root = mkdtempSync(join(tmpdir(), 'cogni-restore-'));
  readonly running = new Set<string>();
  /** What was told to stop, and has its container still. */
  readonly ended = new Set<string>();
  /** Command lines in order. */
  readonly log: string[] = [];
  maintenance = '';
  services = ['app-a', 'backup', 'postgres'];
  /** How many commands are carried out before the connection is lost. */
  life = Infinity;
  /** Command line (part of it) that fails. */
  fails = 'nothing at all';
  private note = '';
  /** Whenever it was deployed to, its containers are others. */
  private deploys = 0;
  private commands = 0;
  private readonly begun = Date.now();

  /** @param data what its database holds; undefined: nothing was ever deployed */
  constructor(data: string | undefined) {
    mkdirSync(join(this.root, 'bin'));
    // Writing everything that this machine has in memory to its disks proves nothing here.
    this.program('sync', '');
    mkdirSync(join(this.root, 'volumes'));
    if (data === undefined) {
      this.services = [];
      return;
    }
    mkdirSync(this.at('_data'), { recursive: true });
    this.deploy(data);
  }

  /** Starts everything, as a deploy does. @param data what its database begins with, where it has none */
  deploy(data?: string): void {
    if (data !== undefined) writeFileSync(this.at('_data', 'PG_VERSION'), data);
    this.services = ['app-a', 'backup', 'postgres'];
    this.deploys += 1;
    for (const service of this.services) this.running.add(service);
    this.commands += 1;
    this.writeLog();
  }

  at(...path: readonly string[]): string {
    return join(this.root, 'volumes', databaseVolume, ...path);
  }

  /** Puts a program in the place of one that the program of a restore runs. */
  program(name: string, script: string): void {
    writeFileSync(join(this.root, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.root, 'bin', name), 0o755);
  }

  /** What lies in the volume: the data of each folder, by its name. */
  disk(): Record<string, string> {
    return Object.fromEntries(
      readdirSync(this.at(), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort()
        .map((name) => {
          const file = this.at(name, 'PG_VERSION');
          return [name, existsSync(file) ? readFileSync(file, 'utf8') : ''];
        }),
    );
  }

  readonly https: Https = () => {
    const well = this.maintenance === '' && this.running.has('app-a');
    return Promise.resolve({ status: well ? 200 : 503, headers: {}, body: Buffer.from('') });
  };

  get transport(): Transport {
    const lose = (): never => {
      throw new ConnectionLost({ what: 'the connection was lost', next: 'look' });
    };
    return {
      describe: () => 'deploy@203.0.113.7',
      run: (command) =>
        new Promise((resolve) => {
          const output = this.life <= 0 ? lose() : this.answer(command);
          this.life -= 1;
          return resolve(this.life <= 0 ? lose() : output);
        }),
      hold: () =>
        Promise.resolve({
          line: 'held',
          alive: () => true,
          ended: Promise.resolve(),
          send: () => undefined,
          release: () => Promise.resolve(),
        }),
      attach: () => Promise.resolve(0),
      close: () => Promise.resolve(),
    };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** A little later with each command: files that are compared by their time may be written within one tick of the disk's clock. */
  private stamp(file: string): void {
    const time = new Date(this.begun + 10 * this.commands);
    utimesSync(file, time, time);
  }

  /** What a server does when it starts, commits, is backed up and ends. */
  private writeLog(): void {
    const segment = this.at('_data', 'pg_wal', '000000010000000000000004');
    mkdirSync(this.at('_data', 'pg_wal'), { recursive: true });
    writeFileSync(segment, 'log');
    this.stamp(segment);
  }

  private answer(command: RemoteCommand): Output {
    this.commands += 1;
    const line = command.argv.map((word) => (word === volumeProgram ? 'volume' : word)).join(' ');
    this.log.push(line);
    if (line.includes(this.fails)) return { ...ended, code: 1, stderr: 'it did not work' };
    if (command.argv.includes(volumeProgram)) return this.onVolume(command);
    const said = this.played(line, command);
    return said === undefined ? { ...ended, code: 1 } : { ...ended, stdout: said };
  }

  private onVolume({ argv, stdin }: RemoteCommand): Output {
    const mounted = argv.find((word) => word.startsWith('--volume='))?.slice('--volume='.length) ?? '';
    const words = argv.slice(argv.indexOf(volumeProgram) + 2);
    if (words[0] === 'df') return { ...ended, stdout: `Avail\n${1024 ** 4}\n` };
    const { status, stdout, stderr } = spawnSync('sh', ['-c', volumeProgram, 'sh', ...words], {
      cwd: mounted.split(':')[0],
      env: { PATH: `${join(this.root, 'bin')}:${process.env['PATH'] ?? ''}` },
      input: stdin === undefined ? '' : reveal(stdin),
      encoding: 'utf8',
    });
    const mark = this.at('restored', words[0] ?? '');
    if (existsSync(mark)) this.stamp(mark);
    return { ...ended, code: status, stdout, stderr };
  }

  /** What a command prints; undefined: it fails. */
  private played(line: string, { stdin }: RemoteCommand): string | undefined {
    const service = line.split(' ').at(-1) ?? '';
    const started = / up --detach .* (\S+)$/.exec(line)?.[1];
    if (line.startsWith('docker info')) return this.root;
    if (line.endsWith('config --services'))
      return this.services.length === 0 ? undefined : this.services.join('\n');
    if (line.includes('volume create')) {
      mkdirSync(this.at('_data'), { recursive: true });
      return '';
    }
    if (line.startsWith('docker ps --all'))
      return [...this.running, ...this.ended].map((name) => `${name} ${this.deploys}`).join('\n');
    if (line.startsWith('readlink')) return this.deploys === 0 ? undefined : `releases/${this.deploys}.json`;
    if (line.startsWith('docker inspect --type=container')) return this.containers();
    if (line.includes(' info') && line.includes('pgbackrest')) return info;
    if (line.includes('--entrypoint=postgres')) return 'postgres (PostgreSQL) 15.20\n';
    if (line.includes('archive/cogni')) return log;
    if (line.includes('copy.sh restore')) {
      mkdirSync(this.at('restored', 'data'), { recursive: true });
      writeFileSync(this.at('restored', 'data', 'PG_VERSION'), 'restored');
      return '';
    }
    if (line.includes(' run incr')) this.writeLog();
    if (started !== undefined) {
      // Docker mounts no folder that is not there.
      if (started === 'postgres' && !existsSync(this.at('_data', 'PG_VERSION'))) return undefined;
      if (started.startsWith('app') && !this.running.has('postgres')) return undefined;
      this.running.add(started);
      this.ended.delete(started);
      if (started !== 'backup') this.writeLog();
      return '';
    }
    if (/ (stop|rm --stop --force) \S+$/.test(line)) {
      if (this.running.delete(service)) {
        this.ended.add(service);
        if (service === 'postgres') this.writeLog();
      }
      if (line.includes(' rm ')) this.ended.delete(service);
      return '';
    }
    return this.playedEdge(line, stdin === undefined ? '' : reveal(stdin));
  }

  private playedEdge(line: string, stdin: string): string {
    const file = layout.edge.maintenance;
    if (line.startsWith('find') && line.includes(file))
      return this.maintenance === '' ? '' : `on\n${this.maintenance}`;
    const written = /\{"since":[^\0]*\}/.exec(stdin);
    if (written) this.note = written[0];
    if (line.startsWith('mv') && line.endsWith(file)) this.maintenance = this.note;
    if (line.startsWith('rm') && line.endsWith(file)) this.maintenance = '';
    return '';
  }

  private containers(): string {
    return [...this.running, ...this.ended]
      .map((service) => {
        const runs = this.running.has(service);
        return JSON.stringify({
          ...{ name: `cogni-runtime-${service}-1`, project: layout.runtime.project, service },
          ...{ oneOff: 'False', startedAt: '', finishedAt: '' },
          ...{ state: runs ? 'running' : 'exited', health: runs ? 'healthy' : 'unhealthy' },
          ...{ exitCode: 0, restarts: 0, image: '' },
        });
      })
      .join('\n');
  }
}
