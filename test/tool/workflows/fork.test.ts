import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '../../../infra/checkout';
import type { RepositoryEvent } from '../../rehearsal/event';
import { jobOf, Project, storyOf } from '../../rehearsal/project';
import { githubDouble, type GithubDouble } from '../../unit/workflows/github/double';

/** Milliseconds: all of it is compiled once, on a machine that may be busy. */
jest.setTimeout(15 * 60_000);

/** The workflows as they are, from the checkout as it is; nothing of the world is there, since nothing of it is asked for. */
describe('a pull request from a fork', () => {
  let folder: string;
  let github: GithubDouble;
  let project: Project;
  let event: RepositoryEvent;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-project-'));
    github = await githubDouble();
    for (const name of ['CHERRY_AUTH_TOKEN', 'COGNI_PLAN_SIGNING_KEY'])
      github.secrets.set(`repository/${name}`, 'p1anted');
    project = await Project.make({
      folder,
      checkout,
      github,
      actor: 'stranger',
      registryToken: 'p1anted-token',
      machine: () => ({}),
      own: {},
    });
    const head = await project.change('staging', {
      'deploy/step.ts': (text) => `${text}\n// A change of how deploys behave.\n`,
    });
    event = await project.pullRequest('staging', head, 'stranger/cogni-infra');
  });
  afterAll(async () => {
    await github.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gets no plan and no secret; that it was left out counts as a failure', async () => {
    const run = await project.play(event, 'infra-plan.yml');
    expect(Object.entries(run.jobs).map(([id, { result }]) => `${id} ${result}`)).toEqual([
      'plan-preview skipped',
      'report-preview success',
      'plan-production-address skipped',
      'report-production-address success',
      'plan-production skipped',
      'report-production success',
      'gate failure',
    ]);
    expect(github.asked).toEqual([]);
    expect(storyOf(run)).not.toContain('p1anted');
  });

  it('is asked for all that a change brings with it, as any other', async () => {
    const run = await project.play(event, 'checks.yml');
    expect(jobOf(run, 'change').log).toMatch(/deploy[\s\S]*docs\/deploy\.md/);
    expect(jobOf(run, 'change').result).toBe('failure');
    expect(jobOf(run, 'sources').steps.at(-1)).toMatchObject({ standIn: 'the tests are what plays this' });
    expect(jobOf(run, 'gate').result).toBe('failure');
  });
});
