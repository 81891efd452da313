import type { Clock } from '../../../../foundation/clock';
import { initialCatalogue } from '../../../../sandbox/emulator/catalogue';
import { Jobs } from '../../../../sandbox/emulator/jobs';
import { MemoryMachines } from '../../../../sandbox/emulator/memory-machines';
import { defaultSettings } from '../../../../sandbox/emulator/settings';
import { initialState, withJob, type State } from '../../../../sandbox/emulator/state';
import { Store } from '../../../../sandbox/emulator/store';

const empty = initialState({ settings: defaultSettings, catalogue: initialCatalogue, teams: [] });

/** A clock whose sleeps never end, unless the test ends them. */
class StandingClock implements Clock {
  #wake: (() => void)[] = [];
  now = (): Date => new Date(0);
  monotonic = (): number => 0;
  sleep = (): Promise<void> => new Promise((resolve) => this.#wake.push(resolve));
  pass(): void {
    for (const wake of this.#wake) wake();
  }
}

const spec = (serverId: number): Parameters<MemoryMachines['create']>[0] => ({
  serverId,
  hostname: 'app',
  image: 'ubuntu_22_04',
  address: '10.0.0.1',
  authorizedKeys: [],
  userData: undefined,
  faults: [],
});

function rig(): { store: Store; machines: MemoryMachines; jobs: Jobs; clock: StandingClock; log: string[] } {
  const store = new Store(empty, () => undefined);
  const machines = new MemoryMachines();
  const clock = new StandingClock();
  const log: string[] = [];
  const jobs = new Jobs({
    store,
    machines,
    clock,
    now: () => 0,
    log: (line) => log.push(line),
    deadline: 60_000,
  });
  return { store, machines, jobs, clock, log };
}

describe('work on machines', () => {
  test('is done in the order in which it was asked for, for each server', async () => {
    const { store, machines, jobs } = rig();
    store.change((state) => withJob(state, 1, { kind: 'create', spec: spec(1) }, true));
    store.change((state) => withJob(state, 1, { kind: 'power', action: 'off' }, true));
    store.change((state) => withJob(state, 1, { kind: 'reinstall', spec: spec(1) }, true));
    jobs.startAll();
    await jobs.idle();
    expect(machines.all).toMatchObject([{ running: true, diskGeneration: 2 }]);
    expect(store.state.jobs).toEqual([]);
  });

  test('of one server does not wait for that of another', async () => {
    const { store, machines, jobs } = rig();
    const open = machines.hold('remove');
    store.change((state) => withJob(state, 1, { kind: 'remove' }, true));
    store.change((state) => withJob(state, 2, { kind: 'create', spec: spec(2) }, true));
    jobs.startAll();
    await jobs.settled(2);
    expect(machines.all).toHaveLength(1);
    open();
    await jobs.idle();
  });

  test('is started once, however often it is looked for', async () => {
    const { store, machines, jobs } = rig();
    store.change((state) => withJob(state, 1, { kind: 'create', spec: spec(1) }, true));
    expect([jobs.startAll().length, jobs.startAll().length]).toEqual([1, 0]);
    await jobs.idle();
    expect(machines.all).toMatchObject([{ boot: 1, diskGeneration: 1 }]);
  });

  test('that takes longer than its deadline has failed, and the work after it goes on', async () => {
    const { store, machines, jobs, clock, log } = rig();
    const open = machines.hold('create');
    store.change((state) => withJob(state, 1, { kind: 'create', spec: spec(1) }, true));
    store.change((state) => withJob(state, 1, { kind: 'remove' }, true));
    jobs.startAll();
    await Promise.resolve();
    clock.pass();
    await jobs.idle();
    expect(store.state.failures).toMatchObject([
      { server: 1, kind: 'create', message: 'not done within 60 s' },
    ]);
    expect(log.at(-1)).toBe('remove machine of server 1: done');
    open();
  });

  test('whose end cannot be written down is said in the log', async () => {
    const machines = new MemoryMachines();
    const log: string[] = [];
    let full = false;
    const write = (): void => {
      if (full) throw new Error('no space left on device');
    };
    const store = new Store(empty, write);
    const jobs = new Jobs({
      store,
      machines,
      clock: new StandingClock(),
      now: () => 0,
      log: (line) => log.push(line),
      deadline: 1,
    });
    store.change((state) => withJob(state, 1, { kind: 'create', spec: spec(1) }, true));
    full = true;
    jobs.startAll();
    await jobs.idle();
    expect(log.join('\n')).toContain('could not be recorded: no space left on device');
  });
});

describe('the store', () => {
  test('has not changed when the change could not be written down', () => {
    const store = new Store(empty, () => {
      throw new Error('no space left on device');
    });
    const step = (state: State): State => ({ ...state, clockAhead: 1 });
    expect(() => store.change(step)).toThrow('no space left');
    expect(store.state).toBe(empty);
  });

  test('writes nothing when nothing changed', () => {
    const written: State[] = [];
    const store = new Store(empty, (state) => written.push(state));
    store.change((state) => state);
    expect(written).toEqual([]);
  });
});
