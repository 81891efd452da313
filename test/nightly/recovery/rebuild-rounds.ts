import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readStory, type RebuildStory } from '../../../recovery/rebuild/journal';
import { rebuildReport } from '../../../recovery/rebuild/report';
import { policyOf } from '../../../services';
import { control, testWorld } from '../../e2e/sandbox-cli';
import { playedSetting } from '../../e2e/played-settings';
import type { Seeded } from '../../seeded';
import { compare, heldQuestion, parseHeld, type Compared } from '../../tool/services/archive/ledger';
import { LedgerClients, loads, type Load } from '../../tool/services/archive/ledger-clients';
import { mostLost, writingFor } from '../../tool/services/archive/most-lost';
import { archive as example } from '../../unit/services/archive/archive';
import { ArchivedWorld } from './archived-world';

/** What is played leaves it at its default. */
const { timeout } = policyOf(example);

/** Seconds of acknowledged commits that may be lost with a host, with the archive alone. */
export const bound = mostLost(timeout);

export interface Round {
  readonly load: Load;
  /** Acknowledged in this round. */
  readonly commits: number;
  /** Of each kill of the rebuild, the stages that it cut off; none where nothing was written down to be under way. */
  readonly kills: readonly (readonly string[])[];
  /** Of the database that serves when the rebuild has come to its end. */
  readonly found: Compared;
}

/** What must never be. */
export const problemsOf = ({ found: { faults, lost, seconds } }: Round): readonly string[] => [
  ...faults,
  ...(seconds > bound ? [`${lost} commits of ${seconds.toFixed(2)} s are lost`] : []),
];

/** A round in a line. */
export const roundText = ({ load, commits, kills, found }: Round): string =>
  `${load.name}: ${commits} acknowledged, ${found.lost} lost (${found.seconds.toFixed(2)} s), the rebuild killed ${kills.length} times (${kills.map((stages) => stages.join(' and ') || 'between stages').join('; ')})`;

/** As long as a rebuild of a small database takes, more or less: a kill hits each of its stages. */
const longest = 120_000;
/** A rebuild is killed so often at most, or less where it ends before. */
const most = 4;

/** A host that is lost under load, again and again, and a rebuild of it that is killed at random moments. */
export class RebuildRounds {
  private constructor(
    private readonly random: Seeded,
    private readonly archived: ArchivedWorld,
    private readonly clients: LedgerClients,
  ) {}

  static async prepare(random: Seeded): Promise<RebuildRounds> {
    const archived = await ArchivedWorld.withVersion('preview-1111111');
    await archived.writeTrace();
    const { world } = archived;
    const psql = ['stdbuf', '--output=L', 'psql', '--dbname=postgres'];
    const clients = await LedgerClients.at({
      engine: world.docker.host,
      // Into the database of the host that serves then: another one after each round.
      psql: () => [
        ...['exec', '--interactive', world.hostName, 'docker', 'exec', '--interactive'],
        ...['cogni-runtime-postgres-1', ...psql, `--username=${playedSetting('POSTGRES_ROOT_USER')}`],
      ],
      ask: (sql) => archived.sql(sql),
    });
    return new RebuildRounds(random, archived, clients);
  }

  /**
   * @param left kills of a rebuild that are still to be made
   * @throws Error, or what Jest throws, when anything but an amount of loss is wrong
   */
  async round(left: number): Promise<Round> {
    const { random, archived, clients } = this;
    const load = random.of(Object.values(loads));
    await archived.sent();
    clients.begin(load);
    await clients.acknowledges(load.every === 0 ? 200 : 20, 30_000);
    await setTimeout(writingFor(random, timeout) * 1000);
    const lost = archived.serverNow();
    await archived.replaceInSilence(lost);
    await clients.gone();
    const commits = clients.acknowledged;
    const kills = await this.rebuild(lost, Math.min(left, random.between(1, most)));
    await archived.world.findHost();
    const found = compare(clients.written(), parseHeld(await archived.sql(heldQuestion)));
    await this.isSound();
    await clients.forget();
    // The account has room for few, and nothing of it is needed any more.
    await control('DELETE', `/servers/${lost}`);
    return { load, commits, kills, found };
  }

  forgetKey(): void {
    this.archived.forgetKey();
  }

  /** Begins it and kills it, so many times, and lets it come to its end: always by the same command. @returns stages that each kill cut off */
  private async rebuild(lost: number, times: number): Promise<readonly (readonly string[])[]> {
    const { world, options } = this.archived;
    const words = ['rebuild', 'preview', ...options, '--replace', `preview-cogni@${lost}`];
    const kills: (readonly string[])[] = [];
    for (let time = 0; time < times; time += 1) {
      const begun = world.begin(...words);
      const ended = once(begun.child, 'exit') as Promise<[number | null]>;
      const moment = new AbortController();
      const exit = await Promise.race([
        ended,
        setTimeout(this.random.between(500, longest), undefined, { signal: moment.signal }),
      ]);
      if (exit) {
        moment.abort();
        expect({ code: exit[0], said: exit[0] === 0 ? '' : begun.said() }).toEqual({ code: 0, said: '' });
        return kills;
      }
      begun.child.kill('SIGKILL');
      await ended;
      const story = storyOf(lost);
      // It was at its end: nothing was cut off.
      if (story?.ended) return kills;
      kills.push(story ? cutOff(story).slice(kills.flat().length) : []);
    }
    const { code, stderr } = await world.cogni(...words);
    expect({ code, said: code === 0 ? '' : stderr }).toEqual({
      code: 0,
      said: '',
    });
    return kills;
  }

  /** The host is whole, and so is every table, index and page that PostgreSQL's own program can check while it serves. */
  private async isSound(): Promise<void> {
    const { archived } = this;
    expect(await archived.verdict()).toBe('well');
    expect(await archived.trace()).toBe('after the backup, before');
    await archived.world.onHost(
      ...[
        'docker',
        'exec',
        'cogni-runtime-postgres-1',
        'pg_amcheck',
        '--install-missing',
        '--heapallindexed',
      ],
      ...['--all', `--username=${playedSetting('POSTGRES_ROOT_USER')}`],
    );
  }
}

/** What was written down of the rebuild that gives this server up; undefined where it was killed before that. */
function storyOf(server: number): RebuildStory | undefined {
  const folder = join(testWorld.folder, 'preview', 'rebuild');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : [];
  return names
    .map((name) => readStory(readFileSync(join(folder, name), 'utf8')))
    .find((story) => story?.begun.givenUp.server === server);
}

/** Stages that were begun and cut off, in the order in which they were begun. */
const cutOff = (story: RebuildStory): readonly string[] =>
  rebuildReport(story).stages.flatMap(({ stage, outcome }) => (outcome === 'cut off' ? [stage] : []));
