import { project } from '../emulator/rig';
import { app, key, server, userData, withServer } from '../provider/configuration';
import type { Outcome } from './outcome';
import { edge, type Met } from './scene';

const primary =
  '${one([for a in cherryservers_server.app.ip_addresses : a.address if a.type == "primary-ip"])}';
const withOutput = (changes: object = {}): object => ({
  ...withServer(changes),
  output: { host: { value: primary } },
});

/** The machine behind the id is another one: another address, an empty disk, no keys, another host key. */
async function replaced({ scene, before }: Met): Promise<void> {
  const { machine } = await scene.host();
  expect(machine).toMatchObject({ diskGeneration: 2, authorizedKeys: [] });
  expect(machine!.address).not.toBe(before[0]!.machine!.address);
  expect(machine!.hostKey).not.toBe(before[0]!.machine!.hostKey);
}

const withExtraAddress = (changes: object = {}): object => ({
  resource: {
    cherryservers_ssh_key: { deploy: key },
    cherryservers_ip: { edge: { project_id: project, region: server.region } },
    cherryservers_server: {
      app: { ...server, extra_ip_addresses_ids: [`\${${edge}.id}`], ...changes },
    },
  },
});

/** Machines that are swapped, servers that go and come. */
export const replacing: readonly Outcome[] = [
  {
    mode: 10,
    variant: 'plain',
    applied: withOutput(),
    terraform: async (met) => {
      await replaced(met);
      expect(await met.scene.plan(met.stack)).toMatchObject({ actions: {}, outputs: [], verdict: 'NO-OP' });
      expect((await met.scene.host()).api.address).toBe(met.before[0]!.machine!.address);
    },
  },
  {
    mode: 11,
    variant: 'plain',
    applied: withOutput(),
    terraform: async (met) => {
      const { scene, stack } = met;
      await replaced(met);
      expect(await scene.plan(stack)).toMatchObject({ actions: {}, outputs: ['host'], verdict: 'REVIEW' });
      await stack.apply();
      expect(scene.output(stack, 'host')).toBe((await scene.host()).machine!.address);
      expect((await scene.host()).machine).toMatchObject({ diskGeneration: 2 });
    },
  },
  {
    mode: 12,
    variant: 'plain',
    applied: withOutput({ allow_reinstall: true }),
    terraform: async (met) => {
      const { scene, stack } = met;
      await replaced(met);
      const wipe = await scene.plan(stack);
      expect(wipe).toMatchObject({ actions: { [app]: ['update'] }, verdict: 'WIPE' });
      expect(wipe.said).toContain('wipe all of your data');
      stack.write(withOutput());
      expect((await scene.plan(stack)).verdict).toBe('DOOMED');
      expect(await scene.failedApply(stack)).toContain('allow_reinstall attribute not set');
    },
  },
  {
    mode: 13,
    variant: 'plain',
    applied: withOutput(),
    terraform: async ({ scene, stack, before }) => {
      expect(await scene.hosts()).toEqual([]);
      await stack.apply();
      const { api, machine } = await scene.host();
      expect(api.id).not.toBe(before[0]!.api.id);
      expect(machine!.address).toBe(before[0]!.machine!.address);
      expect(machine!.hostKey).not.toBe(before[0]!.machine!.hostKey);
    },
  },
  {
    mode: 16,
    variant: 'plain',
    applied: withExtraAddress(),
    wanted: withExtraAddress({ plan: 'B1-4-4gb-80s-shared' }),
    terraform: async ({ scene, stack }) => {
      expect(await scene.failedApply(stack)).toMatch(/assigned to another server.*\(error code: 400\)/);
      expect(scene.inState(stack, app)).toBeUndefined();
      expect((await scene.host()).api.state).toBe('terminating');
      stack.write(withExtraAddress({ extra_ip_addresses_ids: null }));
      await stack.apply();
      expect((await scene.hosts()).map(({ api }) => api.state)).toEqual(['terminating', 'active']);
    },
  },
  {
    mode: 17,
    variant: 'plain',
    applied: withServer(),
    terraform: async ({ scene, stack }) => {
      expect(await stack.mustFail('destroy', '-auto-approve', '-input=false')).toContain('(error code: 404)');
      expect(await scene.hosts()).toEqual([]);
      expect(scene.inState(stack, app)).toBeDefined();
      expect((await scene.plan(stack)).actions).toEqual({ [app]: ['create'] });
    },
  },
  {
    mode: 19,
    variant: 'plain',
    applied: withServer({ allow_reinstall: true }),
    wanted: withServer({ allow_reinstall: true, user_data: userData('second') }),
    terraform: async ({ scene, stack }) => {
      expect(await scene.failedApply(stack)).toContain('server is in unknown status');
      expect(await scene.host()).toMatchObject({ api: { status: 'failed deployment' }, machine: null });
      expect(scene.inState(stack, app)!.values['user_data']).toBe(userData('second'));
      expect(await scene.plan(stack)).toMatchObject({ actions: {}, verdict: 'NO-OP' });
    },
  },
  {
    mode: 20,
    variant: 'plain',
    applied: withServer({ allow_reinstall: true }),
    wanted: withServer({ allow_reinstall: true, user_data: userData('second') }),
    terraform: async ({ scene, stack }) => {
      await stack.apply();
      expect(await scene.asked(/fields=status$/)).toHaveLength(1);
      expect((await scene.host()).api.status).toBe('deploying');
    },
  },
  ...(['address', 'power'] as const).map((variant): Outcome => ({
    mode: 21,
    variant,
    applied: withServer({ allow_reinstall: true }),
    wanted: withServer({ allow_reinstall: true, user_data: userData('second') }),
    terraform: async ({ scene, stack, before }) => {
      expect(await scene.failedApply(stack)).toContain('inconsistent result after apply');
      const { machine } = await scene.host();
      expect(machine).toMatchObject({ diskGeneration: 2, running: variant === 'address' });
      expect(machine!.address === before[0]!.machine!.address).toBe(variant === 'power');
    },
  })),
  {
    mode: 26,
    variant: 'plain',
    applied: withServer({ spot_instance: true }),
    terraform: async ({ scene, stack }) => {
      expect((await scene.host()).api.state).toBe('terminating');
      expect(await scene.plan(stack)).toMatchObject({ actions: { [app]: ['create'] }, verdict: 'REVIEW' });
      await stack.must('apply', '-refresh-only', '-auto-approve', '-input=false');
      expect(scene.inState(stack, app)).toBeUndefined();
    },
  },
];
