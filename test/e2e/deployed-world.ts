import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { httpsVia, type HttpsAnswer } from '../../foundation/https';
import type { Output } from '../../foundation/process';
import { silent } from '../../foundation/progress';
import { lookupVia } from '../../foundation/resolve';
import { dockerAt, type Docker } from '../../sandbox/docker';
import { demoImages } from '../../sandbox/images/demo-app';
import { startLoad, type Load, type LoadProps } from '../../sandbox/load/load';
import { partName } from '../../sandbox/world';
import { authorityPem, cdktf, checkout, cogni, inSandbox, testWorld, textOf, upFile } from './sandbox-cli';

/** A run of the command line in a process of its own, to be ended in the middle. */
export interface Begun {
  readonly child: ChildProcess;
  /** What it has printed on standard error so far. */
  readonly said: () => string;
  /** Whether it has printed this on standard error, at the moment when it does; false once it has ended without. */
  readonly says: (words: string) => Promise<boolean>;
}

/** A sandbox with one host, `preview`, that a version was deployed to. */
export class DeployedWorld {
  /** Containers of loads. */
  private readonly loads = new Set<string>();

  private constructor(
    readonly docker: Docker,
    /** The host's container. */
    public hostName: string,
  ) {}

  /**
   * Brings all of it up anew, and deploys `tag`, which is published for it.
   *
   * @param archiveFor a key of age: the database is archived, with portable copies for it
   */
  static async withVersion(
    tag: string,
    { archiveFor }: { readonly archiveFor?: string } = {},
  ): Promise<DeployedWorld> {
    const docker = dockerAt(process.env['DOCKER_HOST']);
    await cogni('sandbox', 'down');
    succeeded(await cogni('sandbox', 'up', ...(archiveFor === undefined ? [] : ['--archive', archiveFor])));
    succeeded(await cdktf('deploy', 'preview', '--auto-approve'));
    const world = new DeployedWorld(docker, 'there is no host');
    await world.findHost();
    succeeded(await world.deploy(await world.publish(tag)));
    return world;
  }

  /** Takes the one host that runs for the host: another one is there after a rebuild. */
  async findHost(): Promise<void> {
    const running = ['ps', '--format={{.Names}}', `--filter=label=${testWorld.label}`] as const;
    const names = (await this.docker.docker(running)).split('\n');
    this.hostName = names.find((name) => /-host-\d+$/.test(name)) ?? 'there is no host';
  }

  async onHost(...argv: readonly string[]): Promise<string> {
    return (await this.docker.docker(['exec', this.hostName, ...argv])).trim();
  }

  /** `./cogni <words>` of somebody who operates the host. */
  cogni(...words: readonly string[]): Promise<Output> {
    return inSandbox(['./cogni', ...words]);
  }

  deploy(tag: string, ...more: string[]): Promise<Output> {
    return this.cogni('deploy', 'preview', '--image-tag', tag, ...more);
  }

  rollback(...more: string[]): Promise<Output> {
    return this.cogni('rollback', 'preview', ...more);
  }

  /** Builds the demo application with its migrator and pushes both. @returns the tag */
  async publish(tag: string, ...more: string[]): Promise<string> {
    succeeded(await cogni('sandbox', 'publish', tag, ...more));
    return tag;
  }

  /** Begins `./cogni <words>`. */
  begin(...words: readonly string[]): Begun {
    let text = '';
    const child = spawn('node', ['dist/cli/main.js', ...words], {
      cwd: checkout,
      env: { ...process.env, ...upFile().variables, NO_COLOR: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const says = (words: string): Promise<boolean> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (text.includes(words)) resolve(true);
        };
        look();
        child.stderr.on('data', look);
        child.once('close', () => resolve(text.includes(words)));
      });
    return { child, said: () => text, says };
  }

  /** What the site answers to a visitor. */
  ask(path: string): Promise<HttpsAnswer> {
    const https = httpsVia({
      authorities: [authorityPem()],
      lookup: lookupVia(upFile().variables['COGNI_DNS'] ?? ''),
    });
    return https({ url: `https://preview.cogni.test${path}`, deadline: 10_000 });
  }

  /** What it answers at `/version`. */
  async version(): Promise<unknown> {
    return JSON.parse((await this.ask('/version')).body.toString());
  }

  /** Everything that a deploy could leave behind or change. */
  traces(): Promise<string> {
    return this.onHost(
      'sh',
      '-c',
      'cd /opt/cogni && find runtime edge -type f -exec sha256sum {} + | sort; readlink /var/lib/cogni/deploy/current; ls -A /dev/shm /home/deploy/.docker 2>/dev/null; cat edge/caddy/upstream/active',
    );
  }

  async lockIsFree(): Promise<boolean> {
    const asked = 'flock -n /var/lib/cogni/deploy/lock echo free || echo held';
    return (await this.onHost('sh', '-c', asked)) === 'free';
  }

  /** Names of the containers that run there. */
  async containers(): Promise<readonly string[]> {
    return (await this.onHost('docker', 'ps', '--all', '--format={{.Names}}')).split('\n').sort();
  }

  /** Notes that were written more than once, by the application's own count: a POST that somebody has sent again. */
  async notesWrittenTwice(): Promise<number> {
    return Number(await this.sql('SELECT count(*) FROM notes WHERE seen > 1'));
  }

  /** What a statement of the administrator answers in the application's database. */
  sql(statement: string): Promise<string> {
    const psql = 'exec psql -qAtX -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d cogni -c "$0"';
    return this.onHost('docker', 'exec', 'cogni-runtime-postgres-1', 'sh', '-c', psql, statement);
  }

  /** Whether the database lets somebody in over the network with this password. */
  async logsIn(user: string, password: string): Promise<boolean> {
    const psql = ['psql', '--host=127.0.0.1', `--username=${user}`, '--dbname=cogni', '--command=SELECT 1'];
    const asked = ['docker', 'exec', `--env=PGPASSWORD=${password}`, 'cogni-runtime-postgres-1', ...psql];
    return (await this.docker.tryDocker(['exec', this.hostName, ...asked])).code === 0;
  }

  /** Sends requests to the site from a container of their own until it is stopped, 15 minutes at most by default. */
  async load(name: string, rate: number, more: Partial<LoadProps> = {}): Promise<Load> {
    this.loads.add(partName(testWorld, name));
    return startLoad({
      docker: this.docker,
      world: testWorld,
      name,
      image: (await demoImages(this.docker, silent)).app.reference,
      dns: upFile().variables['COGNI_DNS'] ?? '',
      authority: join(testWorld.folder, 'ca', 'root.crt'),
      url: 'https://preview.cogni.test',
      rate,
      seconds: 900,
      ...more,
    });
  }

  /** Ends every load that a test has begun and, failing, has not stopped: the next test would meet it. */
  async endLoads(): Promise<void> {
    for (const container of this.loads) await this.docker.tryDocker(['rm', '--force', container]);
    this.loads.clear();
  }

  /** Waits for what a command does, for as long as it runs: its own deadlines end it. @returns whether it came true */
  async whileRuns({ child }: Begun, condition: () => Promise<boolean>): Promise<boolean> {
    while (!(await condition())) {
      if (child.exitCode !== null || child.signalCode !== null) return false;
      await setTimeout(250);
    }
    return true;
  }

  /** Waits for something that comes true by itself, four minutes at most. */
  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 960; tries += 1) {
      if (await condition()) return;
      await setTimeout(250);
    }
    throw new Error(`never came true: ${what}`);
  }
}

function succeeded(output: Output): void {
  if (output.code !== 0) throw new Error(textOf(output));
}
