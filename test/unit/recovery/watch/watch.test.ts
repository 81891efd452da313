import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../../foundation/failure';
import type { Message } from '../../../../recovery/watch/messages';
import type { Look } from '../../../../recovery/watch/observe';
import { readKept } from '../../../../recovery/watch/store';
import { runWatch, type WatchProps } from '../../../../recovery/watch/watch';
import { fakeClock } from '../../deploy/fake-clock';
import { check, evidence } from '../identity/examples';
import { glance, look, noAnswer } from './looks';

const withoutData = glance({ check: check({ evidence: evidence({ marker: 'none', release: undefined }) }) });
const begin = Date.parse('2026-11-21T08:00:00.000Z');

describe('a watch', () => {
  let folder: string;
  let kept: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-watch-'));
    kept = join(folder, 'watch', 'preview.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs until so many looks were made; the world is lost from one of them to another. */
  async function watched({
    looks,
    lost,
    tell = () => Promise.resolve(),
    from = 0,
    tries = Infinity,
    fails = () => false,
    rolledBack = () => false,
  }: {
    readonly looks: number;
    readonly lost: (index: number) => boolean;
    readonly tell?: (message: Message) => Promise<void>;
    /** Milliseconds that the clock is ahead at its beginning. */
    readonly from?: number;
    /** Ends after so many tries to tell. */
    readonly tries?: number;
    /** Looks that throw. */
    readonly fails?: (index: number) => boolean;
    /** Looks that find the pinned machine without marker and release. */
    readonly rolledBack?: (index: number) => boolean;
  }): Promise<{ readonly told: readonly Message[]; readonly log: readonly string[] }> {
    const clock = fakeClock();
    clock.advance(from);
    const ended = new AbortController();
    const told: Message[] = [];
    const log: string[] = [];
    let made = 0;
    let tried = 0;
    const lookNow = (): Promise<Look> => {
      const at = clock.now().getTime();
      const index = made++;
      if (made >= looks) ended.abort(new Error('ended'));
      if (fails(index)) return Promise.reject(new Error('no space left on device'));
      return Promise.resolve(
        look({
          ...{ begun: at, at },
          ...(lost(index) ? { glance: noAnswer, siteFault: 'no answer' } : {}),
          ...(rolledBack(index) ? { glance: withoutData } : {}),
        }),
      );
    };
    const props: WatchProps = {
      environments: ['preview'],
      depth: 'inside',
      kept,
      look: lookNow,
      tell: async (message) => {
        tried += 1;
        if (tried >= tries) ended.abort(new Error('killed'));
        await tell(message);
        told.push(message);
      },
      log: (line) => void log.push(line),
      // Only the looks move the clock: telling waits beside them.
      clock: {
        ...clock,
        sleep: async (milliseconds, signal) => {
          await new Promise((resolve) => setImmediate(resolve));
          if (milliseconds !== 1_000 && milliseconds !== 15_000) await clock.sleep(milliseconds, signal);
        },
      },
      signal: ended.signal,
    };
    await runWatch(props);
    return { told, log };
  }

  it('tells of a lost host once, and once that it is over', async () => {
    const { told, log } = await watched({ looks: 60, lost: (index) => index >= 5 && index < 30 });
    const host = told.filter(({ condition }) => condition === 'host');
    expect(host.map(({ status, key }) => [status, key])).toEqual([
      ['firing', 'cogni/preview/host'],
      ['resolved', 'cogni/preview/host'],
    ]);
    expect(host[0]).toMatchObject({
      v: 1,
      severity: 'critical',
      since: new Date(begin + 25_000).toISOString().replace('.000', ''),
      next: './cogni host check preview',
    });
    expect(Date.parse(host[0]!.at) - Date.parse(host[0]!.since)).toBeLessThanOrEqual(60_000);
    expect(log.filter((line) => line.includes('the host does not answer'))).toHaveLength(2);
  });

  it('tells of a disk that was rolled back to before its first deploy, also after it was itself started again, and not of a new one', async () => {
    const never = (): boolean => false;
    const before = await watched({ looks: 5, lost: never, rolledBack: () => true });
    expect(before.told).toEqual([]);
    await watched({ looks: 2, lost: never, from: 30_000 });
    const { told } = await watched({
      looks: 20,
      lost: never,
      rolledBack: (index) => index < 10,
      from: 120_000,
    });
    expect(told.map(({ condition, status }) => `${condition} ${status}`)).toEqual([
      'data firing',
      'data resolved',
    ]);
  });

  it('keeps what nobody took, says so without the address, and tells it by a later watch', async () => {
    const fails = (): Promise<never> =>
      Promise.reject(new Failure({ what: 'not taken', faults: ['try 1: the answer was 503'], next: 'wait' }));
    const first = await watched({ looks: 40, lost: () => true, tell: fails });
    expect(first.told).toEqual([]);
    expect(first.log.join('\n')).toContain(
      'nobody took the message on cogni/preview/host (firing), it is kept: try 1',
    );
    expect(readKept(kept)?.queue.map(({ key }) => key)).toContain('cogni/preview/host');

    const second = await watched({ looks: 10, lost: () => true, from: 200_000 });
    expect(second.told.map(({ key, status }) => `${key} ${status}`)).toEqual([
      'cogni/preview/host firing',
      'cogni/preview/site firing',
    ]);
    expect(readKept(kept)?.queue).toEqual([]);
  });

  it('tells the others where one is refused for ever, and keeps that one', async () => {
    const { told } = await watched({
      looks: 60,
      lost: () => true,
      tell: ({ key }) =>
        key === 'cogni/preview/host' ? Promise.reject(new Error('the answer was 400')) : Promise.resolve(),
    });
    expect(told.map(({ key }) => key)).toEqual(['cogni/preview/site']);
    expect(readKept(kept)?.queue.map(({ key }) => key)).toEqual(['cogni/preview/host']);
  });

  it('killed while it tells, tells again rather than never', async () => {
    const never = (): Promise<never> => Promise.reject(new Error('killed'));
    await watched({ looks: 100, lost: () => true, tell: never, tries: 1 });
    const { told } = await watched({ looks: 3, lost: () => true, from: 52_000 });
    expect(told[0]).toMatchObject({ key: 'cogni/preview/host', status: 'firing' });
  });

  it('begins anew where its file is not one that it knows, and writes one that only its user reads', async () => {
    await watched({ looks: 20, lost: () => true });
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    writeFileSync(kept, '{"v":2}');
    expect(readKept(kept)).toBeUndefined();
    const { told } = await watched({ looks: 20, lost: () => true });
    expect(told.filter(({ condition }) => condition === 'host')).toHaveLength(1);
  });

  it('does not tell again after a restart what it told before', async () => {
    await watched({ looks: 20, lost: () => true });
    const { told } = await watched({ looks: 20, lost: () => true, from: 101_000 });
    expect(told).toEqual([]);
  });

  it('goes on after a look that could not be made at all', async () => {
    const { told, log } = await watched({ looks: 40, lost: () => true, fails: (index) => index < 5 });
    expect(log[0]).toBe('preview: could not look, tried again: no space left on device');
    expect(told.map(({ condition }) => condition)).toContain('host');
  });

  it('tells also where it can write nothing down, and says that once', async () => {
    writeFileSync(join(folder, 'watch'), 'a file in the place of the folder');
    const { told, log } = await watched({ looks: 40, lost: () => true });
    expect(told.map(({ condition }) => condition)).toContain('host');
    expect(log.filter((line) => line.startsWith('what is remembered cannot be written'))).toHaveLength(1);
  });
});
