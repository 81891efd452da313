import { team } from '../emulator/rig';
import { app, userData, withServer } from './configuration';
import { World } from './run';

/** Milliseconds: on a machine that has built nothing yet, the stand-in is compiled first. */
const build = 10 * 60_000;

// Each test runs Terraform several times, which takes long on a busy machine.
jest.setTimeout(3 * 60_000);

let world: World;
beforeAll(async () => {
  world = await World.start();
}, build);
afterAll(() => world.remove());

describe('how things get lost', () => {
  const inject = (when: object, then: object): Promise<unknown> =>
    world.rig.control('POST', 'faults', { when, then });

  beforeEach(() => world.rig.control('POST', 'reset'));

  test('one refused poll leaves a server that Terraform does not know, and the next apply orders its twin', async () => {
    const stack = await world.stack(withServer());
    const refusal = { kind: 'answer', status: 429, body: { code: 429, message: 'Too many requests.' } };
    await inject({ path: '/v1/servers/*', query: { fields: 'state' } }, refusal);
    expect(await stack.mustFail('apply', '-auto-approve', '-input=false')).toContain(
      'Error response from API: Too many requests. (error code: 429)',
    );
    expect(await stack.valuesOf(app)).toBeUndefined();
    expect(world.rig.machines.all).toHaveLength(1);
    await stack.apply();
    expect(world.rig.machines.all).toHaveLength(2);
  });

  test('a proxy’s error page in a refresh crashes the plugin', async () => {
    const stack = await world.stack(withServer());
    await stack.apply();
    await inject(
      { method: 'GET', path: '/v1/servers/*' },
      { kind: 'answer', status: 502, body: '<h1>502 Bad Gateway</h1>' },
    );
    expect(await stack.mustFail('plan', '-input=false')).toMatch(/plugin (did not respond|crashed)/i);
    expect(await stack.valuesOf(app)).toBeDefined();
  });

  test('a reinstallation that fails is an error once; the next plan is clean although the old disk is gone', async () => {
    const stack = await world.stack(withServer({ allow_reinstall: true }));
    await stack.apply();
    await inject(
      { method: 'GET', path: '/v1/servers/*', query: { fields: 'status' } },
      { kind: 'answer', status: 200, body: { status: 'failed deployment' } },
    );
    stack.write(withServer({ allow_reinstall: true, user_data: userData('second') }));
    expect(await stack.mustFail('apply', '-auto-approve', '-input=false')).toContain(
      'server is in unknown status',
    );
    expect((await stack.plan()).actions).toEqual({});
  });

  test('BGP of a project that is switched on ends in an error, since its number was promised to stay; the change is made', async () => {
    const project = (changes: object): object => ({
      resource: { cherryservers_project: { it: { name: 'cogni', team_id: team, ...changes } } },
    });
    const stack = await world.stack(project({}));
    await stack.apply();
    const switched = project({ bgp: { enabled: true } });
    stack.write(switched);
    expect(await stack.mustFail('apply', '-auto-approve', '-input=false')).toMatch(
      /inconsistent result after apply .*local_asn: was cty\.NumberIntVal\(0\), but now/,
    );
    expect((await stack.valuesOf('cherryservers_project.it'))?.['bgp']).toMatchObject({ enabled: true });
    expect((await stack.plan()).actions).toEqual({});
  });

  test('a host that was rebuilt behind its id, with the record unchanged, plans nothing', async () => {
    const stack = await world.stack(withServer());
    await stack.apply();
    const id = String((await stack.valuesOf(app))!['id']);
    await world.rig.control('POST', `machines/${id}/reinstall`, {});
    expect(world.rig.machines.all).toMatchObject([{ diskGeneration: 2 }]);
    expect(await stack.must('plan', '-detailed-exitcode', '-input=false')).toContain('No changes.');
  });

  test('a server that was deleted elsewhere is planned anew', async () => {
    const stack = await world.stack(withServer());
    await stack.apply();
    const id = String((await stack.valuesOf(app))!['id']);
    await world.rig.client().call('DELETE', `/v1/servers/${id}`);
    expect((await stack.plan()).actions[app]).toEqual(['create']);
  });
});
