import { annotationsIn } from '../../rehearsal/command-files';
import { green, jobOf, storyOf } from '../../rehearsal/project';
import type { PlayedRun, Run } from '../../rehearsal/rehearsal';
import { Team } from './team';

/**
 * A release on its way from a push to production and back, by the workflows themselves: real builds, registry, hosts and sites. Each
 * test goes on from the one before.
 */
describe('a release', () => {
  let team: Team;
  /** Commits of main that production was given, in order. */
  const released: string[] = [];
  /** What production answers that it was built from, in the same order. */
  const built: string[] = [];

  beforeAll(async () => {
    team = await Team.start();
    await team.makeHosts();
  });
  afterAll(async () => team.stop());

  const results = (run: PlayedRun): readonly string[] =>
    Object.entries(run.jobs).map(([id, { result }]) => `${id} ${result}`);
  const stepsOf = (run: PlayedRun, id: string): Readonly<Record<string, string>> =>
    Object.fromEntries(jobOf(run, id).steps.map(({ name, result }) => [name, result]));
  /** What a release brings besides code. */
  const version = (number: string) => ({
    'package.json': (text: string) => text.replace(/"version": "[^"]+"/, `"version": "${number}"`),
    'CHANGELOG.md': (text: string) =>
      text.replace('\n## ', `\n## ${number} (2026-11-22)\n\n- Rehearsed as ${number}.\n\n## `),
  });
  /** Merges a commit to main: the push, and the commit. */
  const mergeToMain = async (head: string) => {
    const pull = await team.project.pullRequest('main', head);
    return { push: await team.project.merge(pull), commit: pull.merge };
  };
  /** Plays what a job of the last run has started. */
  const started = async (): Promise<PlayedRun> => {
    const [dispatched, ...more] = team.project.started();
    if (dispatched === undefined || more.length > 0) throw new Error('not one workflow was started');
    return team.project.byHand(dispatched.file, dispatched.branch, dispatched.inputs);
  };
  const deploy = (commit: string): Promise<Run> =>
    team.project.dispatch('deploy-production.yml', 'main', { commit });

  it('is built from a push to staging, deployed to preview, tested from outside and marked as tested', async () => {
    const before = await team.project.origin.headOf('staging');
    const commit = await team.project.change('staging', version('0.2.0'));
    await team.project.origin.setBranch('staging', commit);
    const push = { kind: 'push', branch: 'staging', before, after: commit } as const;
    const run = green(await team.project.play(push, 'staging-preview.yml'));
    expect(annotationsIn(jobOf(run, 'images').log)).toEqual([
      { level: 'warning', message: `no images were tested for the tree of ${commit}: they are built now` },
    ]);
    await expect(team.build('preview')).resolves.toBe(commit);
    const tree = await team.project.origin.git('rev-parse', `${commit}^{tree}`);
    await expect(team.digestOf(`tested-${tree}`)).resolves.toBe(await team.digestOf(`preview-${commit}`));
    built.push(commit);
  });

  it('gets its tag for production when it is merged, and is not built again; the team is told', async () => {
    const head = await team.project.origin.headOf('staging');
    const { push, commit } = await mergeToMain(head);
    const run = green(await team.project.play(push, 'build-prod.yml'));
    expect(stepsOf(run, 'images')).toMatchObject({ Build: 'skipped' });
    const digest = await team.digestOf(`preview-${head}`);
    await expect(team.digestOf(`prod-${commit}`)).resolves.toBe(digest);
    await expect(team.digestOf('prod-v0.2.0')).resolves.toBe(digest);
    expect(team.told).toEqual([expect.stringContaining('Rehearsed as 0.2.0.')]);
    released.push(commit);
  });

  it('is brought to production by the workflow that this has started, after its reviewers were asked', async () => {
    const run = green(await started());
    expect(run.file).toBe('deploy-production.yml');
    expect(team.project.asked).toEqual(['production']);
    await expect(team.build('production')).resolves.toBe(built[0]);
  });

  it('whose files nobody has tested is built for production, and the run says so', async () => {
    const { push, commit } = await mergeToMain(await team.project.change('main', version('0.2.1')));
    const run = green(await team.project.play(push, 'build-prod.yml'));
    expect(annotationsIn(jobOf(run, 'images').log)).toEqual([
      { level: 'warning', message: expect.stringContaining('they are built now') },
    ]);
    expect(stepsOf(run, 'images')).toMatchObject({ Build: 'success' });
    green(await started());
    await expect(team.build('production')).resolves.toBe(commit);
    released.push(commit);
    built.push(commit);
  });

  it('is taken back by hand, to the one before', async () => {
    green(await team.project.byHand('rollback-production.yml', 'main', { commit: released[0] ?? '' }));
    await expect(team.build('production')).resolves.toBe(built[0]);
  });

  it('is deployed in its turn: of two at once, the second one waits for the end of the first', async () => {
    const from = team.project.rehearsal.chronicle.length;
    const [first, second] = [await deploy(released[1] ?? ''), await deploy(released[0] ?? '')];
    const ended = await Promise.all([first, second].map((run) => team.project.end(run)));
    ended.forEach(green);
    const deploys = team.project.rehearsal.chronicle.slice(from).filter((line) => line.endsWith(' deploy'));
    expect(deploys).toEqual(
      [first, second].flatMap(({ id }) => [
        `begin deploy-production.yml#${id} deploy`,
        `end deploy-production.yml#${id} deploy`,
      ]),
    );
    await expect(team.build('production')).resolves.toBe(built[0]);
  });

  it('that was never merged to main is not deployed from it', async () => {
    const commit = await team.project.change('main', version('0.3.0'));
    const run = await team.project.end(await deploy(commit));
    expect(results(run)).toEqual(['deploy failure', 'verify skipped', 'gate failure']);
    expect(stepsOf(run, 'deploy')).toMatchObject({ 'Deploy to production': 'skipped' });
  });

  it('does not get on where its checklist is not done', async () => {
    const head = await team.project.change('main', { 'README.md': (text) => `${text}\n` });
    const pull = await team.project.pullRequest('main', head);
    const checks = await team.project.play(pull, 'checks.yml');
    expect(jobOf(checks, 'change').log).toContain('write a newer one into package.json');
    expect(checks.result).toBe('failure');
  });

  describe('that serves', () => {
    const openIssues = () => team.github.issues.filter(({ state }) => state === 'open');
    /** Jobs of a night that did not succeed. */
    const failed = ({ jobs }: PlayedRun): readonly string[] =>
      Object.entries(jobs).flatMap(([id, { result }]) => (result === 'success' ? [] : [id]));

    it('gives no night a reason for an issue, as long as nothing else was done', async () => {
      green(await team.project.atNight('drift.yml'));
      expect(team.github.issues).toEqual([]);
    });

    it('is looked at by night: what was done to its host by hand opens one issue, and no second one', async () => {
      await team.onHost('preview', "printf '* * * * * root true\\n' >/etc/cron.d/left-behind");
      for (let night = 0; night < 2; night += 1) {
        expect(failed(await team.project.atNight('drift.yml'))).toEqual(['host-preview', 'gate']);
        expect(openIssues()).toHaveLength(1);
      }
      expect(openIssues()[0]?.body).toContain('cron `/etc/cron.d/left-behind`');
      expect(team.github.comments).toEqual([]);
    });

    it('has its issue closed by the first night after that was taken away', async () => {
      await team.onHost('preview', 'rm /etc/cron.d/left-behind');
      green(await team.project.atNight('drift.yml'));
      expect(openIssues()).toEqual([]);
      expect(team.github.comments).toMatchObject([
        { body: expect.stringContaining('A look has found nothing') },
      ]);
      expect(team.github.violations).toEqual([]);
    });
  });

  it('shows no secret of the team in any log, page, message or artifact', () => {
    expect(team.secretNames).toEqual(
      expect.arrayContaining([
        ...['CHERRY_AUTH_TOKEN', 'COGNI_PLAN_IDENTITY', 'COGNI_PLAN_SIGNING_KEY', 'SSH_DEPLOY_KEY'],
        ...['APP_DB_PASSWORD', 'AUTH_SECRET', 'GHCR_DEPLOY_TOKEN', 'TEAM_WEBHOOK_URL'],
      ]),
    );
    expect(team.leaks()).toEqual([]);
    expect(team.project.played.map(storyOf).join('').length).toBeGreaterThan(1_000);
  });
});
