import { ConnectionLost, type Transport } from '../../../../deploy/transport';
import { Failure } from '../../../../foundation/failure';
import type { Slow } from '../../../../recovery/watch/observe';
import { againAfter, slowEvery, slowLooks, type SlowProps } from '../../../../recovery/watch/slow';
import { fakeClock } from '../../deploy/fake-clock';

const certificate = { from: new Date(0), until: new Date(90 * 24 * 3_600_000) };
const good: NonNullable<Slow['backups']> = {
  alarms: [],
  newestGood: new Date(1),
  logAge: 1_000,
  waitingMebibytes: 0,
};
const nothingMakesThem = (): Promise<never> =>
  Promise.reject(new Failure({ what: 'nothing makes backups on the host', next: './cogni status preview' }));
const nobodyThere = (): Promise<never> =>
  Promise.reject(new Failure({ what: 'no route to the host', next: './cogni host check preview' }));

describe('what takes long to look at', () => {
  const log: string[] = [];
  let closed: number;
  beforeEach(() => {
    log.length = 0;
    closed = 0;
  });
  const transport = { close: () => Promise.resolve(void (closed += 1)) } as Transport;
  const clock = fakeClock();
  const slow = (backups: Partial<NonNullable<SlowProps['backups']>>, more: Partial<SlowProps> = {}) =>
    slowLooks({
      certificate: () => Promise.resolve(certificate),
      backups: { connect: () => Promise.resolve(transport), look: () => Promise.resolve(good), ...backups },
      clock,
      log: (line) => void log.push(line),
      ...more,
    });
  /** Asks, lets it look, and asks what it found, when its time has come again. */
  const next = async (look: ReturnType<typeof slow>, busy = false) => {
    clock.advance(slowEvery);
    look(busy);
    await new Promise((resolve) => setImmediate(resolve));
    const { lookedAt, ...found } = look(busy);
    expect(Object.keys(found).filter((name) => lookedAt?.[name as 'backups'] === undefined)).toEqual([]);
    return found;
  };

  it('is looked at when it is time, beside whoever asks, and the connection is closed', async () => {
    const look = slow({});
    expect(look()).toEqual({});
    expect(await next(look)).toEqual({ certificate, backups: good });
    expect(closed).toBe(1);
    look();
    expect(closed).toBe(1);
  });

  it('is told with the time of its look, which stays the same until there is another one: after a minute where something is wrong', async () => {
    let alarms: readonly string[] = ['the database did not answer'];
    const looks = slow({ look: () => Promise.resolve({ ...good, alarms }) });
    await next(looks);
    const first = looks().lookedAt?.backups;
    clock.advance(againAfter - 1);
    expect(looks().lookedAt?.backups).toBe(first);
    clock.advance(1);
    alarms = [];
    looks();
    await new Promise((resolve) => setImmediate(resolve));
    expect(looks()).toMatchObject({ backups: { alarms: [] }, lookedAt: { backups: first! + againAfter } });
    clock.advance(againAfter);
    looks();
    await new Promise((resolve) => setImmediate(resolve));
    expect(looks().lookedAt?.backups).toBe(first! + againAfter);
  });

  it('is an alarm where backups cannot be looked at twice in a row, and not the first time', async () => {
    const look = slow({ look: nothingMakesThem });
    expect(await next(look)).toEqual({ certificate });
    expect((await next(look)).backups).toMatchObject({
      alarms: ['they could not be looked at: nothing makes backups on the host'],
      newestGood: undefined,
    });
    expect(log[0]).toBe('the backups could not be looked at: nothing makes backups on the host');
  });

  it('is not known behind a host that cannot be reached, or whose connection was lost', async () => {
    for (const away of [
      { connect: nobodyThere },
      { look: () => Promise.reject(new ConnectionLost({ what: 'lost', next: 'again' })) },
    ]) {
      const look = slow(away);
      expect(await next(look)).toEqual({ certificate });
      expect(await next(look)).toEqual({ certificate });
    }
  });

  it('is an alarm where no connection can be made for an hour: nobody knows of the backups then', async () => {
    let connect = nobodyThere as () => Promise<Transport>;
    const look = slow({ connect: () => connect() });
    for (let minutes = 0; minutes < 55; minutes += 5) expect(await next(look)).toEqual({ certificate });
    expect((await next(look)).backups?.alarms).toEqual(['they could not be looked at: no route to the host']);
    connect = () => Promise.resolve(transport);
    expect((await next(look)).backups).toBe(good);
    connect = nobodyThere;
    expect(await next(look)).toEqual({ certificate });
  });

  it('does not say what it no longer knows', async () => {
    let look = (): Promise<typeof good> => Promise.resolve(good);
    const looks = slow({ look: () => look() });
    expect((await next(looks)).backups).toBe(good);
    look = nothingMakesThem;
    expect(await next(looks)).toEqual({ certificate });
  });

  it('is not looked at while a deploy or a restore is under way: what was found before stays', async () => {
    let look = (): Promise<typeof good> => Promise.resolve(good);
    const looks = slow({ look: () => look() });
    await next(looks);
    look = nothingMakesThem;
    for (let minutes = 0; minutes < 30; minutes += 5) expect((await next(looks, true)).backups).toBe(good);
    expect(log).toEqual([]);
    look = () => Promise.resolve({ ...good, logAge: 2 });
    expect((await next(looks)).backups).toMatchObject({ logAge: 2 });
  });

  it('is looked at all the same where that goes on for longer than half an hour', async () => {
    let look = (): Promise<typeof good> => Promise.resolve(good);
    const looks = slow({ look: () => look() });
    await next(looks);
    look = nothingMakesThem;
    let seen = looks(true);
    for (let minutes = 0; minutes <= 45; minutes += 5) seen = await next(looks, true);
    expect(seen.backups?.alarms).toEqual(['they could not be looked at: nothing makes backups on the host']);
  });

  it('counts for nothing where somebody began to work there in the middle of a look', async () => {
    let answer = (_: typeof good): void => undefined;
    const looks = slow({ look: () => new Promise<typeof good>((resolve) => (answer = resolve)) });
    await next(looks);
    answer(good);
    expect((await next(looks)).backups).toBe(good);
    // This look has begun, and is still under way.
    looks(true);
    answer({ ...good, alarms: ['the database did not answer'] });
    await new Promise((resolve) => setImmediate(resolve));
    expect(looks(true).backups).toBe(good);
  });

  it('is never looked at twice at the same time, and one that hangs keeps no other one waiting', async () => {
    let begun = 0;
    const look = slow({ look: () => new Promise(() => void (begun += 1)) });
    await next(look);
    expect(await next(look)).toEqual({ certificate });
    expect(begun).toBe(1);
  });
});
