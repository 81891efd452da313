import type { JudgedBackup } from '../../../../deploy/backup/judge';
import { planText } from '../../../../deploy/plan-text';
import { Secret } from '../../../../foundation/secret';
import { planRestore, restoreFaults } from '../../../../recovery/restore/plan';
import { standingOf, type RestoreFacts } from '../../../../recovery/restore/survey';
import { forgetFaults, planForget, planUndo, undoFaults } from '../../../../recovery/restore/undo';
import { parseVolume } from '../../../../recovery/restore/volume';
import { request, undoRequest } from './sample';

const id = '20261121T123000Z';
const order = (target: string): string =>
  `order {"v":1,"id":"${id}","target":"${target}","backup":"20261121-030000F"}`;
const asked = request.target.kind === 'time' ? request.target.at.toISOString() : '';

const facts: RestoreFacts = {
  answers: [
    { command: { argv: ['readlink', '--', '/releases/current'], deadline: 1000 }, code: 0, printed: 'one' },
  ],
  volumes: '/var/lib/docker/volumes',
  volume: parseVolume('data full\n'),
  freeBytes: 20 * 1024 ** 3,
  services: ['alloy', 'app-a', 'backup', 'copies', 'litellm', 'postgres'],
  containers: ['alloy', 'app-a', 'backup', 'copies', 'litellm', 'postgres'],
  databaseServes: true,
  maintenance: { state: 'off' },
  written: false,
  standing: 'begin',
  archive: {
    chosen: {
      backup: {
        label: '20261121-030000F',
        at: new Date('2026-11-21T03:00:00Z'),
        size: { database: 10 * 1024 ** 3, archive: 1 },
        log: { start: '000000010000000000000003', stop: '000000010000000000000003' },
      } as JudgedBackup,
      timeline: 1,
      target: request.target,
    },
    checkpoint: {
      backup: '20261121-030000F',
      system: '1',
      timeline: 1,
      postgres: '15.20',
      databases: [{ name: 'cogni', point: 'checkpoint-1', at: new Date('2026-11-21T03:01:00Z'), tables: 2 }],
    },
    newestLog: new Date('2026-11-21T12:00:00Z'),
    archived: [],
  },
};
const lying = (printed: string, more: Partial<RestoreFacts> = {}): RestoreFacts => {
  const there = { ...facts, volume: parseVolume(printed), ...more };
  const standing = standingOf(there, request.target);
  return { ...there, standing, archive: standing === 'begin' ? facts.archive : undefined };
};
const ids = (given: RestoreFacts): readonly string[] =>
  planRestore(request, given).steps.map((step) => step.id);

describe('the newest moment, where a receiver has log that the archive lacks', () => {
  const newest = { ...request, target: { kind: 'end' } as const, replace: 'preview-cogni@newest' };
  const piece = (name: string) => ({ name, parts: [Secret.of(`part of ${name}`, 'H4sIdata')] });
  const segment = (number: number): string => `00000001000000000000000${number}`;
  const run = (first: number, last: number) => ({
    ...{ first: segment(first), last: segment(last) },
    ...{ from: new Date(0), to: new Date(1) },
  });
  const archive = {
    ...facts.archive!,
    chosen: {
      ...facts.archive!.chosen,
      backup: { ...facts.archive!.chosen.backup, log: { start: segment(3), stop: segment(3) } },
      target: newest.target,
    },
    archived: [run(3, 5)],
  };
  const there: RestoreFacts = { ...facts, archive };
  const log = {
    kind: 'log',
    until: new Date('2026-11-21T12:00:14Z'),
    way: { lacked: [], last: segment(6), hole: undefined },
  } as const;

  it('is reached with what the receiver has, which is brought before anything is compared, and shown nowhere', () => {
    const plan = planRestore(newest, { ...there, received: { ...log, pieces: [piece(segment(6))] } });
    expect(plan.steps.map((step) => step.id).slice(0, 5)).toEqual([
      ...['lock', 'open', 'restore', 'receive', 'compare-1'],
    ]);
    expect(planText(plan)).toContain(`receive ${segment(6)}`);
    expect(planText(plan)).not.toContain('H4sIdata');
  });

  it('is reached when the copy was given the last piece that leads there, and not by ending before it', () => {
    const reach = (given: RestoreFacts): string =>
      JSON.stringify(planRestore(newest, given).steps.find(({ id: step }) => step === 'reach')?.actions);
    expect(reach(there)).toContain(`"came","${segment(5)}"`);
    expect(reach({ ...there, received: { ...log, pieces: [] } })).toContain(`"came","${segment(6)}"`);
    expect(JSON.stringify(planRestore(request, facts).steps)).not.toContain('"came"');
  });

  it('can be had where log is missing before it: a moment without a later commit is the end of the last piece before that', () => {
    const target = { kind: 'time', at: new Date('2026-11-21T11:00:00Z') } as const;
    const chosen = { ...archive.chosen, target };
    const plan = planRestore(
      { ...request, target },
      { ...there, archive: { ...archive, chosen, archived: [run(3, 5), run(8, 9)] } },
    );
    const reach = plan.steps.find(({ id: step }) => step === 'reach');
    expect(JSON.stringify(reach?.actions)).toContain(
      `"time","2026-11-21 11:00:00.000+00","1","promote","${segment(5)}"`,
    );
  });

  it('is not the newest one where log is missing before it: the data that are there are younger; a host without data gets what there is', () => {
    const gap = {
      after: segment(5),
      before: segment(8),
      missing: 2,
      from: new Date('2026-11-21T11:00:00Z'),
      to: new Date('2026-11-21T11:30:00Z'),
      closed: false,
    };
    const gapped = { ...archive, gap, archived: [run(3, 5), run(8, 9)] };
    expect(restoreFaults(newest, { ...there, archive: gapped })).toEqual([
      expect.stringMatching(/ends at 2026-11-21T11:00:00\.000Z, .* --to 2026-11-21T11:00:00\.000Z says/),
    ]);
    const bare = { ...lying('data empty'), archive: gapped };
    expect(restoreFaults(newest, bare)).toEqual([]);
    // What the archive lacks the receiver has.
    const way = { lacked: [], last: segment(9), hole: undefined };
    expect(
      restoreFaults(newest, { ...there, archive: gapped, received: { ...log, pieces: [], way } }),
    ).toEqual([]);
  });

  it('needs room for what the receiver has as well', () => {
    const free = { ...there, freeBytes: 12.5 * 1024 ** 3 };
    const pieces = Array.from({ length: 100 }, () => piece('000000010000000000000006'));
    expect(restoreFaults(newest, free)).toEqual([]);
    expect(restoreFaults(newest, { ...free, received: { ...log, pieces } })).toEqual([
      expect.stringMatching(/^the copy needs 13\.6 GiB beside what is there, and 12\.5 GiB are free/),
    ]);
  });

  it('is that of the archive where the receiver has no more', () => {
    const ids = planRestore(newest, { ...there, received: { ...log, pieces: [] } }).steps.map(({ id }) => id);
    expect(ids).not.toContain('receive');
  });

  it('is refused while the receiver cannot be asked, unless that was said of this host', () => {
    const unknown: RestoreFacts = { ...there, received: { kind: 'unknown', why: 'no route to host' } };
    expect(restoreFaults(newest, unknown).join()).toMatch(
      /cannot be asked \(no route to host\): --without-receiver preview-cogni/,
    );
    expect(restoreFaults({ ...newest, withoutReceiver: 'preview-cogni' }, unknown)).toEqual([]);
    expect(restoreFaults({ ...newest, withoutReceiver: 'another' }, there).join()).toMatch(
      /--without-receiver another is not preview-cogni/,
    );
  });
});

describe('the plan of a restore', () => {
  const plan = planRestore(request, facts);

  it('proves a copy beside the data that serve, backs the present state up, and only then lets visitors miss anything', () => {
    expect(plan.steps.map((step) => step.id)).toEqual([
      ...['lock', 'open', 'restore', 'compare-1', 'reach', 'ready', 'safety'],
      ...['maintenance', 'stop', 'stop-database', 'switch', 'start', 'provision', 'serve', 'keep', 'tidy'],
    ]);
    expect(plan).toMatchObject({ id, keeps: true });
  });

  it('excludes deploys, by the lock that they take', () => {
    expect(planText(plan)).toContain('/var/lib/cogni/deploy/lock ');
  });

  it('takes everything back that comes before the data are proven, and nothing afterwards', () => {
    const settled = plan.steps.findIndex(({ settles }) => settles);
    expect(plan.steps[settled]?.id).toBe('provision');
    const touching = ['maintenance', 'stop', 'stop-database', 'switch', 'start'];
    for (const step of plan.steps.filter((one) => touching.includes(one.id)))
      expect(step.undo).not.toEqual([]);
  });

  it('has no secret in what it prints, nor in an argument', () => {
    expect(planText(plan)).not.toContain('p1anted');
    const words = plan.steps.flatMap(({ actions }) =>
      actions.flatMap((action) => ('command' in action ? action.command.argv : [])),
    );
    expect(words.join(' ')).not.toMatch(/p1anted|PGBACKREST_REPO1_CIPHER_PASS/);
  });

  it.each([
    [
      'a copy that is ready, and a backup of the present state, which serves',
      `data full\n${order(asked)}\ncopy\nready\nsaved`,
      'safety',
    ],
    ['nothing but a copy that is not ready', `data full\n${order(asked)}\ncopy`, 'open'],
    ['a copy that is ready', `data full\n${order(asked)}\ncopy\nready`, 'safety'],
    ['one rename of two', `data missing\n${order(asked)}\ncopy\nready\nkept before-${id}`, 'maintenance'],
    ['both renames', `data full\n${order(asked)}\nready\nkept before-${id}`, 'start'],
    ['a ready copy for another target', `data full\n${order('newest')}\ncopy\nready`, 'open'],
  ])('goes on after what lies on the disk: %s', (_, printed, first) => {
    expect(ids(lying(printed))[1]).toBe(first);
  });

  describe('after one whose last step was lost', () => {
    const switched = `data full\n${order(asked)}\nready\nkept before-${id}`;
    const later = { ...request, at: new Date('2026-12-10T00:00:00Z') };
    const other = { ...later, target: { kind: 'end' } as const, replace: 'preview-cogni@newest' };

    it('makes a copy where the restored data have served since, to the same target and to another one', () => {
      const served = { ...lying(switched, { written: true }), archive: facts.archive };
      for (const again of [later, other]) {
        const there = { ...served, standing: standingOf(served, again.target) };
        expect(there.standing).toBe('begin');
        expect(restoreFaults(again, there)).toEqual([]);
        expect(planRestore(again, there).steps.map((step) => step.id)).toContain('restore');
        expect(planRestore(again, there).id).toBe('20261210T000000Z');
      }
    });

    it('goes on with it while visitors have its own page: only its own steps have written then', () => {
      const page = (reason: string) =>
        lying(switched, {
          written: true,
          maintenance: { state: 'on', note: { since: '', by: { who: 'ada', from: 'laptop' }, reason } },
        }).standing;
      expect(page(`restore ${id}`)).toBe('switched');
      expect(page('restore 20260101T000000Z')).toBe('begin');
      expect(page('a move')).toBe('begin');
    });

    it('goes on with it until what makes backups is back, whoever has the maintenance on: only a restore removes that', () => {
      const by = { who: 'bob', from: 'desk' };
      const containers = facts.containers.filter((service) => service !== 'copies');
      for (const maintenance of [
        { state: 'off' } as const,
        { state: 'on', note: { since: '', by, reason: 'a move' } } as const,
      ]) {
        const there = lying(switched, { written: true, maintenance, containers });
        expect(there.standing).toBe('switched');
        expect(forgetFaults(undoRequest(id), there)).toEqual([expect.stringContaining('was cut off')]);
      }
      // One that the host is not meant to have is not waited for.
      const services = facts.services.filter((service) => service !== 'copies');
      expect(lying(switched, { written: true, services, containers }).standing).toBe('begin');
    });

    it.each(['data empty', 'data missing'])('makes a copy where those data are gone: %s', (data) => {
      const lost = lying(`${data}\n${order(asked)}\nready\nkept before-${id}`);
      expect([lost.standing, standingOf(lost, { kind: 'end' })]).toEqual(['begin', 'begin']);
    });
  });

  it('makes another copy of the newest moment where the data of then are gone, unless there were none, or they lie aside', () => {
    const standing = (printed: string): string =>
      standingOf(lying(`${printed}\n${order('newest')}\ncopy\nready`, { databaseServes: false }), {
        kind: 'end',
      });
    expect([standing('data empty'), standing('data missing')]).toEqual(['begin', 'begin']);
    expect([standing('bare\ndata empty'), standing('bare\ndata missing')]).toEqual(['prepared', 'prepared']);
    expect(standing(`kept before-${id}\ndata missing`)).toBe('prepared');
  });

  it('keeps the id of the restore that it goes on with', () => {
    const later = { ...request, at: new Date('2026-11-22T00:00:00Z') };
    expect(planRestore(later, lying(`data full\n${order(asked)}\ncopy\nready`)).id).toBe(id);
    expect(planRestore(later, facts).id).toBe('20261122T000000Z');
  });

  it('leaves a maintenance alone that a person has switched on, and ends one of a restore that was cut off', () => {
    const by = { who: 'bob', from: 'desk' };
    const on = (reason: string): RestoreFacts => ({
      ...facts,
      maintenance: { state: 'on', note: { since: '', by, reason } },
    });
    expect(planText(planRestore(request, on('a move')))).not.toContain('caddy/upstream/maintenance');
    expect(ids(on(`restore ${id}`))).toContain('maintenance');
  });

  it('starts nothing on a host that was never deployed to', () => {
    const empty = lying('data missing', { services: [], containers: [], databaseServes: false });
    expect(ids(empty)).toEqual(['lock', 'open', 'restore', 'compare-1', 'reach', 'ready', 'switch', 'tidy']);
    expect(planRestore(request, empty).keeps).toBe(false);
  });
});

describe('a restore is refused', () => {
  const { replace, ...wordless } = request;

  it('for data that nobody has said may be replaced, by the host and the target', () => {
    expect(restoreFaults(request, facts)).toEqual([]);
    expect(restoreFaults(wordless, facts)).toEqual([expect.stringContaining(`--replace ${replace ?? ''}`)]);
    expect(restoreFaults({ ...request, replace: 'preview-cogni@newest' }, facts)).toEqual([
      expect.stringContaining(`is not ${replace ?? ''}`),
    ]);
    expect(restoreFaults(wordless, lying('data missing', { services: [], containers: [] }))).toEqual([]);
  });

  it('without room for a second database, and names what earlier ones keep', () => {
    const full = { ...lying('data full\nkept before-20261101T000000Z'), freeBytes: 11 * 1024 ** 3 };
    expect(restoreFaults(request, full)).toEqual([
      expect.stringMatching(/^the copy needs 12\.0 GiB .* 11\.0 GiB are free; .*before-20261101T000000Z$/),
    ]);
  });

  it('where the present state cannot be backed up, unless that was said of this host', () => {
    const dead = { ...facts, databaseServes: false };
    expect(restoreFaults(request, dead)).toEqual([expect.stringContaining('the database does not serve')]);
    expect(restoreFaults({ ...request, withoutBackup: 'other' }, dead)).toEqual([
      '--without-backup other is not preview-cogni',
    ]);
    const said = { ...request, withoutBackup: 'preview-cogni' };
    expect(restoreFaults(said, dead)).toEqual([]);
    expect(planRestore(said, dead).steps.map((step) => step.id)).not.toContain('safety');
  });

  it('not where that was backed up by the run that stopped it', () => {
    const stopped = { containers: [], services: facts.services, databaseServes: false };
    const saved = lying(`data full\n${order(asked)}\ncopy\nready\nsaved`, stopped);
    expect(restoreFaults(request, saved)).toEqual([]);
    expect(ids(saved)[1]).toBe('maintenance');
    const unsaved = lying(`data full\n${order(asked)}\ncopy\nready`, stopped);
    expect(restoreFaults(request, unsaved)).toHaveLength(1);
  });

  it('where it was backed up by a run that was cut off, and the database has been started again since and ended', () => {
    const crashed = lying(`data full\n${order(asked)}\ncopy\nready\nsaved`, { databaseServes: false });
    expect(restoreFaults(request, crashed)).toEqual([expect.stringContaining('the database does not serve')]);
    // Between the steps of that run: what commits is gone, the database not yet.
    const saved = `data full\n${order(asked)}\ncopy\nready\nsaved`;
    const between = lying(saved, { containers: ['postgres'] });
    expect(restoreFaults(request, between)).toEqual([]);
    // The backup and the end of the server have written as well.
    expect(restoreFaults(request, { ...between, written: true, databaseServes: false })).toEqual([]);
  });

  it('while one to another target was cut off between its renames', () => {
    const between = lying(`data missing\n${order('newest')}\ncopy\nready\nkept before-${id}`);
    expect(restoreFaults(request, between)).toEqual([
      expect.stringContaining(`go on with it (--to newest), or take it back (--undo ${id})`),
    ]);
  });

  it('where the present state was backed up before a server wrote to it again', () => {
    const stopped = { containers: [], services: facts.services, databaseServes: false };
    const saved = lying(`data full\n${order(asked)}\ncopy\nready\nsaved`, { ...stopped, written: true });
    expect(restoreFaults(request, saved)).toEqual([expect.stringContaining('the database does not serve')]);
  });

  it('where what runs could not be started again', () => {
    expect(restoreFaults(request, { ...facts, services: [] })).toEqual([
      expect.stringContaining('files say nothing'),
    ]);
  });
});

describe('taking a restore back', () => {
  const undo = undoRequest(id);
  const { replace, ...wordless } = undo;

  it('stops nothing where nothing was put in place yet', () => {
    const begun = lying(`data full\n${order(asked)}\ncopy\nready`);
    expect(undoFaults(wordless, begun)).toEqual([]);
    expect(planUndo(undo, begun).steps.map((step) => step.id)).toEqual([
      ...['lock', 'start', 'provision', 'serve', 'keep', 'tidy'],
    ]);
  });

  it('asks for a word where the restored data serve, and is refused for what is not there', () => {
    const done = lying(`data full\nkept before-${id}`);
    expect(undoFaults(wordless, done)).toEqual([expect.stringContaining(`--replace ${replace ?? ''}`)]);
    expect(undoFaults(undoRequest('20260101T000000Z'), done)).toEqual([
      `there is no restore 20260101T000000Z on preview-cogni that could be taken back; there is: ${id}`,
    ]);
    expect(planUndo(undo, done).steps.map((step) => step.id)).toContain('back');
  });

  it('is made impossible only by a word, and not in the middle of a restore', () => {
    const done = lying(`data full\nkept before-${id}`);
    expect(forgetFaults(undo, done)).toEqual([]);
    expect(forgetFaults(wordless, done)).toEqual([expect.stringContaining('--replace')]);
    const switched = `data full\n${order(asked)}\nready\nkept before-${id}`;
    expect(forgetFaults(undo, lying(switched))).toEqual([expect.stringContaining('was cut off')]);
    // The last step was lost: nothing is left to be gone on with.
    const served = lying(switched, { written: true });
    expect(forgetFaults(undo, served)).toEqual([]);
    expect(planText(planForget(undo, served))).toContain('sh clean');
  });
});
