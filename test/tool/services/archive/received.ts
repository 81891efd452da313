import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hostFiles } from '../../../../bootstrap';
import { localTransport } from '../../../../deploy/local';
import { layout } from '../../../../deploy/rolling/layout';
import type { ReceiverRequest } from '../../../../deploy/receiver/request';
import { changeReceiver, receiverKey } from '../../../../deploy/receiver/run';
import { lookAtReceiving, type Receiving } from '../../../../deploy/receiver/status';
import type { RemoteCommand, Transport } from '../../../../deploy/transport';
import { run, type Output } from '../../../../foundation/process';
import {
  receiverCommand,
  receiverPlace,
  renderReceiver,
  type Receiver,
  type ReceiverProps,
} from '../../../../services';
import { fixedNeeds } from '../../../unit/bootstrap/fixed-needs';
import { throwawaySshd, type ThrowawaySshd } from '../../deploy/throwaway-sshd';
import { ArchivedRuntime } from './archived-runtime';

/** A database, a real sshd in front of it that lets the receiver's key in as a host does, and the receiver in a container on another network. */
export class Received {
  private constructor(
    readonly archived: ArchivedRuntime,
    /** Where the database's host is. */
    readonly sshd: ThrowawaySshd,
    private readonly folder: string,
    readonly environment: string,
    private readonly image: string,
    private readonly props: ReceiverProps,
  ) {}

  /** @param timeout of the archive, in seconds. @default what is short for a test */
  static async prepare(receiver: Receiver, timeout?: number): Promise<Received> {
    const archived = await ArchivedRuntime.prepare({
      receiver,
      ...(timeout === undefined ? {} : { timeout }),
    });
    const { docker, name } = archived.runtime;
    const environment = name.replace(/^.*-test-/, 'test-');
    await docker.docker(['network', 'create', `${name}-out`]);
    const gateway = '{{range .IPAM.Config}}{{.Gateway}}{{end}}';
    const address = (await docker.docker(['network', 'inspect', '--format', gateway, `${name}-out`])).trim();
    const sshd = await throwawaySshd({
      address,
      path: process.env['PATH'] ?? '/usr/bin:/bin',
      variables: docker.host === undefined ? {} : { DOCKER_HOST: docker.host },
    });
    const { image } = archived.archive;
    const alias = 'cogni-test';
    const [type = '', base64 = ''] = readFileSync(join(sshd.folder, 'host.pub'), 'utf8').split(' ');
    const { user, port = 22 } = sshd.host;
    return new Received(
      archived,
      sshd,
      mkdtempSync(join(tmpdir(), 'cogni-receiver-')),
      environment,
      (await docker.docker(['inspect', '--format={{.Image}}', await imageHolder(archived)])).trim(),
      {
        environment,
        image: image as ReceiverProps['image'],
        receiver,
        database: { address, port, user, alias },
        pins: `${alias} ${type} ${base64}\n`,
      },
    );
  }

  get place(): ReturnType<typeof receiverPlace> {
    return receiverPlace(this.environment);
  }

  /** Has a key made, and lets it in as the bootstrap of a host would. @returns the line */
  async letIn(): Promise<string> {
    const { key } = await receiverKey(this.request(undefined), this.sshd.host, this.adapters());
    const settings = hostFiles({
      ...fixedNeeds,
      commandKeys: [{ key, command: receiverCommand }],
    }).find(({ path }) => path === 'settings')?.content;
    const line = /^restrict,.*?(?='?$)/m.exec(settings ?? '')?.[0] ?? '';
    appendFileSync(
      join(this.sshd.folder, 'authorized_keys'),
      `${line.replace('cogni-runtime-postgres-1', `${this.archived.runtime.name}-postgres-1`)}\n`,
    );
    return line;
  }

  /** What `./cogni receiver up` does. */
  async up(): Promise<void> {
    const { key } = await receiverKey(this.request(undefined), this.sshd.host, this.adapters());
    await changeReceiver('up', this.request(key), this.sshd.host, this.adapters());
  }

  look(): Promise<Receiving> {
    return lookAtReceiving(this.here(), this.environment);
  }

  /** Another program in the receiver's container, with its key and its way to the host. */
  exec(...argv: readonly string[]): Promise<Output> {
    return this.docker('exec', this.place.container, ...argv);
  }

  /** Runs Docker on the engine of the test. */
  docker(...argv: readonly string[]): Promise<Output> {
    return run({
      argv: ['docker', ...argv],
      env: { DOCKER_HOST: this.archived.runtime.docker.host },
      deadline: 120_000,
    });
  }

  /** Commits one after the other until the database is gone, or so many are done. @returns transactions that were acknowledged, with their times */
  async commits(most: number): Promise<ReadonlyMap<string, number>> {
    // Each line leaves the program at once: what is not printed was not acknowledged.
    const insert =
      'INSERT INTO ledger DEFAULT VALUES RETURNING pg_current_xact_id(), extract(epoch FROM clock_timestamp()) \\g |cat\n';
    const { stdout } = await run({
      argv: [
        ...(['docker', 'exec', '--interactive', `${this.archived.runtime.name}-backup-1`] as const),
        ...['psql', '-qAtX', '-F', ' ', '-v', 'ON_ERROR_STOP=1', '-U', 'cogni_root', '-d', 'postgres'],
      ],
      env: { DOCKER_HOST: this.archived.runtime.docker.host },
      stdin: insert.repeat(most),
      deadline: 300_000,
    });
    return new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' '))
        .flatMap(([id, at]) => (id && at ? [[id, Number(at)] as const] : [])),
    );
  }

  /** Transactions whose commit the receiver has on its disk, read by PostgreSQL's own program. */
  async received(): Promise<ReadonlySet<string>> {
    const script = `cd /log/log && for file in $(find . -type f -name '[0-9A-F]*' | sort); do
      name=$(basename "$file" .partial); cp "$file" "/read/$name"; pg_waldump --rmgr=Transaction "/read/$name" 2>/dev/null; rm "/read/$name"; done; true`;
    const { stdout } = await this.docker(
      ...['run', '--rm', '--user=root', '--tmpfs=/read', `--volume=${this.place.volume}:/log:ro`],
      ...['--entrypoint=/bin/sh', this.image, '-c', script],
    );
    return new Set([...stdout.matchAll(/tx: +(\d+),.* COMMIT /g)].map(([, id = '']) => id));
  }

  async remove(): Promise<void> {
    await this.docker('rm', '--force', '--volumes', this.place.container);
    await this.docker('volume', 'rm', '--force', this.place.volume);
    await this.sshd.stop();
    await this.docker('network', 'rm', `${this.archived.runtime.name}-out`);
    await this.archived.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private request(key: string | undefined): ReceiverRequest {
    const files = renderReceiver(this.props);
    return {
      environment: this.environment,
      files,
      image: this.image,
      key,
      always: false,
      byHand: false,
      by: { who: 'ada', from: 'laptop' },
      at: new Date(),
    };
  }

  private adapters() {
    return {
      connect: () => Promise.resolve(this.here()),
      https: () => Promise.reject(new Error('nothing is asked')),
    };
  }

  /** This machine in the place of the receiving host. */
  here(): Transport {
    const local = localTransport({ env: { DOCKER_HOST: this.archived.runtime.docker.host } });
    return {
      ...local,
      run: (command, options) => local.run(this.translated(command), options),
      hold: (command, options) => local.hold(this.translated(command), options),
    };
  }

  private translated(command: RemoteCommand): RemoteCommand {
    const here = command.argv.map((word) => word.replaceAll(layout.deploy.folder, this.folder));
    // Behind flock(1) and timeout(1), where it works one at a time.
    const docker = here.findIndex((word, at) => word === 'docker' && here[at + 1] === 'compose');
    const file = here.findIndex((word) => word.startsWith('--file='));
    if (docker >= 0 && file > 0) here.splice(file + 1, 0, `--file=${this.overrides()}`);
    if (docker >= 0) here.splice(docker, 2, this.archived.runtime.program);
    const [program = '', ...words] = here;
    return { ...command, argv: [program, ...words] };
  }

  /** The test's own image and network. */
  private overrides(): string {
    const file = join(dirname(this.folder), `${this.environment}.yaml`);
    writeFileSync(
      file,
      JSON.stringify({
        services: { receiver: { image: this.image } },
        networks: { out: { name: `${this.archived.runtime.name}-out`, external: true } },
      }),
    );
    return file;
  }
}

/** Its database has been started before: the receiver runs from the same image. */
async function imageHolder(archived: ArchivedRuntime): Promise<string> {
  const started = await archived.runtime.up('postgres');
  if (started.code !== 0) throw new Error(`${started.stdout}${started.stderr}`);
  return `${archived.runtime.name}-postgres-1`;
}
