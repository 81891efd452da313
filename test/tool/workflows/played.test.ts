import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '../../../infra/checkout';
import type { PlayedRun } from '../../rehearsal/rehearsal';
import { green, jobOf, Project, storyOf } from '../../rehearsal/project';
import { githubDouble, type GithubDouble } from '../../unit/workflows/github/double';

/** Milliseconds: all of it is compiled once, on a machine that may be busy. */
jest.setTimeout(15 * 60_000);

/** The workflows as they are, from the checkout as it is, as far as they come without registry, provider and hosts. */
describe('the workflows, played in a repository of a team', () => {
  let folder: string;
  let github: GithubDouble;
  let project: Project;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-project-'));
    github = await githubDouble();
    for (const name of ['CHERRY_AUTH_TOKEN', 'COGNI_PLAN_SIGNING_KEY'])
      github.secrets.set(`repository/${name}`, 'p1anted');
    project = await Project.make({
      folder,
      checkout,
      github,
      actor: 'somebody',
      registryToken: 'p1anted-token',
      machine: () => ({}),
      own: {},
    });
  });
  afterAll(async () => {
    await github.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const results = (run: PlayedRun): readonly string[] =>
    Object.entries(run.jobs).map(([id, { result }]) => `${id} ${result}`);
  const release = {
    'package.json': (text: string) => text.replace(/"version": "[^"]+"/, '"version": "90.0.0"'),
    'CHANGELOG.md': (text: string) => text.replace('\n## ', '\n## 90.0.0 (2026-11-22)\n\n- Played.\n\n## '),
  };

  describe('for a pull request from a fork', () => {
    const opened = async () => {
      const head = await project.change('staging', {
        'deploy/step.ts': (text) => `${text}\n// A change of how deploys behave.\n`,
      });
      return project.pullRequest('staging', head, 'stranger/cogni-infra');
    };

    it('make no plan and hand out no secret; that this was left out counts as a failure', async () => {
      const run = await project.play(await opened(), 'infra-plan.yml');
      expect(results(run)).toEqual([
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

    it('ask for all that a change brings with it, as for any other', async () => {
      const run = await project.play(await opened(), 'checks.yml');
      expect(jobOf(run, 'change').log).toMatch(/deploy[\s\S]*docs\/deploy\.md/);
      expect(jobOf(run, 'sources').steps.at(-1)).toMatchObject({
        standIn: 'the tests are what plays this',
      });
      expect([jobOf(run, 'change').result, jobOf(run, 'gate').result]).toEqual(['failure', 'failure']);
    });
  });

  it('say on a pull request that there is no plan, where none could be made: what stood there was of an older commit', async () => {
    const marker = '<!-- cogni-review environment=preview -->';
    const head = await project.change('staging', { 'README.md': (text) => `${text}\n` });
    const pull = await project.pullRequest('staging', head);
    const ours = { login: 'github-actions[bot]', type: 'Bot' };
    github.comments.push({ id: 1, body: `${marker}\n## ✅ safe`, user: ours, issue: String(pull.number) });
    const run = await project.play(pull, 'infra-plan.yml');
    expect(results(run).slice(0, 2)).toEqual(['plan-preview failure', 'report-preview failure']);
    expect(github.comments).toHaveLength(3);
    expect(github.comments[0]!.body).toMatch(
      new RegExp(`^${marker}\n## ⚠️ .*not known\n\nThere is no plan of commit <code>${pull.merge}</code>`),
    );
    expect(github.violations).toEqual([]);
    expect(github.comments.map(({ body }) => body).join('') + storyOf(run)).not.toContain('p1anted');
  });

  it('let a release into main whose checklist is done', async () => {
    const pull = await project.pullRequest('main', await project.change('main', release));
    const run = green(await project.play(pull, 'checks.yml'));
    expect(jobOf(run, 'change').summary).toContain('90.0.0');
  });

  it('make no images for what was merged without it', async () => {
    const head = await project.change('main', { 'README.md': (text) => `${text}\n` });
    const push = await project.merge(await project.pullRequest('main', head));
    const run = await project.play(push, 'build-prod.yml');
    expect(results(run)).toEqual([
      'release failure',
      'images skipped',
      'announce skipped',
      'start skipped',
      'gate failure',
    ]);
    expect(jobOf(run, 'release').log).toContain('write a newer one into package.json');
    expect(project.started()).toEqual([]);
  });

  describe('for a push that is not about the image of the database', () => {
    const pushed = async (files: Parameters<Project['change']>[1]) =>
      project.merge(await project.pullRequest('main', await project.change('main', files)));

    it('start nothing where it changes no file of it', async () => {
      const push = await pushed({ 'docs/backup.md': (text) => `${text}\n` });
      await expect(project.play(push, 'database-image.yml')).rejects.toThrow('push does not start');
    });

    it('release nothing where it changes the lock, and there another image', async () => {
      const docker = join(Project.programs(folder), 'docker');
      writeFileSync(docker, '#!/bin/sh\ncat >/dev/null\necho "docker $*"\n', { mode: 0o755 });
      const push = await pushed({
        'services/images.lock.json': (text) =>
          text.replace(/("caddy": \{[^}]*"tag": ")[^"]*/, (_found, start: string) => `${start}99.9.9`),
      });
      const run = green(await project.play(push, 'database-image.yml'));
      expect(results(run)).toEqual(['release success', 'gate success']);
      const { log } = jobOf(run, 'release');
      expect(log).toContain('docker login ghcr.io --username somebody --password-stdin');
      expect(log).toMatch(
        /nothing that the image is made of has changed since [0-9a-f]{40}: nothing was released/,
      );
      expect(storyOf(run)).not.toContain('p1anted');
    });

    it('release it by hand from no other branch', async () => {
      const run = await project.byHand('database-image.yml', 'staging', {});
      expect(results(run)).toEqual(['release skipped', 'gate failure']);
    });
  });

  it('do not bring to production what was never merged to main, whoever lets them', async () => {
    const commit = await project.change('main', release);
    const run = await project.byHand('deploy-production.yml', 'main', { commit });
    expect(project.asked).toEqual(['production']);
    expect(results(run)).toEqual(['deploy failure', 'verify skipped', 'gate failure']);
    const { steps, annotations } = jobOf(run, 'deploy');
    expect(annotations).toEqual([{ level: 'error', message: `${commit} is not part of main` }]);
    // The last one keeps the picture of where a deploy's time went, where there is one.
    const ended = steps.slice(-4).map(({ result }) => result);
    expect(ended).toEqual(['skipped', 'skipped', 'skipped', 'success']);
  });

  it('do not bring anything to production from another branch', async () => {
    const commit = await project.origin.headOf('main');
    const run = await project.byHand('deploy-production.yml', 'staging', { commit });
    expect(jobOf(run, 'deploy').log).toContain('staging is not allowed to deploy to production');
  });
});
