import type { Answer, ApiObject } from './client';
import { decodeFaults } from './decode';
import document from './provider-v1.5.3-requests.json';
import { keyTexts, project, Rig } from './rig';

interface Step {
  readonly method: string;
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly ok: readonly number[];
}

const operations = document.operations as unknown as Readonly<Record<string, readonly Step[]>>;

/** What each path answers with, as the Go client decodes it. */
const types: readonly [method: string, path: RegExp, type: string][] = [
  ['GET', /\/servers\/\d+\?fields=power$/, 'PowerState'],
  ['*', /\/servers\/\d+(\/actions|\?.*)?$/, 'Server'],
  ['POST', /\/projects\/\d+\/servers$/, 'Server'],
  ['GET', /\/projects\/\d+\/servers/, '[]Server'],
  ['POST', /\/projects\/\d+\/ips$/, 'IPAddress'],
  ['GET', /\/projects\/\d+\/ips$/, '[]IPAddress'],
  ['*', /\/ips\/[^/]+$/, 'IPAddress'],
  ['POST', /\/ssh-keys$/, 'SSHKey'],
  ['GET', /\/ssh-keys\?/, '[]SSHKey'],
  ['*', /\/ssh-keys\/\d+$/, 'SSHKey'],
  ['POST', /\/teams\/\d+\/projects$/, 'Project'],
  ['GET', /\/teams\/\d+\/projects$/, '[]Project'],
  ['*', /\/projects\/\d+$/, 'Project'],
  ['GET', /\/plans\/[^/]+\/images$/, '[]Image'],
  ['GET', /\/plans\/[^/]+$/, 'Plan'],
  ['GET', /\/plans$/, '[]Plan'],
  ['GET', /\/regions\/[^/]+$/, 'Region'],
  ['GET', /\/regions$/, '[]Region'],
  ['GET', /\/cycles$/, '[]ServerCycle'],
  ['GET', /\/teams$/, '[]Team'],
  ['GET', /\/teams\/\d+$/, 'Team'],
  ['GET', /\/user$/, 'User'],
];

function typeOf(method: string, path: string): string {
  const type = types.find(([of, pattern]) => (of === '*' || of === method) && pattern.test(path))?.[2];
  if (type === undefined) throw new Error(`there is no type for ${method} ${path}`);
  return type;
}

/** What the client could not decode of an answer, and tags that are not an object, which the provider cannot bear. */
function faultsOf(method: string, path: string, answer: Answer): string[] {
  if (answer.status === 204) return answer.text === '' ? [] : ['204 with a body'];
  const value = JSON.parse(answer.text) as unknown;
  return [...decodeFaults(value, typeOf(method, path)), ...tagFaults(value, path)];
}

function tagFaults(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'tags'
      ? typeof inner === 'object' && inner !== null
        ? []
        : [`${path}.tags is ${JSON.stringify(inner)}`]
      : tagFaults(inner, `${path}.${name}`),
  );
}

type Id = string | number;

/** What the placeholders of a sequence stand for: `{name}` in paths, and values of bodies (undefined = left out). */
interface Filling {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Steps that this run does not make. */
  readonly without?: (step: Step) => boolean;
}

const replayed = new Set<string>();

describe('the requests of provider 1.5.3, in its order, over its proxy and TLS', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.start();
  });
  afterAll(() => rig.remove());

  /** Makes the calls of one operation, each of which must answer as the provider needs it. */
  async function replay(operation: string, filling: Filling = {}): Promise<Answer[]> {
    replayed.add(operation);
    const answers: Answer[] = [];
    let id = filling.path?.['id'];
    for (const step of operations[operation]!) {
      if (filling.without?.(step)) continue;
      const path = step.path.replace(/\{([^}]+)\}/g, (_, name: string) =>
        String((name === 'id' ? id : undefined) ?? filling.path?.[name]),
      );
      const filled = Object.entries(filling.body ?? {}).filter(([name]) => step.body && name in step.body);
      const answer = await rig
        .client()
        .call(step.method, path, step.body && { ...step.body, ...Object.fromEntries(filled) });
      if (!step.ok.includes(answer.status))
        throw new Error(`${step.method} ${path}: ${answer.status} ${answer.text}`);
      expect(faultsOf(step.method, path, answer)).toEqual([]);
      // The provider goes on with the id in the answer.
      if (step.method === 'POST' || step.method === 'PUT') {
        expect(answer.body.id).toBeDefined();
        id = answer.body.id;
      }
      answers.push(answer);
    }
    return answers;
  }

  const last = (answers: Answer[]): ApiObject => answers.at(-1)!.body;

  // Ids, from the first answer that holds them.
  let key: Id;
  let server: Id;
  let primary: Id;
  let floating: Id;
  const plan = 'B1-2-2gb-40s-shared';
  const inProject = { project_id: project };
  const keyBody = { label: 'deploy', key: keyTexts[0] };

  test('an SSH key is created, and read back with the very text that was sent', async () => {
    const read = last(await replay('ssh_key.create', { body: keyBody }));
    expect(read).toMatchObject({ id: 13001, label: 'deploy', key: keyTexts[0] });
    expect(read.fingerprint).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    key = read.id!;
    await replay('ssh_key.read', { path: { id: key } });
    await replay('data.ssh_key(id)', { path: { id: key } });
    await replay('data.ssh_key(name)', { path: { id: key } });
  });

  test('an SSH key changes its text under the same id', async () => {
    const changed = last(
      await replay('ssh_key.update', { path: { id: key }, body: { label: 'deploy', key: keyTexts[1] } }),
    );
    expect(changed).toMatchObject({ id: key, key: keyTexts[1] });
    await replay('ssh_key.update', { path: { id: key }, body: keyBody });
  });

  test('a server is ordered, and is active in the first poll', async () => {
    const [ordered, state, power, put, read, images] = await replay('server.create', {
      path: { ...inProject, 'plan.slug': plan },
      body: { ssh_keys: [String(key)] },
    });
    expect(ordered!.body).toMatchObject({
      id: 811000,
      state: 'pending',
      status: 'deploying',
      ip_addresses: [],
      tags: {},
    });
    expect(state!.body).toEqual({ state: 'active' });
    expect(power!.body).toEqual({ power: 'on' });
    expect(put!.body).toMatchObject({ id: 811000, name: 'prod-app', bgp: { enabled: false } });
    expect(read!.body).toMatchObject({
      hostname: 'prod-app',
      status: 'deployed',
      region: { slug: 'LT-Siauliai' },
    });
    expect(read!.body.ssh_keys!.map((entry) => entry.id)).toEqual([key]);
    // The provider turns the image's name into its slug with the plan's list; both must agree.
    const image = images!.list.find(({ name }) => name === read!.body.image);
    expect(image?.slug).toBe('ubuntu_22_04');
    server = ordered!.body.id!;
    const addresses = read!.body.ip_addresses!;
    primary = addresses.find(({ type }) => type === 'primary-ip')!.id!;
    expect(addresses.map(({ type, address }) => [type, address])).toEqual([
      ['primary-ip', '172.30.5.100'],
      ['private-ip', '10.168.101.16'],
    ]);
    expect(rig.machines.all).toMatchObject([
      { serverId: server, address: '172.30.5.100', authorizedKeys: [keyTexts[0]] },
    ]);
  });

  test('a server is read, by id and by host name', async () => {
    const path = { ...inProject, id: server, 'plan.slug': plan };
    const [read] = await replay('server.read', { path });
    expect((await replay('data.server(id)', { path }))[0]!.body).toEqual(read!.body);
    const [found] = await replay('data.server(hostname,project_id)', { path });
    expect(found!.list).toMatchObject([{ id: server, hostname: 'prod-app' }]);
  });

  test('a server is renamed and tagged in place', async () => {
    const change = { name: 'renamed', hostname: 'prod-app', tags: { env: 'prod' } };
    const [, read] = await replay('server.update', { path: { id: server, 'plan.slug': plan }, body: change });
    expect(read!.body).toMatchObject(change);
  });

  test('a server is reinstalled: the disk is new, the primary address stays, the private one need not', async () => {
    const before = (await rig.client().get(`/v1/servers/${server}`)).body;
    const [acted, polled, , read] = await replay('server.update+reinstall', {
      path: { id: server, 'plan.slug': plan },
      body: { ssh_keys: [String(key)], password: 'aB3defghijklmnopqrst' },
    });
    expect(acted!.body).toMatchObject({ id: server, state: 'active', status: 'deploying' });
    expect(polled!.body).toEqual({ status: 'deployed' });
    expect(read!.body.ip_addresses![0]!.address).toBe(before.ip_addresses![0]!.address);
    expect(read!.body.ip_addresses![1]!.address).not.toBe(before.ip_addresses![1]!.address);
    expect(rig.machines.all).toMatchObject([{ serverId: server, diskGeneration: 2 }]);
  });

  test('a floating address is ordered, targeted to a server and read back with the names that the API makes of its records', async () => {
    const read = last(
      await replay('ip.create', {
        path: inProject,
        body: { targeted_to: String(server), routed_to: undefined },
      }),
    );
    expect(read).toMatchObject({
      address: '172.30.5.200',
      cidr: '172.30.5.200/32',
      type: 'floating-ip',
      ptr_record: 'app.example.org.',
      a_record: 'prodapp.cloud.cherryservers.net.',
      targeted_to: { id: server },
      routed_to: { id: primary },
      tags: {},
    });
    floating = read.id!;
    await replay('ip.read', { path: { id: floating } });
    await replay('data.ip(id)', { path: { id: floating } });
    const [all] = await replay('data.ip(address,project_id)', { path: { ...inProject, id: floating } });
    expect(all!.list.map(({ type }) => type)).toEqual(['primary-ip', 'private-ip', 'floating-ip']);
  });

  test('a floating address is retargeted with its records sent again, as the provider does', async () => {
    const body = { ptr_record: undefined, routed_to: primary, targeted_to: undefined };
    expect(last(await replay('ip.update', { path: { id: floating }, body }))).toMatchObject({
      targeted_to: { id: server },
    });
  });

  test('a floating address is freed and deleted', async () => {
    const [freed] = await replay('ip.delete', { path: { id: floating } });
    expect(freed!.body.targeted_to).toBeUndefined();
    expect((await rig.client().get(`/v1/ips/${floating}`)).status).toBe(404);
  });

  test('a project is created, read, changed and deleted', async () => {
    const id = last(await replay('project.create', { path: { team_id: 94000 } })).id!;
    expect(id).toBe(255001);
    expect(last(await replay('project.read', { path: { id } })).bgp?.enabled).toBe(true);
    await replay('data.project', { path: { id } });
    expect(last(await replay('project.update', { path: { id } })).bgp?.enabled).toBe(false);
    await replay('project.delete', { path: { id } });
  });

  test('a server is deleted, and gone with its machine', async () => {
    await replay('server.delete', { path: { id: server } });
    expect((await rig.client().get(`/v1/servers/${server}`)).status).toBe(404);
    expect(rig.machines.all).toEqual([]);
    await replay('ssh_key.delete', { path: { id: key } });
  });

  test('regions, plans and cycles are listed and found by slug and id', async () => {
    for (const wanted of ['LT-Siauliai', 1]) await replay('data.region', { path: { 'slug|id': wanted } });
    for (const wanted of [plan, 902]) await replay('data.plan', { path: { 'slug|id': wanted } });
    for (const operation of ['data.regions', 'data.plans', 'data.cycles']) await replay(operation);
    const plans = (await rig.client().get('/v1/plans')).list;
    // The provider panics on a place without a region in it.
    for (const place of plans.flatMap(({ available_regions: places }) => places))
      expect(place?.slug).toBeDefined();
  });

  test('what a preflight asks for is answered too: user, teams, projects of a team', async () => {
    for (const path of ['/v1/user', '/v1/teams', '/v1/teams/94000', '/v1/teams/94000/projects']) {
      const answer = await rig.client().get(path);
      expect([path, answer.status, faultsOf('GET', path, answer)]).toEqual([path, 200, []]);
    }
    expect((await rig.client().get('/v1/teams/94000/projects')).list).toMatchObject([
      { id: project, name: 'sandbox' },
    ]);
  });

  test('no operation of the provider was left out', () => {
    expect([...replayed].sort()).toEqual(Object.keys(operations).sort());
  });
});
