import { systemClock } from '../../../../foundation/clock';
import { lookAtReceiver } from '../../../../deploy/backup/report';
import { backupUnderWay, policyOf, type Receiver } from '../../../../services';
import { eventually } from '../../../contract/images/harness';
import type { Seeded } from '../../../seeded';
import { signal } from '../../deploy/throwaway-sshd';
import { archive as example } from '../../../unit/services/archive/archive';
import { receiver } from '../../../unit/services/archive/receiver';
import { ArchivedRuntime } from './archived-runtime';
import { Drilled } from './drilled';
import { compare, heldQuestion, parseHeld, type Compared } from './ledger';
import { LedgerClients, loads, type Load } from './ledger-clients';
import { mostLost, writingFor } from './most-lost';
import { askOffHost } from './off-host';
import { Received } from './received';

/** That of production: how much the archive alone loses depends on it. */
const { timeout } = policyOf(example);

/** What stands between a database and the loss of what was committed last, and the most seconds that may be lost with the host. */
export const protections = {
  'the archive alone': { bound: mostLost(timeout) },
  'a receiver': { bound: 1, receiver },
  'a receiver that is waited for while it is there': {
    bound: 0,
    receiver: { ...receiver, synchronous: 'while-there', patience: 2 },
  },
  'a receiver that is always waited for': { bound: 0, receiver: { ...receiver, synchronous: 'always' } },
} as const satisfies Readonly<Record<string, { readonly bound: number; readonly receiver?: Receiver }>>;

export type Protection = keyof typeof protections;

/** What is killed. `host`: all that runs there at once, together with its connections; its disk is looked at only once what is off the host was. */
export const victims = ['host', 'database', 'archive', 'way to the archive', 'way to the receiver'] as const;
export type Victim = (typeof victims)[number];

export interface Round {
  readonly victim: Victim;
  readonly load: Load;
  /** A backup that was begun in this round, too. */
  readonly backup: 'full' | 'incr' | undefined;
  /** Acknowledged in this round. */
  readonly commits: number;
  /** Of what is off the host; of the database itself where it alone was killed. */
  readonly found: Compared;
  /** Of the database itself, once it serves again: on its disk, nothing is lost. */
  readonly living: Compared;
  /** Pieces of log that the copy had from the receiver. */
  readonly pieces: number;
}

/** What must never be, whatever was killed. */
export function problemsOf({ victim, found, living }: Round, protection: Protection): readonly string[] {
  const { bound } = protections[protection];
  return [
    ...found.faults,
    ...living.faults.map((fault) => `on the disk: ${fault}`),
    ...(living.lost > 0 ? [`${living.lost} commits are lost though their disk is not`] : []),
    ...(found.seconds > (victim === 'host' ? bound : 0) || (bound === 0 && found.lost > 0)
      ? [`${found.lost} commits of ${found.seconds.toFixed(2)} s are lost`]
      : []),
  ];
}

/** A round in a line. */
export const roundText = ({ victim, load, backup, commits, found, pieces }: Round): string =>
  `${victim}, ${load.name}${backup ? `, during a ${backup} backup` : ''}: ${commits} acknowledged, ${found.lost} lost (${found.seconds.toFixed(2)} s), ${found.untold} there before the client knew, ${pieces} pieces from the receiver`;

/** How often a host is killed for each kill of something else. */
const order: readonly Victim[] = [
  'host',
  'host',
  'host',
  'host',
  'database',
  'archive',
  'way to the archive',
];

/** Rounds after which the tables are emptied and a full backup is made: what there is to restore stays small. */
const page = 12;

/** A database under load, from which something is taken away at a random moment, again and again. */
export class KillRounds {
  private rounds = 0;

  private constructor(
    private readonly random: Seeded,
    private readonly archived: ArchivedRuntime,
    private readonly received: Received | undefined,
    private readonly drilled: Drilled,
    private readonly clients: LedgerClients,
  ) {}

  static async prepare(protection: Protection, random: Seeded): Promise<KillRounds> {
    const of: { readonly bound: number; readonly receiver?: Receiver } = protections[protection];
    const received = of.receiver && (await Received.prepare(of.receiver, timeout));
    const archived = received?.archived ?? (await ArchivedRuntime.prepare({ timeout }));
    const { runtime } = archived;
    for (const service of ['postgres', 'backup'])
      expect(await runtime.up(service)).toMatchObject({ code: 0 });
    if (received) {
      expect(await runtime.job('db-provision')).toMatchObject({ code: 0 });
      await received.letIn();
      await received.up();
    }
    const drilled = await Drilled.of(archived);
    const rounds = new KillRounds(random, archived, received, drilled, await LedgerClients.of(archived));
    await eventually(async () => {
      expect((await archived.judgement()).newestGood).toBeDefined();
    }, 180);
    return rounds;
  }

  /** @throws Error, or what Jest throws, when anything but an amount of loss is wrong */
  async round(): Promise<Round> {
    const { random, clients } = this;
    if (this.rounds > 0 && this.rounds % page === 0) await this.turnPage();
    this.rounds += 1;
    const victim = random.of<Victim>(this.received ? [...order, 'way to the receiver'] : order);
    const load = random.of(Object.values(loads));
    const type = random.of(['full', 'incr', undefined, undefined, undefined, undefined] as const);
    const begun = clients.acknowledged;
    await this.isWell();
    clients.begin(load);
    const making = type && this.archived.program('run', type);
    await this.moment(load, victim);
    const result = await this.kill(victim);
    // One fault at a time: the next one finds an archive that has got over this one.
    await this.archived.ship();
    // It may have found one under way that what makes backups had begun by itself.
    const backup = (await making)?.code === backupUnderWay ? undefined : type;
    return { victim, load, backup, commits: clients.acknowledged - begun, ...result };
  }

  /** The archive is without a gap, and backups are made and found good. */
  async end(): Promise<void> {
    await this.isWell();
    await this.backUp('full');
    const { gaps, alarms, newestGood } = await this.archived.judgement();
    expect({ gaps, alarms, newest: newestGood?.type }).toEqual({ gaps: [], alarms: [], newest: 'full' });
  }

  async remove(): Promise<void> {
    await this.clients.remove();
    await this.drilled.remove();
    await (this.received ?? this.archived).remove();
  }

  /** Somewhere in the time in which a piece of log is written, and somewhere in a commit. */
  private async moment({ every }: Load, victim: Victim): Promise<void> {
    const seconds =
      victim === 'host' && !this.received
        ? writingFor(this.random, timeout)
        : this.random.next() * (this.received ? 6 : 20);
    await this.clients.acknowledges(every === 0 ? 200 : 20, 30_000);
    await systemClock.sleep(seconds * 1000);
  }

  private kill(victim: Victim): Promise<Pick<Round, 'found' | 'living' | 'pieces'>> {
    const { runtime } = this.archived;
    switch (victim) {
      case 'host':
        return this.loseHost();
      case 'database':
        return this.crash();
      case 'archive':
        return this.without(
          () => this.archived.storage('kill'),
          () => this.archived.storage('start'),
        );
      case 'way to the archive':
        return this.cut(this.archived.rig.world.network, this.containers);
      case 'way to the receiver':
        return this.cut(`${runtime.name}-out`, this.received ? [this.received.place.container] : []);
    }
  }

  private get containers(): readonly string[] {
    return ['postgres', 'backup'].map((service) => `${this.archived.runtime.name}-${service}-1`);
  }

  /** Everything of the host at once: first what is off it is looked at, then the host comes back with its disk. */
  private async loseHost(): Promise<Pick<Round, 'found' | 'living' | 'pieces'>> {
    await this.docker('update', '--restart=no', ...this.containers);
    const format = '--format={{.State.Pid}}';
    const inspected = await this.archived.runtime.docker.docker(['inspect', format, ...this.containers]);
    // The first process of a container takes all others with it. One command each would leave a connection half a second without its host.
    for (const pid of [...(this.received?.sshd.serving() ?? []), ...inspected.trim().split('\n').map(Number)])
      signal(pid);
    // Whoever may not signal them asks the engine.
    await this.archived.runtime.docker.tryDocker(['kill', '--signal=KILL', ...this.containers]);
    await this.clients.gone();
    const { found, pieces } = await this.offHost();
    await this.docker('update', '--restart=always', ...this.containers);
    await this.docker('start', ...this.containers);
    return { found, pieces, living: await this.living() };
  }

  private async crash(): Promise<Pick<Round, 'found' | 'living' | 'pieces'>> {
    const [database = ''] = this.containers;
    await this.docker('kill', '--signal=KILL', database);
    await this.clients.gone();
    await this.docker('start', database);
    const living = await this.living();
    return { found: living, living, pieces: 0 };
  }

  private cut(
    network: string,
    containers: readonly string[],
  ): Promise<Pick<Round, 'found' | 'living' | 'pieces'>> {
    const each = async (verb: 'connect' | 'disconnect'): Promise<void> => {
      await Promise.all(containers.map((container) => this.docker('network', verb, network, container)));
    };
    return this.without(
      () => each('disconnect'),
      () => each('connect'),
    );
  }

  /** The database goes on without something, and gets it back. */
  private async without(
    take: () => Promise<void>,
    giveBack: () => Promise<void>,
  ): Promise<Pick<Round, 'found' | 'living' | 'pieces'>> {
    const { random, clients } = this;
    await take();
    await clients.acknowledges(random.between(20, 2_000), random.between(500, 8_000));
    await giveBack();
    await clients.acknowledges(20, 60_000);
    await clients.end();
    // What was written meanwhile leaves the host after all.
    await this.archived.ship();
    return { ...(await this.offHost()), living: await this.living() };
  }

  private async offHost(): Promise<Pick<Round, 'found' | 'pieces'>> {
    const { answer, pieces } = await askOffHost(this.drilled, this.received, heldQuestion);
    return { found: compare(this.clients.written(), parseHeld(answer)), pieces };
  }

  private async living(): Promise<Compared> {
    return compare(this.clients.written(), await eventually(() => this.clients.held(), 90));
  }

  /** What protects it does: commits of a round that begins without are not protected. */
  private async isWell(): Promise<void> {
    if (this.received === undefined) return;
    await eventually(async () => {
      const found = await lookAtReceiver(this.archived.asHost(), 'test', this.archived.archive);
      expect(found).toMatchObject({ alarms: [] });
    }, 90);
  }

  private async turnPage(): Promise<void> {
    await this.isWell();
    await this.clients.forget();
    await this.backUp('full');
  }

  /** What makes backups by itself may be at it. */
  private async backUp(type: 'full' | 'incr'): Promise<void> {
    await eventually(async () => {
      expect(await this.archived.program('run', type)).toMatchObject({ code: 0 });
    }, 120);
  }

  private async docker(...argv: readonly string[]): Promise<void> {
    await this.archived.runtime.docker.docker(argv);
  }
}
