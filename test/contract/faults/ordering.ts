import { project } from '../emulator/rig';
import { app, server, withServer } from '../provider/configuration';
import type { Outcome } from './outcome';
import { edge, type Met } from './scene';

const orders = /^POST \/v1\/projects\/\d+\/servers$/;
const statePolls = /fields=state$/;

/** Nothing was ordered, and nothing is in the state. */
async function nothingMade({ scene, stack }: Met, address = app): Promise<void> {
  expect(await scene.hosts()).toEqual([]);
  expect(scene.inState(stack, address)).toBeUndefined();
}

/** There is a server that the state does not know: in this state, with this status. */
async function orphaned({ scene, stack }: Met, state = 'active', status = 'deployed'): Promise<void> {
  expect((await scene.host()).api).toMatchObject({ hostname: 'prod-app', state, status });
  expect(scene.inState(stack, app)).toBeUndefined();
}

/** The next apply orders another server of the same name. */
async function twinned({ scene, stack }: Met): Promise<void> {
  await stack.apply();
  expect((await scene.hosts()).map(({ api }) => api.hostname)).toEqual(['prod-app', 'prod-app']);
}

const addressOnly = {
  resource: { cherryservers_ip: { edge: { project_id: project, region: server.region } } },
};

/** Faults that an order meets. */
export const ordering: readonly Outcome[] = [
  {
    mode: 1,
    variant: 'plain',
    terraform: async (met) => {
      expect(await met.scene.failedApply(met.stack)).toContain('Too many requests. (error code: 429)');
      expect(await met.scene.asked(orders)).toHaveLength(1);
      await nothingMade(met);
    },
  },
  {
    mode: 2,
    variant: 'plain',
    terraform: async (met) => {
      expect(await met.scene.failedApply(met.stack)).toContain('Too many requests. (error code: 429)');
      expect(await met.scene.asked(statePolls)).toHaveLength(1);
      await orphaned(met);
      await twinned(met);
    },
  },
  {
    mode: 6,
    variant: 'plain',
    terraform: async ({ scene, stack }) => {
      await stack.apply();
      expect(await scene.asked(statePolls)).toHaveLength(4);
      expect(scene.inState(stack, app)).toMatchObject({ tainted: false, values: { state: 'active' } });
    },
  },
  {
    mode: 7,
    variant: 'plain',
    wanted: withServer({ timeouts: { create: '1s' } }),
    terraform: async (met) => {
      expect(await met.scene.failedApply(met.stack)).toContain('server is in inactive state');
      expect(await met.scene.asked(statePolls)).toHaveLength(1);
      await orphaned(met, 'pending', 'deploying');
    },
  },
  {
    mode: 8,
    variant: 'plain',
    terraform: async (met) => {
      expect(await met.scene.failedApply(met.stack)).toContain('failed to deploy server');
      await orphaned(met, 'failed', 'failed deployment');
      expect((await met.scene.host()).machine).toBeNull();
    },
  },
  {
    mode: 9,
    variant: 'plain',
    terraform: async (met) => {
      expect(await met.scene.failedApply(met.stack)).toMatch(/EOF|connection reset/);
      await orphaned(met);
      await twinned(met);
    },
  },
  {
    mode: 14,
    variant: 'text',
    terraform: async (met) => {
      expect(await met.scene.failedApply(met.stack)).toContain('SSH key exists already. (error code: 400)');
      await nothingMade(met);
      await nothingMade(met, 'cherryservers_ssh_key.deploy');
    },
  },
  {
    mode: 15,
    variant: 'revoked-in-poll',
    terraform: async (met) => {
      expect(await met.scene.failedApply(met.stack)).toContain(
        'No valid API key provided. (error code: 401)',
      );
      await orphaned(met);
    },
  },
  {
    mode: 24,
    variant: 'stock',
    terraform: async (met) => {
      expect(await met.scene.failedApply(met.stack)).toMatch(
        /out of stock in that region.*\(error code: 400\)/,
      );
      await nothingMade(met);
    },
  },
  {
    mode: 24,
    variant: 'addresses',
    wanted: addressOnly,
    terraform: async (met) => {
      expect(await met.scene.failedApply(met.stack)).toMatch(/Floating IP quota.*\(error code: 400\)/);
      await nothingMade(met, edge);
    },
  },
  {
    mode: 24,
    variant: 'servers',
    terraform: async (met) => {
      expect(await met.scene.failedApply(met.stack)).toMatch(/Server quota.*\(error code: 403\)/);
      await nothingMade(met);
    },
  },
  {
    mode: 25,
    variant: 'tags',
    terraform: async ({ scene, stack }) => {
      expect(await scene.failedApply(stack)).toMatch(/inconsistent result after apply.*\.tags/);
      expect(scene.inState(stack, app)).toMatchObject({ tainted: true });
    },
  },
  {
    mode: 25,
    variant: 'id',
    terraform: async (met) => {
      expect(await met.scene.failedApply(met.stack)).toContain('Resource not found. (error code: 404)');
      expect((await met.scene.asked(/^GET \/v1\/servers\//)).at(-1)).toBe('GET /v1/servers/0');
      await orphaned(met);
    },
  },
];
