import { planRolling, type DeployPlan } from '../../../../deploy/rolling/plan';
import { reveal } from '../../../../foundation/secret';
import {
  first,
  other,
  update,
  ids,
  stepOf,
  commandsOf,
  linesOf,
  compose,
  current,
  next,
  alone,
} from './plan-reading';
import { emptyHost, propsFor, request, servingHost } from './sample';

describe('the plan of a first deploy, up to its proof', () => {
  test('starts the database only where it does not run, and never recreates it', () => {
    expect(linesOf(first, 'database')).toEqual([
      `${alone(330)} ${compose} --project-directory=/opt/cogni/runtime ${next} up --detach --no-deps --pull=never --wait --wait-timeout=300 --no-recreate postgres`,
    ]);
  });

  test.each([
    ['provision', 'db-provision', 180_000],
    ['migrate', 'db-migrate', 900_000],
  ])(
    'runs the job of %s once, from the new files, with a deadline, in place of what is left of an earlier one',
    (id, service, deadline) => {
      const name = `cogni-runtime-${service}`;
      expect(linesOf(first, id)).toEqual([
        `docker rm --force ${name}`,
        `${compose} --project-directory=/opt/cogni/runtime/.next ${next} run --rm --no-deps --no-TTY --pull=never --name=${name} ${service}`,
      ]);
      expect(stepOf(first, id).actions.flatMap(commandsOf).at(-1)!.deadline).toBe(deadline);
      expect(stepOf(first, id).interruptible).toBeUndefined();
    },
  );

  describe('whose settings have changed', () => {
    const provisioned = (plan: DeployPlan): string =>
      linesOf(plan, 'provision').find((line) => line.includes(' run ')) ?? '';
    const rotated = { settings: { APP_DB_PASSWORD: 'another-app-password' } };
    const changed = planRolling(propsFor(servingHost(), rotated));

    test('logs the new version in as the other role, and leaves the one alone that is in use', () => {
      const settingsFile = (plan: DeployPlan): string =>
        stepOf(plan, 'stage')
          .actions.flatMap((action) =>
            action.do === 'write' ? action.files.map(({ content }) => reveal(content)) : [],
          )
          .at(-1) ?? '';
      expect(settingsFile(first)).toContain('postgresql://cogni_app:');
      expect(settingsFile(changed)).toContain('postgresql://cogni_app_b:another-app-password@');
      expect(provisioned(first)).not.toContain('DB_PROVISION_KEEP');
      expect(provisioned(changed)).toContain(' --env=DB_PROVISION_KEEP=cogni_app db-provision');
      expect([first.release.login, changed.release.login]).toEqual(['cogni_app', 'cogni_app_b']);
    });

    test('keeps the role under the name that it was recorded with', () => {
      const renamed = planRolling(propsFor(servingHost(), { settings: { APP_DB_USER: 'someone' } }));
      expect(provisioned(renamed)).toContain('DB_PROVISION_KEEP=cogni_app ');
      expect(renamed.release.login).toBe('someone_b');
    });

    test('provisions once more when nobody uses the old settings any more, and only then', () => {
      expect(ids(changed).slice(-5)).toEqual(['drain', 'retire', 'settle', 'mark', 'tidy']);
      const again = linesOf(changed, 'settle').find((line) => line.includes(' run ')) ?? '';
      expect(again).toContain(
        '--project-directory=/opt/cogni/runtime --file=/opt/cogni/runtime/compose.yaml',
      );
      expect(again).not.toContain('DB_PROVISION_KEEP');
      expect(ids(update)).not.toContain('settle');
    });

    test('marks that a login may still have its old password until that is done: where it fails, the same deploy does it again', () => {
      const lines = linesOf(changed, 'settle');
      expect(lines[0]).toBe('touch -- /opt/cogni/runtime/.unsettled');
      expect(lines.at(-1)).toBe('rm --recursive --force -- /opt/cogni/runtime/.unsettled');
      expect(stepOf(changed, 'tidy').cleanUp!.flatMap(({ argv }) => argv)).not.toContain(
        '/opt/cogni/runtime/.unsettled',
      );
    });

    test('provisions before going back as well, which otherwise leaves the database alone', () => {
      const backTo = first.release;
      expect(ids(planRolling({ ...propsFor(servingHost(), rotated), backTo }))).toContain('provision');
      expect(ids(planRolling({ ...propsFor(servingHost(), { images: other }), backTo }))).not.toContain(
        'provision',
      );
    });

    test('provisions before bringing a recorded release to a host that has none: whose data it holds is not known', () => {
      const back = planRolling({ ...propsFor(emptyHost), backTo: first.release });
      expect(ids(back)).toContain('provision');
      expect(ids(back)).not.toContain('migrate');
    });

    test('taken back, gives the other logins the passwords of what serves, and then makes LiteLLM from its files again', () => {
      const litellm = {
        image: `ghcr.cogni.test/berriai/litellm@sha256:${'f'.repeat(64)}`,
        database: true,
      } as const;
      const asked = { runtime: { ...request.runtime, litellm } };
      const keys = {
        LITELLM_MASTER_KEY: 'sk-p1anted-master-key-of-litellm',
        OPENROUTER_API_KEY: 'sk-or-p1anted-key',
      };
      const host = servingHost({ request: asked, settings: keys });
      const plan = planRolling(
        propsFor(host, { request: asked, settings: { ...keys, ...rotated.settings } }),
      );
      const undoOf = (each: DeployPlan, id: string): string[] | undefined =>
        stepOf(each, id).undo?.map(({ argv }) => argv.join(' '));
      const again = `${compose} --project-directory=/opt/cogni/runtime ${current}`;
      const job = 'cogni-runtime-db-provision';
      const passwordsBack = [
        `docker rm --force ${job}`,
        `${again} run --rm --no-deps --no-TTY --pull=never --name=${job} --env=DB_PROVISION_KEEP=cogni_app db-provision`,
      ];
      const proxyBack = [
        `${alone(390)} ${again} up --detach --no-deps --pull=never --wait --wait-timeout=360 litellm`,
      ];
      expect(undoOf(plan, 'provision')).toEqual([...passwordsBack, ...proxyBack]);
      // It would be asked for with a password that is not there yet.
      expect(undoOf(plan, 'litellm')).toBeUndefined();
      expect(undoOf(changed, 'provision')).toEqual(passwordsBack);
    });

    test('takes no password back where the settings are the same, or nothing was recorded whose files are there', () => {
      expect(stepOf(update, 'provision').undo).toBeUndefined();
      expect(stepOf(first, 'provision').undo).toBeUndefined();
    });
  });

  test('starts the application and waits until it is healthy; taking back removes it', () => {
    expect(linesOf(first, 'start')).toEqual([
      `${alone(150)} ${compose} --project-directory=/opt/cogni/runtime ${next} up --detach --no-deps --pull=never --wait --wait-timeout=120 --force-recreate app-a`,
    ]);
    expect(stepOf(first, 'start').undo!.map(({ argv }) => argv.join(' '))).toEqual([
      // Without any file: those of the release may have been moved by then.
      `${alone(60)} docker compose --project-name=cogni-runtime rm --stop --force app-a`,
    ]);
  });

  test('proves readiness and build from the container of the edge', () => {
    const [ask, ...others] = stepOf(first, 'prove').actions;
    expect(others).toEqual([]);
    expect(ask).toMatchObject({
      do: 'run',
      command: {
        argv: [
          ...['docker', 'exec', 'cogni-edge-caddy-1', 'sh', '-c', expect.any(String), 'sh'],
          ...['http://cogni-app-a:3000/readyz', 'http://cogni-app-a:3000/version'],
        ],
      },
      expect: { stdout: { json: { buildSha: '0123abc' } } },
      retry: { every: 100 },
    });
  });
});
