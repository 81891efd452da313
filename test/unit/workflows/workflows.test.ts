import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { deadlines } from '../../../infra/plan/terraform-run';
import { allWorkflows, scriptOf, workflowFaults, workflowFaultText } from '../../../workflows';
import { declarationOf, examine, settingsFor, type SettingName } from '../../../services';
import { goToAskedCommit } from '../../../workflows/steps';
import { fillIn } from '../../rehearsal/expressions/template';
import { environments } from './example';

const checkout = resolve(__dirname, '..', '..', '..');

describe('the workflows', () => {
  const all = allWorkflows(environments);

  it('keep every rule', () => {
    expect(workflowFaults(all, { environments }).map(workflowFaultText)).toEqual([]);
  });

  it('are those that the environments ask for', () => {
    expect(all.map(({ file }) => file)).toEqual([
      'checks.yml',
      'infra-plan.yml',
      'infra-apply.yml',
      'staging-preview.yml',
      'build-prod.yml',
      ...['preview', 'production', 'lab'].flatMap((name) => [`deploy-${name}.yml`, `rollback-${name}.yml`]),
      'database-image.yml',
      'drift.yml',
    ]);
  });

  it('start no deploy to an environment that wants a person to', () => {
    const manual = environments.map((each) =>
      each.name === 'production' ? { ...each, manual: true } : each,
    );
    const build = allWorkflows(manual).find(({ file }) => file === 'build-prod.yml');
    expect(Object.keys(build?.jobs ?? {})).toEqual(['release', 'images', 'announce', 'gate']);
    expect(workflowFaults(allWorkflows(manual), { environments: manual })).toEqual([]);
  });

  it('build no image before the release checklist is done, and fail unless the team was told', () => {
    const { jobs = {} } = all.find(({ file }) => file === 'build-prod.yml') ?? {};
    expect(jobs['images']?.needs).toEqual(['release']);
    expect(jobs['announce']?.needs).toEqual(['images']);
    expect(jobs['start']?.needs).toEqual(['images']);
    expect(jobs['gate']?.needs).toEqual(['release', 'images', 'announce', 'start']);
  });

  it('tell nobody where the record wants it so, and check the rest all the same', () => {
    const quiet = environments.map((each) =>
      each.delivery?.kind === 'serve' ? { ...each, delivery: { ...each.delivery, announce: false } } : each,
    );
    const build = allWorkflows(quiet).find(({ file }) => file === 'build-prod.yml');
    expect(Object.keys(build?.jobs ?? {})).toEqual(['release', 'images', 'start', 'gate']);
  });

  it('ask every pull request for its document, and one that becomes a release for the checklist', () => {
    const steps = all.find(({ file }) => file === 'checks.yml')?.jobs['change']?.steps ?? [];
    const ours = steps.flatMap((step) => ('cogni' in step ? [[step.cogni[1], step.when]] : []));
    expect(ours).toEqual([
      ['documents', "github.event_name == 'pull_request'"],
      ['release', "github.event_name == 'pull_request' && (github.base_ref == 'main')"],
    ]);
  });

  it('hand in the credentials of the state that an environment has, and of no other', () => {
    const plan = all.find(({ file }) => file === 'infra-plan.yml');
    const namesIn = (id: string): readonly string[] =>
      (plan?.jobs[id]?.steps ?? []).flatMap(({ env = {} }) => Object.keys(env));
    expect(namesIn('plan-preview')).toEqual(
      expect.arrayContaining(['CHERRY_AUTH_TOKEN', 'AWS_SECRET_ACCESS_KEY']),
    );
    expect(namesIn('plan-preview')).not.toContain('PG_CONN_STR');
    expect(namesIn('plan-production')).toContain('PG_CONN_STR');
  });

  describe('hand a deploy', () => {
    /** Where GitHub keeps a setting, and so how a step is given it. */
    const expressionOf = (name: SettingName): readonly string[] => {
      const [, kind] = declarationOf(name).scope.split('-');
      if (kind !== 'secret' && kind !== 'variable') return [];
      return [`\${{ ${kind === 'secret' ? 'secrets' : 'vars'}.${name} }}`];
    };
    const wanted = [...settingsFor('deploy'), 'VM_HOST' as const, 'VM_HOST_KEY' as const].flatMap(
      expressionOf,
    );
    const steps = all.flatMap(({ file, jobs }) =>
      Object.values(jobs).flatMap((job) =>
        job.steps.flatMap((step) => {
          const [word = '', second = ''] = ('cogni' in step ? step.cogni : []).map((each) =>
            typeof each === 'string' ? each : '',
          );
          const command = word === 'settings' ? `settings ${second}` : word;
          return ['deploy', 'rollback', 'settings check'].includes(command)
            ? [[`${file}, ${command}`, step.env ?? {}] as const]
            : [];
        }),
      ),
    );

    it.each(steps)('all that it reads and GitHub keeps, and no other setting: %s', (_step, env) => {
      const given = Object.values(env).filter((value) => /\{\{ (?:secrets|vars)\./.test(value));
      expect([...given].sort()).toEqual([...wanted].sort());
      const missing = examine({ ...env, DOMAIN: 'preview.cogni.test' }, 'deploy').faults.filter(
        ({ kind }) => kind === 'missing',
      );
      expect(missing).toEqual([]);
    });

    it('in each workflow that deploys or rolls back', () => {
      expect(steps.map(([step]) => step)).toEqual([
        ...['settings check', 'deploy'].map((command) => `staging-preview.yml, ${command}`),
        ...['preview', 'production', 'lab'].flatMap((name) => [
          `deploy-${name}.yml, settings check`,
          `deploy-${name}.yml, deploy`,
          `rollback-${name}.yml, rollback`,
        ]),
      ]);
    });
  });

  it('plan with secrets and without the right to write, and write to the pull request without secrets', () => {
    const jobs = all.find(({ file }) => file === 'infra-plan.yml')?.jobs ?? {};
    const texts = (id: string): string => JSON.stringify(jobs[id]?.steps);
    expect(jobs['plan-preview']?.permissions).toEqual({ contents: 'read' });
    expect(texts('plan-preview')).toContain('secrets.');
    expect(jobs['report-preview']?.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' });
    expect(texts('report-preview')).not.toContain('secrets.');
    // Also where the plan has failed because it destroys.
    expect(jobs['report-preview']?.when).toBe('!cancelled()');
  });

  it('look every night at all hosts, also at those that somebody else made', () => {
    const jobs = Object.keys(all.find(({ file }) => file === 'drift.yml')?.jobs ?? {});
    expect(jobs.filter((id) => id.startsWith('host-'))).toEqual(
      environments.map(({ name }) => `host-${name}`),
    );
  });

  it('plan a floating address by itself, before its host, and apply either of the two', () => {
    const idsOf = (file: string): readonly string[] =>
      Object.keys(all.find((each) => each.file === file)?.jobs ?? {}).filter((id) => id.startsWith('plan-'));
    const plans = ['plan-preview', 'plan-production-address', 'plan-production'];
    expect([idsOf('infra-plan.yml'), idsOf('drift.yml')]).toEqual([plans, plans]);
    const apply = all.find(({ file }) => file === 'infra-apply.yml');
    expect(apply?.on.dispatch?.inputs['part']?.options).toEqual(['host', 'address']);
    const { environment, concurrency, steps } = apply?.jobs['apply'] ?? {};
    const target = steps?.at(-1)?.env?.['TARGET'] ?? '';
    const stackOf = (part: string): string =>
      fillIn(target, { contexts: { inputs: { environment: 'production', part } } });
    expect(['host', 'address', ''].map(stackOf)).toEqual(['production', 'production-address', 'production']);
    // Either belongs to the one environment, and waits for what changes its host.
    expect([environment, concurrency?.group]).toEqual([
      '${{ inputs.environment }}',
      'deploy-${{ inputs.environment }}',
    ]);
  });

  it.each(
    all.flatMap(({ file, jobs }) =>
      Object.entries(jobs)
        .filter(([, { steps }]) => steps.some((step) => 'cogni' in step))
        .map(([id, { steps }]) => [`${file}, ${id}`, steps] as const),
    ),
  )('install and compile what a job runs before it has a secret: %s', (_job, steps) => {
    const asked = steps.includes(goToAskedCommit);
    const first = steps.slice(0, asked ? 4 : 3);
    expect(first.map((step) => ('uses' in step ? step.uses.split('@', 1)[0] : step.name))).toEqual([
      'actions/checkout',
      'actions/setup-node',
      ...(asked ? [goToAskedCommit.name] : []),
      'Install the packages, and compile',
    ]);
    expect(first.at(-1)).toMatchObject({ run: ['./cogni --version'] });
    expect(first.map(({ env = {} }) => Object.keys(env)).flat()).toEqual(asked ? ['COMMIT'] : []);
  });

  describe('release the image of the database', () => {
    const release = (of = environments) => allWorkflows(of).find(({ file }) => file === 'database-image.yml');

    it('by itself where what it is made of has changed on the branch that serves, by hand with any tag, one at a time', () => {
      const { on, concurrency } = release() ?? {};
      expect(on?.push).toEqual({
        branches: ['main'],
        paths: ['services/database/image/**', 'services/images.lock.json'],
      });
      for (const path of on?.push?.paths ?? [])
        expect(existsSync(join(checkout, path.replace('/**', '/Dockerfile')))).toBe(true);
      expect(on?.dispatch?.inputs['tag']?.required).toBe(false);
      expect(Object.keys(on ?? {})).toEqual(['push', 'dispatch']);
      expect(concurrency).toEqual({ group: 'database-image', cancelInProgress: false });
    });

    it('with no secret and no right but to push packages, and from a branch that serves alone', () => {
      const { jobs = {} } = release() ?? {};
      expect(Object.keys(jobs)).toEqual(['release', 'gate']);
      expect(jobs['release']).toMatchObject({
        permissions: { contents: 'read', packages: 'write' },
        when: "github.ref == 'refs/heads/main'",
      });
      expect(JSON.stringify(jobs)).not.toMatch(/secrets\.|vars\./);
      const moved = environments.map((each) =>
        each.delivery?.kind === 'serve' ? { ...each, delivery: { ...each.delivery, branch: 'live' } } : each,
      );
      expect(release(moved)?.on.push?.branches).toEqual(['live']);
      expect(release(moved)?.jobs['release']?.when).toBe("github.ref == 'refs/heads/live'");
    });

    it('by one command, once docker has the token of the job', () => {
      const steps = release()?.jobs['release']?.steps.slice(-2) ?? [];
      expect(steps.map((each) => ('uses' in each ? each.uses : scriptOf(each)))).toEqual([
        'printenv REGISTRY_TOKEN | docker login ghcr.io --username "$REGISTRY_USERNAME" --password-stdin',
        './cogni images release ${TAG:+--tag "$TAG"} ${BEFORE:+--since "$BEFORE"} --summary "$GITHUB_STEP_SUMMARY"',
      ]);
      expect(steps.map(({ env }) => env)).toEqual([
        { REGISTRY_USERNAME: '${{ github.actor }}', REGISTRY_TOKEN: '${{ github.token }}' },
        { TAG: '${{ inputs.tag }}', BEFORE: '${{ github.event.before }}' },
      ]);
    });
  });

  it('let no apply wait for the reviewers of another environment', () => {
    const apply = all.find(({ file }) => file === 'infra-apply.yml');
    const groups = [apply?.concurrency?.group ?? '', apply?.jobs['apply']?.concurrency?.group ?? ''];
    const groupsOf = (environment: string): readonly string[] =>
      groups.map((group) => fillIn(group, { contexts: { inputs: { environment } } }));
    expect(groupsOf('preview')).toEqual(['infra-apply-preview', 'deploy-preview']);
    expect(groupsOf('production')).toEqual(['infra-apply-production', 'deploy-production']);
  });

  it('leave an apply all the time that Terraform has, and that for packages and for what is read around it', () => {
    const minutes = (deadlines.init + deadlines.apply + deadlines.writing + 5 * deadlines.short) / 60_000;
    const apply = all.find(({ file }) => file === 'infra-apply.yml')?.jobs['apply'];
    expect(apply?.timeout).toBeGreaterThanOrEqual(minutes + 15);
  });

  it('ask for no part where no environment has a floating address', () => {
    const [apply] = allWorkflows(environments.map((each) => ({ ...each, floatingAddress: false }))).filter(
      ({ file }) => file === 'infra-apply.yml',
    );
    expect(Object.keys(apply?.on.dispatch?.inputs ?? {})).not.toContain('part');
    expect(apply?.jobs['apply']?.steps.at(-1)?.env?.['TARGET']).toBe('${{ inputs.environment }}');
  });

  it('build only what was not tested, and mark it only after the test from outside', () => {
    const jobs = all.find(({ file }) => file === 'staging-preview.yml')?.jobs ?? {};
    expect(Object.entries(jobs).map(([id, { needs }]) => [id, needs])).toEqual([
      ['sources', undefined],
      ['images', ['sources']],
      ['deploy', ['images']],
      ['end-to-end', ['images', 'deploy']],
      ['tested', ['end-to-end']],
      ['gate', ['sources', 'images', 'deploy', 'end-to-end', 'tested']],
    ]);
    const conditional = jobs['images']?.steps.filter(({ when }) => when?.includes("there != 'true'"));
    expect(conditional?.map(({ name }) => name)).toEqual([
      'Say that there are none',
      'Build',
      'The application starts, and says which commit it is',
      'Push, unless the tag means something else',
    ]);
  });
});
