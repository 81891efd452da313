import fc from 'fast-check';
import { initialCatalogue } from '../../../../sandbox/emulator/catalogue';
import { afterFailedJob, afterJob, afterTime } from '../../../../sandbox/emulator/lifecycle';
import { routed } from '../../../../sandbox/emulator/routes';
import { defaultSettings, realistic } from '../../../../sandbox/emulator/settings';
import { initialState, listOf, type State } from '../../../../sandbox/emulator/state';
import { Refused } from '../../../../sandbox/emulator/validation';
import { serverView } from '../../../../sandbox/emulator/views';

const pools = {
  primary: { network: '10.1.0.0/24', first: '10.1.0.1', last: '10.1.0.3' },
  floating: { network: '10.2.0.0/24', first: '10.2.0.1', last: '10.2.0.3' },
  private: { network: '10.3.0.0/24', first: '10.3.0.1', last: '10.3.0.9' },
};
const teams = [{ id: 1, name: 'team', projects: [{ id: 254000, name: 'project' }] }];
const caller = { token: 'own', team: 1, access: 'full' } as const;

/** One thing that can happen; `pick` chooses among what is there. */
type Event =
  | { readonly kind: 'call'; readonly method: string; readonly path: string; readonly body?: object }
  | { readonly kind: 'time'; readonly seconds: number }
  | { readonly kind: 'job'; readonly fails: boolean };

const server = fc.integer({ min: 811000, max: 811002 });
const address = fc
  .integer({ min: 1, max: 9 })
  .map((number) => `aaaaaaaa-0000-4000-8000-${String(number).padStart(12, '0')}`);
const password = 'aB3defghijklmnopqrst';
const call = (method: string, path: fc.Arbitrary<string>, body: fc.Arbitrary<object>): fc.Arbitrary<Event> =>
  fc.record({ kind: fc.constant('call' as const), method: fc.constant(method), path, body });
const at = (prefix: string, id: fc.Arbitrary<number | string>, suffix = ''): fc.Arbitrary<string> =>
  id.map((value) => `/v1/${prefix}/${value}${suffix}`);

const event: fc.Arbitrary<Event> = fc.oneof(
  call(
    'POST',
    fc.constant('/v1/projects/254000/servers'),
    fc.record({
      plan: fc.constant('B1-2-2gb-40s-shared'),
      region: fc.constantFrom('LT-Siauliai', 'DE-Frankfurt'),
      ip_addresses: fc.array(address, { maxLength: 1 }),
    }),
  ),
  call('DELETE', at('servers', server), fc.constant({})),
  call(
    'POST',
    at('servers', server, '/actions'),
    fc.record({
      type: fc.constantFrom('reinstall', 'power_on', 'power_off'),
      image: fc.constant('ubuntu_22_04'),
      password: fc.constant(password),
    }),
  ),
  call('PUT', at('servers', server), fc.record({ bgp: fc.boolean() })),
  call(
    'POST',
    fc.constant('/v1/projects/254000/ips'),
    fc.record({ region: fc.constant('LT-Siauliai'), targeted_to: fc.oneof(fc.constant('0'), server) }),
  ),
  call('PUT', at('ips', address), fc.record({ targeted_to: fc.oneof(fc.constant('0'), server.map(String)) })),
  call('DELETE', at('ips', address), fc.constant({})),
  fc.record({ kind: fc.constant('time' as const), seconds: fc.integer({ min: 0, max: 200 }) }),
  fc.record({ kind: fc.constant('job' as const), fails: fc.boolean() }),
);

interface World {
  readonly state: State;
  readonly now: number;
}

function after({ state, now }: World, happened: Event): World {
  switch (happened.kind) {
    case 'time':
      return { state: afterTime(state, now + happened.seconds * 1000), now: now + happened.seconds * 1000 };
    case 'job': {
      const job = state.jobs[0];
      if (!job) return { state, now };
      return {
        state: happened.fails ? afterFailedJob(state, job, 'broken', now) : afterJob(state, job, now),
        now,
      };
    }
    case 'call':
      try {
        const { handler, id } = routed(happened.method, happened.path);
        const query = new URLSearchParams();
        return { state: handler({ state, now, pools, caller, id, query, body: happened.body }).state, now };
      } catch (thrown) {
        if (thrown instanceof Refused) return { state, now };
        throw thrown;
      }
  }
}

/** Sentences that must be true of every state. */
function broken(state: State): string[] {
  const servers = listOf(state.servers);
  const addresses = listOf(state.addresses);
  const texts = addresses.map((each) => each.address);
  return [
    ...(new Set(texts).size === texts.length ? [] : ['an address was given out twice']),
    ...addresses
      .filter((each) => each.server !== null && !state.servers[each.server])
      .map((each) => `${each.address} belongs to a server that is gone`),
    ...addresses
      .filter((each) => each.server === null && each.type !== 'floating-ip')
      .map((each) => `${each.address} was not freed`),
    ...addresses
      .filter((each) => each.server !== null && state.servers[each.server]?.region !== each.region)
      .map((each) => `${each.address} is targeted into another region`),
    ...servers
      .filter(
        ({ id }) => addresses.filter((each) => each.server === id && each.type === 'primary-ip').length !== 1,
      )
      .map(({ id }) => `server ${id} has not exactly one primary address`),
    ...servers
      .filter(
        ({ id, state: is }) =>
          is === 'active' && state.jobs.some((job) => job.server === id && job.kind === 'create'),
      )
      .map(({ id }) => `server ${id} is active before its machine has started`),
    ...servers
      .filter(
        ({ status, id }) =>
          status === 'deployed' && state.jobs.some((job) => job.server === id && job.kind === 'reinstall'),
      )
      .map(({ id }) => `server ${id} is deployed before its disk is`),
    ...servers
      .filter((each) => each.power === 'on' && each.state === 'inactive')
      .map(({ id }) => `server ${id} is inactive and on`),
    ...state.jobs
      .filter((job) => !state.servers[job.server])
      .map((job) => `job ${job.id} is for a server that is gone`),
  ];
}

describe.each([
  ['fast', defaultSettings],
  ['realistic', { ...defaultSettings, timing: realistic }],
  ['unkind', { ...defaultSettings, reinstallPrimaryAddress: 'new' as const, reinstallPower: 'off' as const }],
])('the model in %s mode', (_, settings) => {
  test('stays true to itself whatever is called, in whatever order, and survives as JSON', () => {
    const start: World = { state: initialState({ settings, catalogue: initialCatalogue, teams }), now: 0 };
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let world = start;
        for (const happened of events) {
          world = after(world, happened);
          expect(broken(world.state)).toEqual([]);
          for (const each of listOf(world.state.servers)) serverView(world.state, each);
        }
        const withoutWork = { ...world.state, jobs: [] };
        expect(JSON.parse(JSON.stringify(withoutWork))).toEqual(withoutWork);
      }),
      { numRuns: 200 },
    );
  });

  test('comes to rest: with all work done and time passed, nothing is under way any more', () => {
    const start: World = { state: initialState({ settings, catalogue: initialCatalogue, teams }), now: 0 };
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let world = events.reduce(after, start);
        while (world.state.jobs.length > 0) world = after(world, { kind: 'job', fails: false });
        world = after(world, { kind: 'time', seconds: 1_000 });
        const resting = listOf(world.state.servers).map(({ state }) => state);
        expect(resting.filter((state) => !['active', 'inactive', 'failed'].includes(state))).toEqual([]);
        expect(listOf(world.state.servers).filter(({ status }) => status === 'deploying')).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
