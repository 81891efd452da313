import { isDeepStrictEqual } from 'node:util';
import type { ShownState, Stack, World } from '../provider/run';
import { team, tokens } from '../emulator/rig';
import type { Recorded, Reality } from '../../../scripts/review-corpus';
import type { Scenario } from './scenario';

type Machines = Reality['before'];
type Ids = Reality['stateBefore'];

/**
 * Plays a scenario: applies what was, plans what shall be, and applies that very plan.
 *
 * @returns what the corpus keeps of it, and the plan as Terraform shows it to people
 */
export async function record(
  world: World,
  scenario: Scenario,
): Promise<{ readonly recorded: Recorded; readonly shown: string }> {
  await world.rig.control('POST', 'reset');
  const stack = await world.stack(scenario.before);
  await stack.apply();
  const id = Object.keys(machinesOf(world))[0] ?? '0';
  const ids = idsIn(await stack.show());
  await scenario.meanwhile?.(world, ids);
  const { forgotten } = scenario;
  if (forgotten !== undefined) {
    stack.write({
      ...without(forgotten, scenario.before),
      removed: [{ from: forgotten, lifecycle: [{ destroy: false }] }],
    });
    await stack.apply();
  }
  const after = scenario.after(ids[forgotten ?? ''] ?? '0');
  stack.write(after);
  const lines = await stack.must(
    'plan',
    '-json',
    '-input=false',
    '-out=reviewed.bin',
    ...(scenario.words ?? []),
  );
  const plan = JSON.parse(await stack.must('show', '-json', 'reviewed.bin')) as Recorded['plan'];
  const shown = await stack.must('show', 'reviewed.bin');
  const before = machinesOf(world);
  const inventoryBefore = await inventoryOf(world);
  const shownBefore = await stack.show();
  let applied = false;
  const requests = await world.asked(async () => {
    applied = (await stack.run('apply', '-input=false', 'reviewed.bin')).code === 0;
  });
  const shownAfter = await stack.show();
  const inventoryAfter = await inventoryOf(world);
  const reality: Reality = {
    applied,
    before,
    after: machinesOf(world),
    made: inventoryAfter.filter((each) => !inventoryBefore.includes(each)),
    lost: inventoryBefore.filter((each) => !inventoryAfter.includes(each)),
    stateBefore: idsIn(shownBefore),
    stateAfter: idsIn(shownAfter),
    wrote: requests.some(({ method }) => method !== 'GET'),
    outputsChanged: !isDeepStrictEqual(outputsIn(shownBefore), outputsIn(shownAfter)),
  };
  const recorded = {
    scenario: scenario.name,
    plan: trimmed(plan),
    diagnostics: diagnosticsOf(lines),
    reality: { ...reality, ...(await afterwards(world, stack, scenario, after, id, reality)) },
  };
  return { recorded, shown };
}

function without(address: string, configuration: object): object {
  const [type = '', name = ''] = address.split('.');
  const { resource } = configuration as {
    readonly resource: Readonly<Record<string, Readonly<Record<string, object>>>>;
  };
  const { [type]: named = {}, ...rest } = resource;
  const others = Object.entries(named).filter(([each]) => each !== name);
  const left = others.length === 0 ? rest : { ...rest, [type]: Object.fromEntries(others) };
  // What has nothing in it is refused.
  return Object.keys(left).length === 0 ? {} : { resource: left };
}

/** Everything that the provider has for our team, each as `<collection>/<id>`: so that what is imported is not taken for made. */
async function inventoryOf(world: World): Promise<readonly string[]> {
  const client = world.rig.client(tokens.own);
  const list = async (path: string): Promise<readonly string[]> =>
    (await client.call('GET', path)).list.map((each) => String(each.id));
  const projects = await list(`/v1/teams/${team}/projects`);
  const inProjects = await Promise.all(
    projects.flatMap((project) =>
      ['servers', 'ips'].map(async (kind) =>
        (await list(`/v1/projects/${project}/${kind}`)).map((each) => `${kind}/${each}`),
      ),
    ),
  );
  return [
    ...projects.map((each) => `projects/${each}`),
    ...(await list('/v1/ssh-keys')).map((each) => `ssh-keys/${each}`),
    ...inProjects.flat(),
  ].sort();
}

/** Parts of a plan that a review does not read, and the time at which it was made. */
const unread = ['prior_state', 'planned_values', 'relevant_attributes', 'timestamp'];

const trimmed = (plan: Recorded['plan']): Recorded['plan'] =>
  Object.fromEntries(Object.entries(plan).filter(([name]) => !unread.includes(name)));

const diagnosticsOf = (lines: string): readonly unknown[] =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter(({ type }) => type === 'diagnostic')
    .map((line) => Object.fromEntries(Object.entries(line).filter(([name]) => name !== '@timestamp')));

function machinesOf(world: World): Machines {
  return Object.fromEntries(
    world.rig.machines.all.map(({ serverId, diskGeneration, address }) => [
      String(serverId),
      { disk: diskGeneration, address },
    ]),
  );
}

const outputsIn = (state: ShownState): unknown =>
  (state.values as { readonly outputs?: unknown } | undefined)?.outputs;

function idsIn(state: ShownState): Ids {
  const resources = state.values?.root_module.resources ?? [];
  return Object.fromEntries(resources.map(({ address, values }) => [address, String(values['id'])]));
}

interface ServerBlock {
  readonly lifecycle?: object;
  readonly user_data?: unknown;
}

/** What lies in wait once the plan has been applied: found out by doing it. */
async function afterwards(
  world: World,
  stack: Stack,
  scenario: Scenario,
  after: object,
  id: string,
  reality: Reality,
): Promise<Partial<Reality>> {
  const survived = reality.before[id]?.disk === reality.after[id]?.disk && reality.after[id] !== undefined;
  const address = Object.keys(reality.stateAfter).find((each) => each.startsWith('cherryservers_server.'));
  if (!reality.applied || !survived || address === undefined) return {};
  const name = address.split('.')[1] ?? '';
  const written = after as {
    readonly resource: { readonly cherryservers_server: Readonly<Record<string, ServerBlock>> };
    readonly output?: object;
  };
  const configuration = (change: object): object => ({
    ...written,
    resource: {
      ...written.resource,
      cherryservers_server: { [name]: { ...written.resource.cherryservers_server[name], ...change } },
    },
  });
  const wipes = async (change: object): Promise<'nothing' | 'wipes' | 'refused'> => {
    const disk = machinesOf(world)[id]?.disk;
    stack.write(configuration({ lifecycle: {}, ...change }));
    const { code } = await stack.run('apply', '-auto-approve', '-input=false');
    if (code !== 0) return 'refused';
    return machinesOf(world)[id]?.disk === disk ? 'nothing' : 'wipes';
  };
  const withoutIgnoring = scenario.forgotten?.startsWith('cherryservers_server.')
    ? { withoutIgnoring: await wipes({}) }
    : {};
  const probe = Buffer.from('#cloud-config\n# probe\n').toString('base64');
  return { ...withoutIgnoring, nextChangeWipes: (await wipes({ user_data: probe })) === 'wipes' };
}
