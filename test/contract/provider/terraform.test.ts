import { keyTexts, project } from '../emulator/rig';
import { app, key, server, userData, withServer } from './configuration';
import { World, type Stack } from './run';
import { about, expected, seen, sent } from './sequence';
import document from '../emulator/provider-v1.5.3-requests.json';

/** Milliseconds: on a machine that has built nothing yet, the stand-in is compiled first. */
const build = 10 * 60_000;

// What a server's order, change and reinstallation leave out when it is not configured.
const unset = ['os_partition_size'];

// Each test runs Terraform several times, which takes long on a busy machine.
jest.setTimeout(3 * 60_000);

let world: World;
beforeAll(async () => {
  world = await World.start();
}, build);
afterAll(() => world.remove());

describe('a server, by the program that runs the stacks, through the stand-in, at the emulator', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await world.stack(withServer());
  });

  test('is ordered after its key, with the requests of the file in their order', async () => {
    const requests = await world.asked(() => stack.apply());
    expect(sent(requests)).toEqual(expected(['ssh_key.create', 'server.create'], unset));
    expect(await stack.valuesOf(app)).toMatchObject({
      hostname: 'prod-app',
      image: 'ubuntu_22_04',
      state: 'active',
      power_state: 'on',
      tags: {},
      spot_instance: false,
      allow_reinstall: false,
      user_data: userData('first'),
    });
  });

  test('is known to the emulator by the headers of the provider', async () => {
    const [first] = await world.asked(() => stack.must('refresh'));
    // OpenTofu tells providers the Terraform version that it is compatible with, not its own.
    const told = /terraform\/(\d+\.\d+\.\d+) /.exec(first!.userAgent ?? '')?.[1] ?? 'none';
    if (world.terraform.product === 'terraform') expect(told).toBe(world.terraform.version);
    expect(first!.userAgent).toBe(document.headers['User-Agent'].replace('<core version>', told));
    expect(first!.connection).toBe('close');
    expect(first!.authorization).toBe('Bearer (token own)');
  });

  test('that is as it is written plans nothing, and is read with the requests of the file', async () => {
    const requests = await world.asked(async () => {
      expect(await stack.must('plan', '-detailed-exitcode', '-input=false')).toContain('No changes.');
    });
    expect(sent(about(/servers|plans/, requests))).toEqual(expected(['server.read']));
    expect(sent(about(/ssh-keys/, requests))).toEqual(expected(['ssh_key.read']));
  });

  test('is renamed and tagged in place', async () => {
    stack.write(withServer({ name: 'renamed', tags: { env: 'preview' } }));
    expect((await stack.plan()).actions).toEqual({ [app]: ['update'] });
    const requests = await world.asked(() => stack.apply());
    expect(sent(about(/servers|plans/, requests))).toEqual(expected(['server.read', 'server.update']));
    expect(await stack.valuesOf(app)).toMatchObject({ name: 'renamed', tags: { env: 'preview' } });
  });

  test('with other user data plans an update in place, and a warning of the wipe is all that tells of it', async () => {
    stack.write(withServer({ name: 'renamed', tags: { env: 'preview' }, user_data: userData('second') }));
    const { actions, said } = await stack.plan();
    expect(actions).toEqual({ [app]: ['update'] });
    expect(said).toContain('will be updated in-place');
    expect(said).toContain('wipe all of your data');
  });

  test('is not reinstalled unless that is allowed, which is said only at apply, and nothing is sent', async () => {
    const requests = await world.asked(async () => {
      expect(await stack.mustFail('apply', '-auto-approve', '-input=false')).toContain(
        'allow_reinstall attribute not set',
      );
    });
    expect(requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(world.rig.machines.all).toMatchObject([{ diskGeneration: 1 }]);
  });

  test('is reinstalled where that is allowed: same id, same address, empty disk', async () => {
    const before = await stack.valuesOf(app);
    stack.write(
      withServer({
        name: 'renamed',
        tags: { env: 'preview' },
        user_data: userData('second'),
        allow_reinstall: true,
      }),
    );
    const requests = await world.asked(() => stack.apply());
    expect(sent(about(/servers|plans/, requests))).toEqual(
      expected(['server.read', 'server.update+reinstall'], unset),
    );
    const after = await stack.valuesOf(app);
    expect(after).toMatchObject({ id: before!['id'], user_data: userData('second') });
    expect(primaryOf(after)).toBe(primaryOf(before));
    expect(world.rig.machines.all).toMatchObject([{ diskGeneration: 2 }]);
    expect((await stack.plan()).actions).toEqual({});
  });

  test('that was imported has no user data, so a configuration with some plans a wipe', async () => {
    const id = String((await stack.valuesOf(app))!['id']);
    const imported = await world.stack(withServer({ name: 'renamed', tags: { env: 'preview' } }));
    const requests = await world.asked(() => imported.must('import', '-input=false', app, id));
    expect(sent(about(/servers|plans/, requests))).toEqual(expected(['server.read']));
    expect(await imported.valuesOf(app)).toMatchObject({ id, user_data: null, hostname: 'prod-app' });
    const { actions, said } = await imported.plan();
    expect(actions[app]).toEqual(['update']);
    expect(said).toContain('wipe all of your data');
  });

  test('in another region is another server', async () => {
    stack.write(withServer({ region: 'NL-Amsterdam' }));
    expect((await stack.plan()).actions[app]).toEqual(['delete', 'create']);
  });

  test('is found by data sources with the requests of the file', async () => {
    const id = String((await stack.valuesOf(app))!['id']);
    const found = await world.stack({
      data: {
        cherryservers_server: { by_id: { id } },
      },
      output: { image: { value: '${data.cherryservers_server.by_id.image}' } },
    });
    const byId = await world.asked(() => found.apply());
    expect(sent(byId)).toEqual(expected(['data.server(id)']));
    expect((await found.must('output', '-raw', 'image')).trim()).toBe('ubuntu_22_04');
    found.write({
      data: { cherryservers_server: { by_name: { hostname: 'PROD-APP', project_id: project } } },
    });
    expect(sent(await world.asked(() => found.apply()))).toEqual(
      expected(['data.server(hostname,project_id)']),
    );
  });

  test('is destroyed before its key, with the requests of the file', async () => {
    const requests = await world.asked(() => stack.must('destroy', '-auto-approve', '-input=false'));
    const changes = requests.filter(({ method }) => method !== 'GET');
    expect(sent(changes)).toEqual(expected(['server.delete', 'ssh_key.delete']));
    expect(world.rig.machines.all).toEqual([]);
  });
});

describe('the other things of the account', () => {
  const target = { cherryservers_ssh_key: { deploy: key }, cherryservers_server: { app: server } };
  const untargeted = {
    project_id: project,
    region: 'LT-Siauliai',
    a_record: 'prodapp',
    ptr_record: 'app.example.org',
  };
  const address = { ...untargeted, target_hostname: '${cherryservers_server.app.hostname}' };
  // Exclusive with the server as the target, so an order never carries it.
  const routed = ['routed_to'];

  test('a floating address is ordered, changed and deleted with the requests of the file', async () => {
    const stack = await world.stack({ resource: { ...target, cherryservers_ip: { edge: address } } });
    const ordered = await world.asked(() => stack.apply());
    expect(sent(ordered.slice(-3))).toEqual(expected(['ip.create'], routed));
    expect(await stack.valuesOf('cherryservers_ip.edge')).toMatchObject({
      a_record: 'prodapp',
      a_record_effective: 'prodapp.cloud.cherryservers.net.',
      ptr_record_effective: 'app.example.org.',
      target_hostname: 'prod-app',
    });
    expect((await stack.plan()).actions).toEqual({});

    stack.write({
      resource: { ...target, cherryservers_ip: { edge: { ...address, tags: { env: 'preview' } } } },
    });
    const changed = await world.asked(() => stack.apply());
    expect(sent(about(/\/ips/, changed))).toEqual(expected(['ip.read', 'ip.update'], ['ptr_record']));

    const id = String((await stack.valuesOf('cherryservers_ip.edge'))!['id']);
    const found = await world.stack({ data: { cherryservers_ip: { by_id: { id } } } });
    expect(sent(await world.asked(() => found.apply()))).toEqual(expected(['data.ip(id)']));
    const text = String((await stack.valuesOf('cherryservers_ip.edge'))!['address']);
    found.write({ data: { cherryservers_ip: { by_address: { address: text, project_id: project } } } });
    expect(sent(await world.asked(() => found.apply()))).toEqual(expected(['data.ip(address,project_id)']));

    // Dropping the target from the configuration leaves the address attached, and plans nothing.
    stack.write({
      resource: { ...target, cherryservers_ip: { edge: { ...untargeted, tags: { env: 'preview' } } } },
    });
    expect((await stack.plan()).actions).toEqual({});

    stack.write({ resource: target });
    const deleted = await world.asked(() => stack.apply());
    expect(sent(about(/\/ips/, deleted)).slice(1)).toEqual(expected(['ip.delete']));
    await stack.must('destroy', '-auto-approve', '-input=false');
  });

  test('a key changes its text in place, under the same id', async () => {
    const stack = await world.stack({ resource: { cherryservers_ssh_key: { deploy: key } } });
    await stack.apply();
    const before = (await stack.valuesOf('cherryservers_ssh_key.deploy'))!['id'];
    stack.write({ resource: { cherryservers_ssh_key: { deploy: { ...key, public_key: keyTexts[1] } } } });
    const requests = await world.asked(() => stack.apply());
    expect(sent(requests)).toEqual(expected(['ssh_key.read', 'ssh_key.update']));
    expect((await stack.valuesOf('cherryservers_ssh_key.deploy'))!['id']).toBe(before);

    const found = await world.stack({ data: { cherryservers_ssh_key: { by_name: { name: 'deploy' } } } });
    expect(sent(await world.asked(() => found.apply()))).toEqual(expected(['data.ssh_key(name)']));
    found.write({ data: { cherryservers_ssh_key: { by_id: { id: String(before) } } } });
    expect(sent(await world.asked(() => found.apply()))).toEqual(expected(['data.ssh_key(id)']));
    await stack.must('destroy', '-auto-approve', '-input=false');
  });

  test('a project is made, changed, imported and deleted with the requests of the file', async () => {
    const named = (name: string): object => ({
      resource: { cherryservers_project: { mine: { name, team_id: 94000, bgp: { enabled: true } } } },
    });
    const stack = await world.stack(named('mine'));
    expect(sent(await world.asked(() => stack.apply()))).toEqual(expected(['project.create']));
    expect((await stack.plan()).actions).toEqual({});
    stack.write(named('renamed'));
    expect(sent(await world.asked(() => stack.apply()))).toEqual(
      expected(['project.read', 'project.update']),
    );

    const id = Number((await stack.valuesOf('cherryservers_project.mine'))!['id']);
    const found = await world.stack({ data: { cherryservers_project: { mine: { id } } } });
    expect(sent(await world.asked(() => found.apply()))).toEqual(expected(['data.project']));
    const imported = await world.stack(named('renamed'));
    await imported.must('import', '-input=false', 'cherryservers_project.mine', `94000,${id}`);
    expect((await imported.plan()).actions).toEqual({});

    const deleted = await world.asked(() => stack.must('destroy', '-auto-approve', '-input=false'));
    expect(sent(deleted).slice(1)).toEqual(expected(['project.delete']));
  });

  test.each([
    ['data.region', { cherryservers_region: { one: { slug: 'LT-Siauliai' } } }],
    ['data.regions', { cherryservers_regions: { all: {} } }],
    ['data.plan', { cherryservers_plan: { one: { slug: 'B1-2-2gb-40s-shared' } } }],
    ['data.plans', { cherryservers_plans: { all: {} } }],
    ['data.cycles', { cherryservers_cycles: { all: {} } }],
  ])('%s is read with the requests of the file', async (operation, data) => {
    const stack = await world.stack({ data });
    expect(sent(await world.asked(() => stack.apply()))).toEqual(expected([operation]));
  });

  test('a gate of the null provider runs again when what triggers it changes', async () => {
    const gate = (host: string): object => ({
      resource: { null_resource: { gate: { triggers: { host } } } },
    });
    const stack = await world.stack(gate('1'));
    await stack.apply();
    expect((await stack.plan()).actions).toEqual({});
    stack.write(gate('2'));
    expect((await stack.plan()).actions).toEqual({ 'null_resource.gate': ['delete', 'create'] });
  });
});

test('no operation of the requests file was left out', () => {
  expect([...seen].sort()).toEqual(Object.keys(document.operations).sort());
});

function primaryOf(values: Readonly<Record<string, unknown>> | undefined): unknown {
  const addresses = values!['ip_addresses'] as { readonly type: string; readonly address: string }[];
  return addresses.find(({ type }) => type === 'primary-ip')!.address;
}
