import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newIdentity, recipientOf } from '../../../foundation/age';
import { silent } from '../../../foundation/progress';
import { Secret } from '../../../foundation/secret';
import { postgresImage } from '../../../sandbox/images/postgres';
import { DeployedWorld } from '../../e2e/deployed-world';
import { control, testWorld, textOf } from '../../e2e/sandbox-cli';

/** A deployed world whose database is archived, with portable copies for a key that is on this machine. */
export class ArchivedWorld {
  private constructor(
    readonly world: DeployedWorld,
    /** Options by which a rebuild reads what is off the host. */
    readonly options: readonly string[],
    private readonly keys: string,
  ) {}

  static async withVersion(tag: string): Promise<ArchivedWorld> {
    const keys = mkdtempSync(join(tmpdir(), 'cogni-identity-'));
    const key = join(keys, 'key.txt');
    const identity = await newIdentity();
    writeFileSync(key, `${identity}\n`, { mode: 0o600 });
    const archiveFor = await recipientOf(Secret.of('identity', identity));
    const world = await DeployedWorld.withVersion(tag, { archiveFor });
    const { reference } = await postgresImage(world.docker, silent);
    // The sandbox's registry is none that the engine of this machine could pull from.
    const options = ['--identity', key, '--image', reference, '--network', testWorld.network];
    return new ArchivedWorld(world, options, keys);
  }

  forgetKey(): void {
    rmSync(this.keys, { recursive: true, force: true });
  }

  /** What a statement answers in the administrator's database of an environment. */
  async sql(statement: string, environment = 'preview'): Promise<string> {
    const program = 'exec psql -qAt -U "$POSTGRES_USER" -d postgres -c "$0"';
    const { code, stdout, stderr } = await this.world.cogni(
      ...['exec', environment, 'postgres', '--', 'sh', '-c', program],
      statement,
    );
    expect({ code, said: code === 0 ? '' : stderr }).toEqual({ code: 0, said: '' });
    return stdout.trim();
  }

  /** Rows of before and after the backup, all of them off the host when this returns; a portable copy too. */
  async writeTrace(): Promise<void> {
    const { world } = this;
    await this.sql("CREATE TABLE trace (what text); INSERT INTO trace VALUES ('before')");
    await world.until('a good backup is there', async () =>
      (await world.cogni('backup', 'list', 'preview', '--json')).stdout.includes('"newestGood": {'),
    );
    const copied = await world.cogni('backup', 'copy', 'preview');
    expect({ code: copied.code, said: copied.code === 0 ? '' : textOf(copied) }).toEqual({
      code: 0,
      said: '',
    });
    await this.sql("INSERT INTO trace VALUES ('after the backup')");
    await this.sent();
  }

  /** Returns when everything that is committed is off the host. */
  async sent(): Promise<void> {
    await this.sql('SELECT pg_switch_wal()');
    const written = await this.sql('SELECT pg_walfile_name(pg_current_wal_lsn() - 1)');
    await this.world.until(
      'its log is sent',
      async () => (await this.sql(`SELECT last_archived_wal >= '${written}' FROM pg_stat_archiver`)) === 't',
    );
  }

  /** Number of the server that serves. */
  serverNow(): number {
    return Number(/-host-(\d+)$/.exec(this.world.hostName)?.[1]);
  }

  /** What `./cogni host check` says. */
  async verdict(): Promise<string> {
    const { stdout } = await this.world.cogni('host', 'check', 'preview', '--json');
    return (JSON.parse(stdout) as { verdict: { id: string } }).verdict.id;
  }

  /** Another machine, with an empty disk, behind a server whose record stays as it was: what ran there is killed without a warning. */
  async replaceInSilence(server: number): Promise<void> {
    await control('POST', `/machines/${server}/reinstall`, { address: 'kept' });
    expect(await this.verdict()).toMatch(/^(replaced-silently|hung)$/);
    await this.world.until(
      'the other machine answers',
      async () => (await this.verdict()) === 'replaced-silently',
    );
  }

  /** The rows of {@link writeTrace}, in order. */
  trace(environment = 'preview'): Promise<string> {
    return this.sql("SELECT string_agg(what, ', ' ORDER BY what) FROM trace", environment);
  }

  /** Begins a command, and kills it with all that it has begun here right after it has begun a stage. */
  async killedAt(stage: string, ...words: readonly string[]): Promise<void> {
    const begun = this.world.begin(...words);
    const ended = once(begun.child, 'exit');
    // As long as the stages before it take: each has a deadline of its own, at which the command ends.
    const isBegun = await begun.says(`▸ ${stage}`);
    expect({ isBegun, said: isBegun ? '' : begun.said() }).toEqual({ isBegun: true, said: '' });
    begun.child.kill('SIGKILL');
    await ended;
  }
}
