import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { systemClock } from '../../../../foundation/clock';
import { socketFolder } from '../../../../services/database/server';
import type { ArchivedRuntime } from './archived-runtime';
import { heldQuestion, ledgerTables, parseHeld, type Held, type Written } from './ledger';

export interface Load {
  readonly name: string;
  readonly clients: number;
  /** Milliseconds between two commits of a client; 0: each as soon as it knows of the one before. */
  readonly every: number;
}

export const loads = {
  /** Little enough that the archive gets a piece of log only when its time has come: it loses most there. */
  few: { name: '20 commits a second', clients: 1, every: 50 },
  full: { name: 'full load', clients: 8, every: 0 },
} as const satisfies Readonly<Record<string, Load>>;

/** A database that clients write into, and the way to it. */
interface Ledgered {
  /** The engine that {@link psql} is run at. @default - that of this machine */
  readonly engine: string | undefined;
  /** Arguments of `docker` that run psql as its administrator, in the database `postgres`, with what it prints passed on line by line. */
  readonly psql: () => readonly string[];
  /** What a statement answers in the same database. */
  readonly ask: (sql: string) => Promise<string>;
}

/**
 * Clients of a database, each over one connection, and the ledger of what they were told. The ledger is in the memory of the test: nothing
 * that is killed has it.
 */
export class LedgerClients {
  private readonly clients: Client[] = [];
  private begun = 0;

  private constructor(
    private readonly database: Ledgered,
    private readonly container?: { readonly name: string; readonly archived: ArchivedRuntime },
  ) {}

  /** Makes the tables, too. */
  static async at(database: Ledgered): Promise<LedgerClients> {
    await database.ask(ledgerTables);
    return new LedgerClients(database);
  }

  /** In a container that is none of the database's host. Makes the tables, too. */
  static async of(archived: ArchivedRuntime): Promise<LedgerClients> {
    const { runtime } = archived;
    const { docker, name } = runtime;
    const container = `${name}-clients`;
    const psql = ['stdbuf', '--output=L', 'psql', '--username=cogni_root', '--dbname=postgres'];
    const database: Ledgered = {
      engine: docker.host,
      psql: () => ['exec', '--interactive', container, ...psql],
      ask: (sql) => runtime.asRoot(sql, 'postgres'),
    };
    await database.ask(ledgerTables);
    await docker.docker([
      ...['run', '--detach', '--init', `--name=${container}`, `--label=${archived.rig.world.label}`],
      ...['--network=none', '--user=postgres', `--volume=${name}_socket:${socketFolder}`],
      ...['--entrypoint=sleep', await runtime.inspect('postgres', '{{.Image}}'), 'infinity'],
    ]);
    return new LedgerClients(database, { name: container, archived });
  }

  /** Further clients, which have not written before. */
  begin({ clients, every }: Load): void {
    const { psql, engine } = this.database;
    for (let count = 0; count < clients; count += 1) {
      this.begun += 1;
      const options = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align'];
      // A commit that was refused ends it: what was never told is no part of the ledger.
      const argv = [...psql(), ...options, '--set=ON_ERROR_STOP=1'];
      this.clients.push(new Client(this.begun, argv, engine, every));
    }
  }

  /** Resolves when so many more commits are acknowledged, or no client is left, or so many milliseconds have gone by. */
  async acknowledges(more: number, milliseconds: number): Promise<void> {
    const until = systemClock.monotonic() + milliseconds;
    const wanted = this.acknowledged + more;
    while (this.acknowledged < wanted && this.clients.some(({ ended }) => !ended)) {
      if (systemClock.monotonic() >= until) return;
      await systemClock.sleep(5);
    }
  }

  get acknowledged(): number {
    return this.clients.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  }

  /** Nothing more is sent; resolves when every client knows of what it has sent, or was cut off. */
  async end(): Promise<void> {
    for (const client of this.clients) client.end();
    await this.gone();
  }

  /**
   * Resolves when all are cut off.
   *
   * @throws Error when one could not even begin, or was told of what it had not sent
   */
  async gone(): Promise<void> {
    await Promise.all(this.clients.map(({ gone }) => gone));
    const problems = this.clients.flatMap(({ problem }) => problem ?? []);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  }

  written(): readonly Written[] {
    return this.clients;
  }

  /** What the living database has of them. */
  async held(): Promise<readonly Held[]> {
    return parseHeld(await this.database.ask(heldQuestion));
  }

  /** A container of theirs holds a volume of the runtime's: it goes first. */
  async remove(): Promise<void> {
    if (this.container === undefined) return;
    const { name, archived } = this.container;
    await archived.runtime.docker.tryDocker(['rm', '--force', name]);
  }

  /** Begins a new page: what was written so far is taken out of the database, and counts no more. */
  async forget(): Promise<void> {
    await this.database.ask('TRUNCATE ledger, tally');
    this.clients.length = 0;
  }
}

/** One connection: psql prints what a call returns when the server has said that it is committed. */
class Client implements Written {
  readonly sent: number[] = [];
  readonly acknowledged: number[] = [];
  readonly gone: Promise<void>;
  ended = false;
  problem: string | undefined;
  private ending = false;
  private said = '';
  private readonly child;

  constructor(
    readonly client: number,
    argv: readonly string[],
    host: string | undefined,
    private readonly every: number,
  ) {
    this.child = spawn('docker', argv, {
      env: { ...process.env, ...(host === undefined ? {} : { DOCKER_HOST: host }) },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    // Whoever is cut off is written to once more.
    this.child.stdin.on('error', () => undefined);
    createInterface({ input: this.child.stdout }).on('line', (line) => this.told(line));
    this.gone = once(this.child, 'close').then(() => {
      this.ended = true;
      if (this.acknowledged.length === 0)
        this.problem ??= `client ${this.client} was told of nothing: ${this.said}`;
    });
    this.send();
  }

  end(): void {
    this.ending = true;
  }

  private send(): void {
    if (this.ending) {
      this.child.stdin.end();
      return;
    }
    this.sent.push(performance.now());
    this.child.stdin.write(`SELECT append(${this.client}, ${this.sent.length});\n`);
  }

  private told(line: string): void {
    if (Number(line) !== this.sent.length) {
      this.problem = `client ${this.client} sent ${this.sent.length} and was told ${line}`;
      this.child.kill();
      return;
    }
    this.acknowledged.push(performance.now());
    const rest = this.every - (performance.now() - (this.sent.at(-1) ?? 0));
    if (rest > 0) setTimeout(() => this.send(), rest);
    else this.send();
  }
}
