import { systemClock } from '../../../foundation/clock';
import { project } from '../emulator/rig';
import { app, key, server, withServer } from '../provider/configuration';
import type { Outcome } from './outcome';
import { edge, type Met } from './scene';

const panic = /plugin (did not respond|crashed)/i;

/** A refresh fails with these words, and the state keeps the server. */
async function failsAndKeeps({ scene, stack }: Met, words: RegExp): Promise<void> {
  const said = await scene.failedPlan(stack);
  expect(said).toMatch(words);
  if (words !== panic) expect(said).not.toMatch(panic);
  expect(scene.inState(stack, app)).toMatchObject({ tainted: false });
}

const twoServers = {
  resource: {
    cherryservers_ssh_key: { deploy: key },
    cherryservers_server: { app: server, web: { ...server, hostname: 'web', name: 'web' } },
  },
};
const withAddress = {
  resource: { cherryservers_ip: { edge: { project_id: project, region: server.region } } },
};
const keyOnly = { resource: { cherryservers_ssh_key: { deploy: key } } };

/** Faults that a refresh meets. */
export const reading: readonly Outcome[] = [
  ...['html', 'empty'].map((variant): Outcome => ({
    mode: 3,
    variant,
    applied: withServer(),
    terraform: (met) => failsAndKeeps(met, panic),
  })),
  {
    mode: 4,
    variant: 'plain',
    applied: withServer(),
    terraform: (met) => failsAndKeeps(met, /Service unavailable\. \(error code: 503\)/),
  },
  {
    mode: 5,
    variant: 'reset',
    applied: withServer(),
    terraform: (met) => failsAndKeeps(met, panic),
  },
  {
    mode: 5,
    variant: 'silence',
    applied: withServer(),
    terraform: async ({ scene, stack }) => {
      const ended = new AbortController();
      const plan = scene.world.command(stack.folder, ['plan', '-input=false'], ended.signal);
      const outcome = await Promise.race([plan, silenced(scene)]);
      ended.abort();
      expect(outcome).toBe('no answer came');
      expect((await plan).code).not.toBe(0);
      expect(scene.inState(stack, app)).toMatchObject({ tainted: false });
    },
  },
  {
    mode: 14,
    variant: 'label',
    applied: keyOnly,
    wanted: { ...keyOnly, data: { cherryservers_ssh_key: { found: { name: key.name } } } },
    terraform: async ({ scene, stack }) => {
      expect(await scene.failedPlan(stack)).toContain('multiple SSH keys with the same name');
    },
  },
  {
    mode: 15,
    variant: 'revoked',
    applied: withServer(),
    terraform: (met) => failsAndKeeps(met, /No valid API key provided\. \(error code: 401\)/),
  },
  {
    mode: 15,
    variant: 'read-only',
    applied: withServer(),
    wanted: withServer({ tags: { env: 'preview' } }),
    terraform: async ({ scene, stack }) => {
      expect((await scene.plan(stack)).actions).toEqual({ [app]: ['update'] });
      expect(await scene.failedApply(stack)).toContain('This API key may only read. (error code: 403)');
      expect(scene.inState(stack, app)).toMatchObject({ tainted: false, values: { tags: {} } });
    },
  },
  {
    mode: 18,
    variant: 'plain',
    applied: withAddress,
    terraform: async ({ scene, stack }) => {
      for (let turn = 0; turn < 2; turn += 1)
        expect(await scene.failedPlan(stack)).toContain('(error code: 403)');
      const removed = await scene.world.command(stack.folder, ['state', 'rm', edge]);
      expect(removed).toMatchObject({ code: 0 });
      expect((await scene.plan(stack)).actions).toEqual({ [edge]: ['create'] });
    },
  },
  ...(['region', 'plan'] as const).map((variant): Outcome => ({
    mode: 22,
    variant,
    applied: withServer(),
    terraform: async ({ scene, stack }) => {
      const { actions, verdict } = await scene.plan(stack);
      expect([actions, verdict]).toEqual([{ [app]: ['delete', 'create'] }, 'REPLACE']);
    },
  })),
  ...(['renamed', 'dropped'] as const).map((variant): Outcome => ({
    mode: 23,
    variant,
    applied: withServer(),
    terraform: async (met) => {
      const { scene, stack } = met;
      for (let turn = 0; turn < 2; turn += 1)
        await failsAndKeeps(met, /Unable to normalize CherryServers server image/);
      await scene.control('PATCH', 'catalogue', {
        images: [{ slug: server.image, newName: 'Ubuntu 22.04 64bit' }],
        plans: [{ slug: server.plan, images: [server.image] }],
      });
      expect((await scene.plan(stack)).actions).toEqual({});
    },
  })),
  {
    mode: 25,
    variant: 'type',
    applied: withServer(),
    terraform: (met) => failsAndKeeps(met, /cannot unmarshal string into Go struct field/),
  },
  {
    mode: 27,
    variant: 'plain',
    applied: twoServers,
    terraform: async ({ scene, stack }) => {
      const nextSecond = (): Promise<unknown> => scene.control('POST', 'clock', { advance: 1 });
      expect(await scene.failedPlan(stack)).toContain('(error code: 429)');
      await nextSecond();
      expect(await scene.failedPlan(stack, '-parallelism=1')).toContain('(error code: 429)');
      await nextSecond();
      // One server and its key: four requests.
      await stack.must('plan', '-input=false', `-target=${app}`);
    },
  },
];

/** Comes when a call has been left without an answer for a while. */
async function silenced(scene: Met['scene']): Promise<string> {
  const unanswered = async (): Promise<boolean> =>
    (await scene.world.requests()).some(({ status }) => status === undefined);
  while (!(await unanswered())) await systemClock.sleep(50);
  await systemClock.sleep(700);
  return 'no answer came';
}
