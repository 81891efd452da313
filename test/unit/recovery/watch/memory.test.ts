import fc from 'fast-check';
import {
  conditionIds,
  conditions,
  longestExcuse,
  type ConditionId,
  type Excuse,
} from '../../../../recovery/watch/conditions';
import {
  advance,
  emptyMemory,
  longestGap,
  openIn,
  type Change,
  type Memory,
  type Observation,
} from '../../../../recovery/watch/memory';
import { interval } from '../../../../recovery/watch/watch';

type Seen = Observation['seen'];
const right = Object.fromEntries(conditionIds.map((id) => [id, { wrong: false, why: '' }])) as Seen;
const wrong = (...ids: ConditionId[]): Seen => ({
  ...right,
  ...Object.fromEntries(ids.map((id) => [id, { wrong: true, why: 'seen' }])),
});
/** Of a host that does not answer, nothing else can be judged. */
const silent: Seen = { host: { wrong: true, why: 'nothing answers' } };

interface Told extends Change {
  readonly at: number;
}

/**
 * A watch over a world that changes with time: a look begins every 5 s, and takes as long as `takes` says of the time that
 * it begins at. Times are milliseconds.
 */
function watching(
  until: number,
  world: (time: number) => {
    readonly seen: Seen;
    readonly excuses?: readonly Excuse[];
    readonly takes?: number;
  },
  { from = 0, memory = emptyMemory }: { readonly from?: number; readonly memory?: Memory } = {},
): { readonly told: readonly Told[]; readonly memory: Memory } {
  const told: Told[] = [];
  let kept = memory;
  for (let begun = from; begun <= until;) {
    const { seen, excuses = [], takes = 500 } = world(begun);
    const at = begun + takes;
    const step = advance(kept, { begun, at, seen, excuses });
    kept = step.memory;
    told.push(...step.changes.map((change) => ({ ...change, at })));
    begun = Math.max(begun + interval, at);
  }
  return { told, memory: kept };
}

const second = 1_000;
/** What one look takes at most: the deadlines of deploy/host/glance-question.ts and deploy/verify.ts. */
const longestLook = 6 * second;

describe('a host that is lost', () => {
  it('is told of within a minute, whenever it happens and however long each look takes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 * second }),
        fc.array(fc.integer({ min: 1, max: longestLook }), { minLength: 1 }),
        (lostAt, durations) => {
          let look = 0;
          const { told } = watching(lostAt + 90 * second, (time) => {
            const takes = durations[look++ % durations.length]!;
            // A look that is under way when it happens fails as well.
            return { seen: time + takes > lostAt ? silent : right, takes };
          });
          expect(told.map(({ condition, status }) => [condition, status])).toEqual([['host', 'firing']]);
          expect(told[0]!.at - lostAt).toBeLessThanOrEqual(60 * second);
        },
      ),
    );
  });

  it.each<ConditionId>(['identity', 'data'])('is told of within 25 s when what is wrong is: %s', (id) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 * second }), (at) => {
        const { told } = watching(at + 60 * second, (time) => ({
          seen: time > at ? wrong(id) : right,
          takes: longestLook,
        }));
        expect(told).toHaveLength(1);
        expect(told[0]!.at - at).toBeLessThanOrEqual(25 * second);
      }),
    );
  });
});

describe('what alarms nobody', () => {
  it('a reboot or a cut of the network of up to 30 s, whenever it happens', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100 * second }),
        fc.integer({ min: 1, max: 30 * second }),
        fc.integer({ min: 1, max: longestLook }),
        (from, length, takes) => {
          const { told } = watching(300 * second, (time) => {
            const cut = time + takes > from && time < from + length;
            return { seen: cut ? silent : right, takes: cut ? takes : 500 };
          });
          expect(told).toEqual([]);
        },
      ),
    );
  });

  it('a deploy of up to half an hour during which database and site do not answer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: longestExcuse - 60 * second }), (length) => {
        const { told } = watching(length + 120 * second, (time) =>
          time > 20 * second && time < 20 * second + length
            ? { seen: wrong('database', 'site'), excuses: ['deploy'] }
            : { seen: right },
        );
        expect(told).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('a single look that is mistaken, whatever it saw', () => {
    for (const id of conditionIds)
      expect(
        watching(100 * second, (time) => ({ seen: time === 50 * second ? wrong(id) : right })).told,
      ).toEqual([]);
  });

  it('a single slow look that is mistaken, however often what it saw is said again', () => {
    const backup = (wrong: boolean, lookedAt: number): Seen => ({ backup: { wrong, why: 'seen', lookedAt } });
    const until = 600 * second;
    const mistaken = watching(until, (time) => ({
      seen: time < 300 * second ? backup(true, 1) : backup(false, 2),
    }));
    expect(mistaken.told).toEqual([]);
    const { told } = watching(until, (time) => ({
      seen: backup(time < 420 * second, time < 60 * second ? 1 : time < 420 * second ? 2 : 3),
    }));
    expect(told.map(({ condition, status, at }) => [condition, status, Math.floor(at / second)])).toEqual([
      ['backup', 'firing', 60],
      ['backup', 'resolved', 420],
    ]);
  });

  it('the time that the watch itself was away', () => {
    const before = watching(30 * second, () => ({ seen: silent }));
    expect(before.told).toEqual([]);
    const later = 30 * second + longestGap + 1_000_000;
    const after = watching(later + 30 * second, () => ({ seen: silent }), {
      from: later,
      memory: before.memory,
    });
    expect(after.told).toEqual([]);
    const backwards = watching(20 * second, () => ({ seen: silent }), { from: 0, memory: before.memory });
    expect(backwards.told).toEqual([]);
  });
});

it('a deploy that a watch finds when it comes back has an excuse of its own', () => {
  const deploying = { seen: wrong('site'), excuses: ['deploy'] } as const;
  const before = watching(30 * second, () => deploying);
  const from = 30 * second + longestExcuse;
  expect(watching(from + 300 * second, () => deploying, { from, memory: before.memory }).told).toEqual([]);
});

describe('what an excuse does not cover', () => {
  it('lost data and another machine, during a deploy as at any time', () => {
    const { told } = watching(60 * second, () => ({ seen: wrong('data', 'identity'), excuses: ['deploy'] }));
    expect(told.map(({ condition }) => condition).sort()).toEqual(['data', 'identity']);
  });

  it('a lock that is held for longer than any deploy', () => {
    const { told } = watching(longestExcuse + 120 * second, () => ({
      seen: wrong('site'),
      excuses: ['deploy'],
    }));
    expect(told.map(({ condition, status }) => [condition, status])).toEqual([['site', 'firing']]);
    expect(told[0]!.at).toBeGreaterThan(longestExcuse);
  });

  it('an alert that was open before it', () => {
    const { told } = watching(300 * second, (time) => ({
      seen: time < 200 * second ? wrong('site') : right,
      excuses: time > 100 * second && time < 150 * second ? ['deploy'] : [],
    }));
    expect(told.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  });
});

const anySeen: fc.Arbitrary<Seen> = fc
  .array(fc.constantFrom('right' as const, 'wrong' as const, 'unknown' as const), {
    minLength: conditionIds.length,
    maxLength: conditionIds.length,
  })
  .map(
    (words) =>
      Object.fromEntries(
        conditionIds.flatMap((id, index) =>
          words[index] === 'unknown' ? [] : [[id, { wrong: words[index] === 'wrong', why: 'seen' }]],
        ),
      ) as Seen,
  );
const anyObservations: fc.Arbitrary<readonly Observation[]> = fc
  .array(
    fc.record({
      pause: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 0, max: 20 * second }) },
        { weight: 1, arbitrary: fc.integer({ min: -10 * second, max: 10 * longestGap }) },
      ),
      takes: fc.integer({ min: 0, max: longestLook }),
      seen: anySeen,
      excuses: fc.subarray<Excuse>(['deploy', 'maintenance']),
    }),
    { maxLength: 120 },
  )
  .map((looks) => {
    let time = 1_000_000;
    return looks.map(({ pause, takes, seen, excuses }) => {
      const begun = time + pause;
      time = begun + takes;
      return { begun, at: time, seen, excuses };
    });
  });

describe('whatever is seen, in any order', () => {
  it('each alert is told once, and once that it is over', () => {
    fc.assert(
      fc.property(anyObservations, (observations) => {
        const open = new Set<ConditionId>();
        let memory = emptyMemory;
        for (const observation of observations) {
          const step = advance(memory, observation);
          memory = step.memory;
          for (const { condition, status } of step.changes) {
            expect(open.has(condition)).toBe(status === 'resolved');
            if (status === 'firing') open.add(condition);
            else open.delete(condition);
          }
          expect(new Set(openIn(memory))).toEqual(open);
        }
      }),
    );
  });

  it('an alert needs as many looks in a row, and as long, as its condition says', () => {
    fc.assert(
      fc.property(anyObservations, (observations) => {
        let memory = emptyMemory;
        observations.forEach((observation, index) => {
          const step = advance(memory, observation);
          memory = step.memory;
          for (const { condition: id, status, since } of step.changes.filter(
            (each) => each.status === 'firing',
          )) {
            const { looks, after } = conditions.find((each) => each.id === id)!;
            const judged = observations.slice(0, index + 1).filter(({ seen }) => seen[id] !== undefined);
            expect(judged.slice(-looks).every(({ seen }) => seen[id]!.wrong)).toBe(true);
            expect(observation.at - since).toBeGreaterThanOrEqual(after);
            expect(status).toBe('firing');
          }
        });
      }),
    );
  });

  it('a watch that was killed and began again from its file tells the same', () => {
    fc.assert(
      fc.property(anyObservations, fc.nat(), (observations, cut) => {
        const run = (again: (memory: Memory, index: number) => Memory): readonly Change[] => {
          let memory = emptyMemory;
          return observations.flatMap((observation, index) => {
            const step = advance(again(memory, index), observation);
            memory = step.memory;
            return step.changes;
          });
        };
        const killedAt = cut % (observations.length + 1);
        const restarted = run((memory, index) =>
          index === killedAt ? (JSON.parse(JSON.stringify(memory)) as Memory) : memory,
        );
        expect(restarted).toEqual(run((memory) => memory));
      }),
    );
  });
});
