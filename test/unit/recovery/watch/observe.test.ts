import { conditionIds } from '../../../../recovery/watch/conditions';
import { observationOf, type Look } from '../../../../recovery/watch/observe';
import { check, evidence, otherData } from '../identity/examples';
import { glance, inside, look, noAnswer, replaced } from './looks';

/** Conditions that a look finds wrong, and those that it can judge. */
const found = (change: Partial<Look>, depth: 'inside' | 'keys only' = 'inside', wasMarked = false) => {
  const { seen } = observationOf(look(change), depth, wasMarked);
  return {
    wrong: conditionIds.filter((id) => seen[id]?.wrong),
    judged: conditionIds.filter((id) => seen[id] !== undefined),
  };
};
const of = (change: Parameters<typeof evidence>[0]) =>
  glance({ check: check({ evidence: evidence(change) }) });

describe('what a look says', () => {
  it('is that all is well, of a host with which it is', () => {
    expect(found({})).toEqual({
      wrong: [],
      judged: ['host', 'identity', 'data', 'database', 'site', 'lock', 'disk'],
    });
  });

  it('of a host that does not answer is nothing about its data, its disk or its identity', () => {
    expect(found({ glance: noAnswer, siteFault: 'no answer' })).toEqual({
      wrong: ['host', 'site'],
      judged: ['host', 'site'],
    });
    expect(observationOf(look({ glance: noAnswer }), 'inside').seen.host?.why).toContain('its site answers');
  });

  it('of a machine with another key is that it is another one, and believes nothing that it says', () => {
    expect(found({ glance: replaced })).toEqual({
      wrong: ['identity'],
      judged: ['host', 'identity', 'site'],
    });
  });

  it.each([
    ['data', { data: { state: 'unmarked' } as const }],
    ['data', { data: { state: 'marked', id: otherData } as const }],
    ['database', { data: { state: 'silent', why: 'no such container' } as const }],
    ['identity', { disk: 'e'.repeat(64) }],
  ])('finds what is wrong with the %s', (id, change) =>
    expect(found({ glance: of(change) }).wrong).toEqual([id]),
  );

  const fresh = of({
    marker: 'none',
    release: undefined,
    data: { state: 'silent', why: 'no such container' },
  });
  const backups = {
    alarms: ['nothing makes backups'],
    newestGood: undefined,
    logAge: undefined,
    waitingMebibytes: undefined,
  };

  it('expects neither site nor database nor backups of a host that nothing was deployed to', () => {
    expect(found({ glance: fresh, siteFault: '503', slow: { backups } }).wrong).toEqual([]);
  });

  it('of such a host that had data before is that they are gone, and all else is expected of it as ever', () => {
    const rolledBack = { glance: fresh, siteFault: '503', slow: { backups } };
    expect(found(rolledBack, 'inside', true).wrong).toEqual(['data', 'database', 'site', 'backup']);
    expect(observationOf(look(rolledBack), 'inside', true).seen.data?.why).toMatch(/has no marker now/);
    expect(found({ glance: of({ marker: 'none' }) }, 'inside', true).wrong).toEqual(['data']);
    expect(found({ glance: noAnswer }, 'inside', true).judged).not.toContain('data');
    expect(found({}, 'inside', true)).toEqual(found({}));
  });

  it('takes for marked only what the pinned machine shows as the marker of its environment', () => {
    const marked = (change: Partial<Look>) => observationOf(look(change), 'inside').marked;
    expect(marked({})).toBe(true);
    for (const change of [
      { glance: fresh },
      { glance: noAnswer },
      { glance: replaced },
      { environment: 'other' },
    ])
      expect(marked(change)).toBe(false);
  });

  it('expects no login where nobody logs in', () => {
    const closed = glance({ check: check({ evidence: undefined, login: 'refused' }), inside: undefined });
    expect(found({ glance: closed }).wrong).toEqual(['host']);
    expect(found({ glance: closed }, 'keys only')).toEqual({
      wrong: [],
      judged: ['host', 'identity', 'site'],
    });
  });

  it('takes a deploy and maintenance for excuses only on the word of the pinned machine', () => {
    const busy = { ...inside, deploying: true, maintenance: true };
    expect(observationOf(look({ glance: glance({ inside: busy }) }), 'inside').excuses).toEqual([
      'deploy',
      'maintenance',
    ]);
    expect(observationOf(look({ glance: noAnswer }), 'inside').excuses).toEqual([]);
  });

  it('warns of a run that holds the lock of deploys for hours, and not before', () => {
    const held = (hours: number) => ({
      ...inside,
      deploying: true,
      held: { since: new Date(1_000_400 - hours * 60 * 60_000), says: 'ada on laptop: restoring preview' },
    });
    const of = (hours: number) => look({ glance: glance({ inside: held(hours) }) });
    expect(observationOf(of(1.9), 'inside').seen.lock?.wrong).toBe(false);
    expect(observationOf(of(2), 'inside').seen.lock).toMatchObject({
      wrong: true,
      why: expect.stringMatching(/^held since 19\S+Z: ada on laptop: restoring preview$/),
    });
  });

  it('says of backups and certificate when they were looked at, which may be minutes ago', () => {
    const backups = { alarms: ['x'], newestGood: undefined, logAge: undefined, waitingMebibytes: undefined };
    const certificate = { from: new Date(0), until: new Date(90 * 24 * 3_600_000) };
    const slow = { backups, certificate, lookedAt: { backups: 7, certificate: 8 } };
    expect(observationOf(look({ slow }), 'inside').seen).toMatchObject({
      backup: { wrong: true, lookedAt: 7 },
      certificate: { lookedAt: 8 },
    });
  });

  it('warns of a full disk, of backups with alarms, and of a certificate that was not renewed', () => {
    const disk = { used: 91, free: 9 };
    expect(found({ glance: glance({ inside: { ...inside, disk } }) }).wrong).toEqual(['disk']);
    const backups = {
      alarms: ['too old'],
      newestGood: undefined,
      logAge: undefined,
      waitingMebibytes: undefined,
    };
    expect(found({ slow: { backups } }).wrong).toEqual(['backup']);
    const day = 24 * 60 * 60_000;
    const certificate = (left: number) => ({
      from: new Date(1_000_400 + left - 90 * day),
      until: new Date(1_000_400 + left),
    });
    expect(found({ slow: { certificate: certificate(17 * day) } }).wrong).toEqual(['certificate']);
    expect(found({ slow: { certificate: certificate(19 * day) } }).wrong).toEqual([]);
  });
});
