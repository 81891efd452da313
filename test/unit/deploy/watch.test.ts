import { servedAt, Watch } from '../../../deploy/watch';
import type { Plan, Spending } from '../../../deploy/step';
import { silent } from '../../../foundation/progress';
import { fakeClock } from './fake-clock';
import { fakeTransport } from './fake-transport';

const step = (id: string, spends?: Spending): Plan['steps'][number] => ({
  id,
  name: `do ${id}`,
  why: '',
  actions: [],
  leaves: '',
  next: '',
  ...(spends ? { spends } : {}),
});
const plan: Plan = { title: 'deploy', steps: [step('pull', 'pull'), step('stage'), step('start', 'start')] };

async function watched() {
  const clock = fakeClock();
  const watch = new Watch(clock);
  const progress = watch.over(silent);
  const spend = (name: string, milliseconds: number): Promise<void> =>
    progress.step(name, () => Promise.resolve(clock.advance(milliseconds)));
  await spend('connect', 100);
  await spend('do pull', 2000);
  clock.advance(50);
  await spend('do stage', 300);
  return { clock, watch, progress, spend };
}

describe('where the time of a run went', () => {
  test('is told part by part, in order, each with what it was spent on', async () => {
    const { watch } = await watched();
    expect(watch.timeline(plan).spans).toEqual([
      { id: 'connect', spent: 'before', begun: 0, milliseconds: 100, result: 'done' },
      { id: 'pull', spent: 'pull', begun: 100, milliseconds: 2000, result: 'done' },
      { id: 'stage', spent: 'engine', begun: 2150, milliseconds: 300, result: 'done' },
    ]);
  });

  test('counts as the own time of the engine all but pull, migration, start and drain, gaps included', async () => {
    const { watch, spend } = await watched();
    await spend('do start', 4000);
    expect(watch.timeline(plan)).toMatchObject({ milliseconds: 6450, engineMilliseconds: 450 });
  });

  test('is also told of a step that failed, and of one that was done already', async () => {
    const { watch, progress } = await watched();
    await progress.step('do start', () => Promise.resolve('was done already'), { describe: (how) => how });
    const failing = progress.step('do start', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(
      watch
        .timeline(plan)
        .spans.slice(-2)
        .map(({ result }) => result),
    ).toEqual(['was done already', 'failed']);
  });

  test('says when the gate was passed, and nothing where it was not', async () => {
    const ended = new Date('2026-11-21T12:30:10Z');
    const { watch, spend, progress } = await watched();
    const gated: Plan = { ...plan, steps: [...plan.steps, step('gate'), step('backup', 'start')] };
    expect(servedAt(watch.timeline(gated), ended)).toBeUndefined();
    await progress.step('do gate', () => Promise.reject(new Error('no'))).catch(() => undefined);
    expect(servedAt(watch.timeline(gated), ended)).toBeUndefined();
    await spend('do gate', 400);
    await spend('do backup', 3000);
    expect(servedAt(watch.timeline(gated), ended)).toEqual(new Date('2026-11-21T12:30:07Z'));
  });

  test('comes with the connections that were opened and the commands that were sent', async () => {
    const { watch } = await watched();
    const transport = await watch.counting(() => Promise.resolve(fakeTransport()))();
    await transport.run({ argv: ['true'], deadline: 1 });
    await transport.hold({ argv: ['cat'], deadline: 1 });
    expect(watch.timeline(plan)).toMatchObject({ connections: 1, commands: 2 });
    expect(transport.describe()).toBe('deploy@203.0.113.7');
  });
});
