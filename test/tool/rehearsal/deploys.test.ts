import { allWorkflows, scriptOf, type Workflow } from '../../../workflows';
import type { ActionDouble } from '../../rehearsal/actions';
import type { Rehearsal, Run } from '../../rehearsal/rehearsal';
import { environments } from '../../unit/workflows/example';
import { Forge } from './forge';

/** The workflows as they are; only what their steps do is taken away: a checkout lasts until it is let go. */
describe('several runs of the workflows at once', () => {
  let forge: Forge;
  let rehearsal: Rehearsal;
  let commit: string;
  /** Checkouts that are under way. */
  let begun: (() => void)[];

  const all: readonly Workflow[] = allWorkflows(environments);
  const scripts = all.flatMap(({ jobs }) =>
    Object.values(jobs).flatMap(({ steps }) => steps.filter((step) => !('uses' in step))),
  );

  beforeEach(async () => {
    forge = await Forge.make();
    commit = await forge.commit('main', all);
    begun = [];
    const waits: ActionDouble = {
      plays: 'lasts until it is let go',
      inputs: ['ref', 'persist-credentials', 'fetch-depth'],
      run: () => new Promise((resolve) => void begun.push(resolve)),
    };
    const atOnce: ActionDouble = {
      plays: 'is done at once',
      inputs: [
        'node-version',
        'package-manager-cache',
        'terraform_version',
        'terraform_wrapper',
        'name',
        'path',
      ].concat(['run-id', 'github-token', 'if-no-files-found', 'retention-days', 'overwrite']),
      run: () => Promise.resolve(),
    };
    rehearsal = forge.rehearsal({
      environments: { production: { branches: ['main'] }, preview: { branches: ['main'] } },
      actions: {
        'actions/checkout': waits,
        'actions/setup-node': atOnce,
        'hashicorp/setup-terraform': atOnce,
        'actions/download-artifact': atOnce,
        'actions/upload-artifact': atOnce,
      },
      standIns: Object.fromEntries(
        scripts.flatMap((step) =>
          'uses' in step ? [] : [[scriptOf(step), 'nothing of it is asked for here']],
        ),
      ),
    });
  });
  afterEach(() => forge.remove());

  const start = async (file: string, inputs: Readonly<Record<string, string>>): Promise<Run> => {
    const event = { kind: 'workflow_dispatch', file, branch: 'main', commit, inputs } as const;
    const [run] = await rehearsal.start(event);
    if (run === undefined) throw new Error(`${file} did not start`);
    return run;
  };
  const deploy = (): Promise<Run> => start('deploy-production.yml', { commit });
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  /** Lets all go that comes until these have ended. */
  const letGo = async (...runs: readonly Run[]): Promise<readonly string[]> => {
    const waiting = new Set(runs);
    const ended = Promise.all(
      runs.map(async (run) => {
        const { result } = await run.ended.finally(() => waiting.delete(run));
        return result;
      }),
    );
    while (waiting.size > 0) {
      begun.splice(0).forEach((resolve) => resolve());
      await settled();
    }
    return ended;
  };
  const changes = (): readonly string[] =>
    rehearsal.chronicle.filter((line) => / (?:deploy|apply)$/.test(line));

  it('let one deploy of an environment run at a time, and the next one when that has ended', async () => {
    const first = await deploy();
    const second = await deploy();
    await settled();
    expect(changes()).toEqual(['begin deploy-production.yml#1 deploy']);
    expect(await letGo(first, second)).toEqual(['success', 'success']);
    expect(changes()).toEqual([
      'begin deploy-production.yml#1 deploy',
      'end deploy-production.yml#1 deploy',
      'begin deploy-production.yml#2 deploy',
      'end deploy-production.yml#2 deploy',
    ]);
  });

  it('let a rollback or an apply wait for a deploy of the same environment', async () => {
    const first = await deploy();
    await settled();
    const apply = await start('infra-apply.yml', { environment: 'production', 'plan-run': '1' });
    await settled();
    expect(changes()).toEqual(['begin deploy-production.yml#1 deploy']);
    expect(await letGo(first, apply)).toEqual(['success', 'success']);
    expect(changes().slice(1, 3)).toEqual([
      'end deploy-production.yml#1 deploy',
      'begin infra-apply.yml#2 apply',
    ]);
  });

  it('let those of two environments run side by side', async () => {
    const runs = [await deploy(), await start('deploy-preview.yml', { commit })];
    await settled();
    expect(changes()).toEqual(['begin deploy-production.yml#1 deploy', 'begin deploy-preview.yml#2 deploy']);
    await letGo(...runs);
  });

  it('never cut a deploy that has begun: of those that wait, the newest takes the place of the one before', async () => {
    const runs = [await deploy(), await deploy(), await deploy()];
    await settled();
    expect(await letGo(...runs)).toEqual(['success', 'cancelled', 'success']);
    expect(changes()).toEqual([
      'begin deploy-production.yml#1 deploy',
      'end deploy-production.yml#1 deploy',
      'begin deploy-production.yml#3 deploy',
      'end deploy-production.yml#3 deploy',
    ]);
  });
});
