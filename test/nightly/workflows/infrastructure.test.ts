import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RepositoryEvent } from '../../rehearsal/event';
import { green, jobOf, storyOf } from '../../rehearsal/project';
import type { PlayedRun } from '../../rehearsal/rehearsal';
import { Team } from './team';

/**
 * What changes hosts, by the workflows themselves: their files, run job by job on machines that know nothing but the secrets of their
 * job. Each test goes on from the one before.
 */
describe('a change of the infrastructure', () => {
  let team: Team;
  let planned: PlayedRun;

  beforeAll(async () => {
    team = await Team.start();
  });
  afterAll(async () => team.stop());

  const results = (run: PlayedRun): readonly string[] =>
    Object.entries(run.jobs).map(([id, { result }]) => `${id} ${result}`);
  const commentOn = (pull: number, environment: string): string => {
    const marker = `<!-- cogni-review environment=${environment} -->`;
    const found = team.github.comments.filter(
      ({ issue, body }) => issue === String(pull) && body.startsWith(marker),
    );
    expect(found).toHaveLength(1);
    return found[0]?.body ?? '';
  };
  const pushOf = async (branch: string): Promise<RepositoryEvent> => {
    const commit = await team.project.origin.headOf(branch);
    return { kind: 'push', branch, before: commit, after: commit };
  };
  const apply = (run: PlayedRun): Promise<PlayedRun> =>
    team.project.byHand('infra-apply.yml', 'staging', {
      environment: 'preview',
      'plan-run': String(run.id),
    });
  /** What a kept plan says of itself. */
  const manifestOf = (run: PlayedRun): { readonly verdict: string; readonly commit: string } =>
    (
      JSON.parse(
        readFileSync(join(team.project.artifacts.pathOf(run.id, 'plan-preview'), 'host.plan'), 'utf8'),
      ) as {
        readonly manifest: { readonly verdict: string; readonly commit: string };
      }
    ).manifest;

  it('begins with the floating address, which is applied by itself after its reviewers were asked', async () => {
    const run = await team.project.play(await pushOf('main'), 'infra-plan.yml');
    // The host is given the address, and cannot be planned before.
    expect(results(run)).toEqual(
      expect.arrayContaining(['plan-production-address success', 'plan-production failure']),
    );
    const inputs = { environment: 'production', part: 'address', 'plan-run': String(run.id) };
    const applied = green(await team.project.byHand('infra-apply.yml', 'main', inputs));
    expect(jobOf(applied, 'apply').log).toContain('is applied to production-address');
    expect(team.project.asked).toEqual(['production']);
  });

  it('is planned when it is pushed: first of all the hosts themselves', async () => {
    planned = green(await team.project.play(await pushOf('staging'), 'infra-plan.yml'));
    expect(manifestOf(planned)).toMatchObject({
      verdict: 'CREATE',
      commit: await team.project.origin.headOf('staging'),
    });
    // Nobody is told on a pull request where there is none.
    expect(team.github.comments).toEqual([]);
  });

  it('is applied as it was planned, on another machine, up to a host whose key is proven', async () => {
    const run = green(await apply(planned));
    expect(jobOf(run, 'apply').log).toMatch(/is applied to preview\n {2}address = /);
  });

  it('is refused a second time, with the same file', async () => {
    const run = await apply(planned);
    expect(results(run)).toEqual(['apply failure', 'gate failure']);
    expect(jobOf(run, 'apply').log).toContain('something was applied since');
  });

  describe('in a pull request', () => {
    it('that does no harm is called safe, in one comment for each environment', async () => {
      const head = await team.project.change('staging', {
        'stacks/app.ts': (text) =>
          text.replace(
            'tags: { environment: environment.name }',
            "tags: { environment: environment.name, team: 'cogni' }",
          ),
      });
      const pull = await team.project.pullRequest('staging', head);
      green(await team.project.play(pull, 'infra-plan.yml'));
      const comment = commentOn(pull.number, 'preview');
      expect(comment).toContain('Verdict **UPDATE** (safe, exit code 10)');
      expect(comment).not.toMatch(/WIPE|REPLACE|DESTROY/);
      expect(commentOn(pull.number, 'production')).toContain('Verdict **CREATE** (safe');
      expect(commentOn(pull.number, 'production-address')).toContain('Verdict **NO-OP**');
      expect(team.github.violations).toEqual([]);
      planned = green(await team.project.play(await team.project.merge(pull), 'infra-plan.yml'));
      expect(manifestOf(planned).verdict).toBe('UPDATE');
    });

    it('that empties a disk is called that before anything else, and its check is red', async () => {
      const head = await team.project.change('staging', {
        'infra/host-stack.ts': (text) =>
          text.replace('      ...props.host,\n', '      ...props.host,\n      allowReinstall: true,\n'),
      });
      const pull = await team.project.pullRequest('staging', head);
      const run = await team.project.play(pull, 'infra-plan.yml');
      expect(results(run)).toEqual([
        'plan-preview failure',
        'report-preview success',
        'plan-production-address success',
        'report-production-address success',
        'plan-production success',
        'report-production success',
        'gate failure',
      ]);
      const comment = commentOn(pull.number, 'preview');
      expect(comment.split('\n')[1]).toMatch(/^## 🛑 .*WIPED/);
      expect(comment).toContain('preview-cogni');
      expect(comment).not.toContain('p1anted');
    });
  });

  it('that was merged is applied as it was planned then; after that there is nothing to change', async () => {
    green(await apply(planned));
    const after = green(await team.project.play(await pushOf('staging'), 'infra-plan.yml'));
    expect(manifestOf(after).verdict).toBe('NO-OP');
  });

  it('shows no secret of the team in any log, page, plan or comment', () => {
    expect(team.secretNames).toEqual(
      expect.arrayContaining([
        ...['CHERRY_AUTH_TOKEN', 'COGNI_PLAN_IDENTITY', 'COGNI_PLAN_SIGNING_KEY', 'SSH_DEPLOY_KEY'],
        ...['APP_DB_PASSWORD', 'AUTH_SECRET', 'GHCR_DEPLOY_TOKEN', 'TEAM_WEBHOOK_URL'],
      ]),
    );
    expect(team.leaks()).toEqual([]);
    expect(team.project.played.map(storyOf).join('')).toContain('is applied to preview');
  });
});
