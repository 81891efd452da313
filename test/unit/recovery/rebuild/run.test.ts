import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, Failure } from '../../../../foundation/failure';
import { silent } from '../../../../foundation/progress';
import { RebuildJournal } from '../../../../recovery/rebuild/journal';
import { planRebuild, stageIds, type StageId } from '../../../../recovery/rebuild/plan';
import { runRebuild, type StageWork } from '../../../../recovery/rebuild/run';
import { failureOf } from '../../../failure-of';
import { begun, shape } from './sample';

/** A world in which each stage leaves a thing behind, by which it is known to be done. */
class World {
  readonly there = new Set<StageId>();
  readonly ran: StageId[] = [];
  /** Which stage fails, before or after its work took effect. */
  fails: { readonly stage: StageId; readonly when: 'before' | 'after'; readonly thrown?: Error } | undefined;

  readonly work = Object.fromEntries(
    stageIds.map((stage): [StageId, StageWork] => [
      stage,
      {
        isDone: () => Promise.resolve(this.there.has(stage) ? 'it is there' : undefined),
        run: () => this.carryOut(stage),
      },
    ]),
  ) as Record<StageId, StageWork>;

  private carryOut(stage: StageId): Promise<string> {
    this.ran.push(stage);
    const fault = this.fails?.stage === stage ? this.fails : undefined;
    if (fault?.when !== 'before') this.there.add(stage);
    if (fault === undefined) return Promise.resolve(`did ${stage}`);
    return Promise.reject(fault.thrown ?? new Failure({ what: `${stage} broke`, next: 'mend it' }));
  }
}

describe('going through a rebuild', () => {
  let folder: string;
  let world: World;
  let journal: RebuildJournal;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-rebuild-'));
    world = new World();
    journal = new RebuildJournal(join(folder, 'a.jsonl'), () => new Date('2026-11-21T12:30:00Z'));
    journal.append(begun);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const again = './cogni rebuild preview';
  const go = (signal?: AbortSignal): Promise<void> =>
    runRebuild(planRebuild({ ...shape, begun: { ...begun, oldKey: 'old' } }), world.work, {
      journal,
      progress: silent,
      again,
      ...(signal === undefined ? {} : { signal }),
    });

  it('does every stage once, in order, and writes down what came of each', async () => {
    await go();
    expect(world.ran).toEqual(stageIds);
    const done = journal.story()?.lines.flatMap((line) => (line.kind === 'stage-done' ? [line] : []));
    expect(done?.map(({ stage }) => stage).sort()).toEqual([...stageIds].sort());
    expect(done?.[0]).toMatchObject({ stage: 'revoke', outcome: 'done', says: 'did revoke' });
  });

  it.each(stageIds.flatMap((stage) => (['before', 'after'] as const).map((when) => ({ stage, when }))))(
    'goes on after it was stopped $when the work of "$stage" took effect, and repeats none that is there',
    async ({ stage, when }) => {
      world.fails = { stage, when };
      await expect(go()).rejects.toThrow(`${stage} broke`);
      world.fails = undefined;
      await go();
      expect([...world.there].sort()).toEqual([...stageIds].sort());
      const expected = new Map(stageIds.map((id) => [id, 1]));
      if (when === 'before') expected.set(stage, 2);
      for (const [id, times] of expected)
        expect([id, world.ran.filter((each) => each === id).length]).toEqual([id, times]);
    },
  );

  it('says why a stage failed, also where that cannot be written down', async () => {
    world.fails = { stage: 'plan', when: 'before' };
    const append = journal.append.bind(journal);
    journal.append = (event) => {
      if (event.kind === 'stage-failed') throw new Error('no room');
      append(event);
    };
    expect((await failureOf(go())).message).toContain('plan broke');
  });

  it('takes the world for what is done, whatever the journal says', async () => {
    for (const stage of stageIds) journal.append({ kind: 'stage-done', stage, outcome: 'done' });
    await go();
    expect(world.ran).toEqual(stageIds);
  });

  it('begins no stage that needs what a failed one beside it would have brought', async () => {
    world.fails = { stage: 'files', when: 'before' };
    await expect(go()).rejects.toThrow('files broke');
    expect(world.ran.slice(-2)).toEqual(['files', 'restore']);
    expect(journal.story()?.lines.some((line) => 'stage' in line && line.stage === 'pull')).toBe(false);
  });

  it('lets the stage beside one that fails come to its end, and goes no further', async () => {
    world.fails = { stage: 'restore', when: 'before' };
    const failure = await failureOf(go());
    expect(world.ran.slice(-2).sort()).toEqual(['pull', 'restore']);
    expect(journal.story()?.lines.slice(-4)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'stage-failed', stage: 'restore', why: 'restore broke' }),
        expect.objectContaining({ kind: 'stage-done', stage: 'pull' }),
      ]),
    );
    expect(failure).toMatchObject({
      what: 'rebuild preview stopped at "restore the database from 20261121-030000F": restore broke',
      state: expect.stringContaining('nothing serves yet'),
      next: `mend it; then go on: ${again}`,
    });
  });

  it('keeps the exit code of what stopped it, and shows a fault of its own as one', async () => {
    const thrown = new Failure({ what: 'held', next: 'wait', exitCode: ExitCode.locked });
    world.fails = { stage: 'plan', when: 'before', thrown };
    expect((await failureOf(go())).exitCode).toBe(ExitCode.locked);
    world.fails = { stage: 'plan', when: 'before', thrown: new TypeError('not ours to explain') };
    await expect(go()).rejects.toBeInstanceOf(TypeError);
  });

  it('begins no further stage once it is cancelled', async () => {
    const controller = new AbortController();
    world.work.forget = {
      run: () => {
        controller.abort(new Failure({ what: 'cancelled', next: 'run it again' }));
        return Promise.resolve('done all the same');
      },
    };
    await expect(go(controller.signal)).rejects.toThrow('cancelled');
    expect(world.ran).toEqual(['revoke', 'fence']);
  });
});
