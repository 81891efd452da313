import * as fc from 'fast-check';
import { planRolling, type DeployPlan } from '../../../../deploy/rolling/plan';
import { planJson, planText } from '../../../../deploy/plan-text';
import type { Action, Step } from '../../../../deploy/step';
import type { RemoteCommand } from '../../../../deploy/transport';
import { reveal } from '../../../../foundation/secret';
import { edgeProject, runtimeProject } from '../../../../services';
import { layout } from '../../../../deploy/rolling/layout';
import type { RunningContainer } from '../../../../deploy/rolling/survey';
import { emptyHost, imagesOf, propsFor, request, servingHost, settingsSource } from './sample';

const first = planRolling(propsFor(emptyHost));
const other = imagesOf('preview-4567def', 'd', 'e');
const update = planRolling(propsFor(servingHost(), { request: { tag: 'preview-4567def' }, images: other }));

const ids = (plan: DeployPlan): string[] => plan.steps.map(({ id }) => id);
const stepOf = (plan: DeployPlan, id: string): Step => plan.steps.find((step) => step.id === id)!;
const commandsOf = (action: Action): RemoteCommand[] => ('command' in action ? [action.command] : []);
const linesOf = (plan: DeployPlan, id: string): string[] =>
  stepOf(plan, id)
    .actions.flatMap(commandsOf)
    .map(({ argv }) => argv.join(' '));
const allCommands = (plan: DeployPlan): RemoteCommand[] =>
  plan.steps.flatMap((step) => [
    ...(step.doneWhen ?? []).map(({ command }) => command),
    ...step.actions.flatMap(commandsOf),
    ...step.actions.flatMap((action) => (action.do === 'hold' && action.taken ? [action.taken.by] : [])),
    ...(step.cleanUp ?? []),
    ...(step.undo ?? []),
    ...(step.diagnose ?? []),
  ]);

const compose = 'docker compose --ansi=never --progress=plain --project-name=cogni-runtime';
const next = '--file=/opt/cogni/runtime/.next/compose.yaml --env-file=/opt/cogni/runtime/.next/.env';
const current = '--file=/opt/cogni/runtime/compose.yaml --env-file=/opt/cogni/runtime/.env';
const image = 'ghcr.cogni.test/cogni/app@sha256';

describe('the plan of a first deploy', () => {
  test('pulls and stages, prepares the database, starts, proves, switches, proves again, and records last', () => {
    expect(first.title).toBe('deploy preview-0123abc to preview');
    expect(ids(first)).toEqual([
      'pull-third-party',
      'pull',
      'lock',
      'wait',
      'stage',
      'place',
      'database',
      'provision',
      'migrate',
      'start',
      'prove',
      'switch',
      'gate',
      'promote',
      'record',
      'tidy',
    ]);
  });

  test('pulls third-party images without a login, and only where they are missing', () => {
    const step = stepOf(first, 'pull-third-party');
    expect(linesOf(first, 'pull-third-party')).toEqual([
      `docker pull --quiet ${request.runtime.images.postgres}`,
    ]);
    expect(step.doneWhen![0]!.command.argv).toEqual([
      'docker',
      'image',
      'inspect',
      '--format={{.Id}}',
      request.runtime.images.postgres,
    ]);
  });

  test('pulls ours by digest, with a login in memory that is held for the step and removed whatever happens', () => {
    const folder = '/dev/shm/cogni-20261121T081500Z-preview-0123abc';
    const [hold, ...rest] = stepOf(first, 'pull').actions;
    expect(hold).toMatchObject({ do: 'hold', until: 'end of step' });
    expect(rest.flatMap(commandsOf).map(({ argv }) => argv.join(' '))).toEqual([
      `docker --config ${folder} login --username cogni-bot --password-stdin ghcr.cogni.test`,
      `docker --config ${folder} pull --quiet ${image}:${'a'.repeat(64)}`,
      `docker --config ${folder} pull --quiet ${image}:${'b'.repeat(64)}`,
    ]);
    expect(stepOf(first, 'pull').cleanUp).toEqual([
      { argv: ['rm', '--recursive', '--force', '--', folder], deadline: 30_000 },
    ]);
  });

  test('takes a lock that an operating system frees, naming who holds it', () => {
    const [hold] = stepOf(first, 'lock').actions;
    expect(hold).toMatchObject({
      do: 'hold',
      until: 'end of plan',
      command: {
        argv: [
          'flock',
          '--nonblock',
          '--conflict-exit-code',
          '75',
          '/var/lib/cogni/deploy/lock',
          'tee',
          '/var/lib/cogni/deploy/lock.holder',
        ],
        stdin: 'ada on laptop, deploying preview-0123abc since 2026-11-21T08:15:00.000Z\n',
      },
      taken: { exit: 75, by: { argv: ['cat', '--', '/var/lib/cogni/deploy/lock.holder'] } },
    });
  });

  test('names the holder in one line, whatever is in the names', () => {
    const plan = planRolling(propsFor(emptyHost, { request: { by: { who: 'a\nb', from: 'c\u2028d' } } }));
    expect(commandsOf(stepOf(plan, 'lock').actions[0]!)[0]!.stdin).toMatch(/^a b on c d, [^\n]*\n$/);
  });

  test('makes sure, under the lock, that nobody deployed since the host was looked at', () => {
    expect(stepOf(first, 'lock').actions[1]).toMatchObject({
      command: { argv: ['readlink', '--', '/var/lib/cogni/deploy/current'] },
      expect: { exit: [1] },
    });
    expect(stepOf(update, 'lock').actions[1]).toMatchObject({
      expect: { stdout: { equals: 'releases/20261121T081500Z-preview-0123abc.json' } },
    });
  });

  test('writes every file beside those that serve, the settings with mode 0600, and lets Compose judge them', () => {
    const write = stepOf(first, 'stage').actions.find((action) => action.do === 'write')!;
    expect(write.folder).toBe('/opt/cogni/runtime/.next');
    expect(write.files.map(({ path, mode }) => [path, mode])).toEqual([
      ['compose.yaml', 0o644],
      ['db-provision/database.sql', 0o644],
      ['db-provision/databases.sql', 0o644],
      ['db-provision/password.sql', 0o644],
      ['db-provision/provision.sh', 0o755],
      ['db-provision/refusals.sql', 0o644],
      ['db-provision/roles.sql', 0o644],
      ['db-provision/verify.sql', 0o644],
      ['postgres/postgresql.conf', 0o644],
      ['postgres/start.sh', 0o755],
      ['.env', 0o600],
    ]);
    expect(linesOf(first, 'stage').at(-1)).toBe(
      `${compose} --project-directory=/opt/cogni/runtime ${next} config --quiet`,
    );
  });

  test('starts the database only where it does not run, and never recreates it', () => {
    expect(linesOf(first, 'database')).toEqual([
      `${compose} --project-directory=/opt/cogni/runtime ${next} up --detach --no-deps --pull=never --wait --wait-timeout=300 --no-recreate postgres`,
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

  test('waits for jobs that an earlier deploy left running, and ends none of them', () => {
    const names = ['cogni-runtime-db-provision', 'cogni-runtime-db-migrate'];
    expect(linesOf(first, 'wait')).toEqual([
      ...names.map((name) => `docker wait ${name}`),
      `docker ps --filter=name=^${names[0]}$ --filter=name=^${names[1]}$ --format={{.Names}}`,
    ]);
    const step = stepOf(first, 'wait');
    expect(step.actions.at(-1)).toMatchObject({ expect: { stdout: { equals: '' } } });
    expect([step.cleanUp, step.undo]).toEqual([undefined, undefined]);
    expect(step.leaves).toContain('a job of an earlier deploy may still be running, and was left alone');
    expect(step.next).toContain(names.join(' or '));
  });

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
      expect(ids(changed).slice(-4)).toEqual(['drain', 'retire', 'settle', 'tidy']);
      const again = linesOf(changed, 'settle').find((line) => line.includes(' run ')) ?? '';
      expect(again).toContain(
        '--project-directory=/opt/cogni/runtime --file=/opt/cogni/runtime/compose.yaml',
      );
      expect(again).not.toContain('DB_PROVISION_KEEP');
      expect(ids(update)).not.toContain('settle');
    });

    test('provisions before going back as well, which otherwise leaves the database alone', () => {
      const backTo = first.release;
      expect(ids(planRolling({ ...propsFor(servingHost(), rotated), backTo }))).toContain('provision');
      expect(ids(planRolling({ ...propsFor(servingHost(), { images: other }), backTo }))).not.toContain(
        'provision',
      );
    });

    test('says what LiteLLM, which has one login, may lose until the deploy is through', () => {
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
      for (const id of ['provision', 'migrate', 'start', 'gate', 'record']) {
        expect(stepOf(plan, id).leaves).toContain('with LITELLM_DB_PASSWORD changed');
        expect(stepOf(changed, id).leaves).not.toContain('changed');
      }
    });
  });

  test('starts the application and waits until it is healthy; taking back removes it', () => {
    expect(linesOf(first, 'start')).toEqual([
      `${compose} --project-directory=/opt/cogni/runtime ${next} up --detach --no-deps --pull=never --wait --wait-timeout=180 --force-recreate app-a`,
    ]);
    expect(stepOf(first, 'start').undo!.map(({ argv }) => argv.join(' '))).toEqual([
      // Without any file: those of the release may have been moved by then.
      'docker compose --project-name=cogni-runtime rm --stop --force app-a',
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
      retry: { inARow: 3 },
    });
  });

  test('names the application to the edge by a rename inside the folder that it mounts, and back when taken back', () => {
    const folder = '/opt/cogni/edge/caddy/upstream';
    const step = stepOf(first, 'switch');
    expect(step.doneWhen).toMatchObject([
      { command: { argv: ['cat', '--', `${folder}/active`] }, expect: { stdout: { equals: 'cogni-app-a' } } },
    ]);
    expect(step.actions).toMatchObject([
      { do: 'write', folder, files: [{ path: '.active.next', mode: 0o644, content: 'cogni-app-a\n' }] },
      {
        do: 'run',
        command: {
          argv: [
            'mv',
            '--force',
            '--no-target-directory',
            '--',
            `${folder}/.active.next`,
            `${folder}/active`,
          ],
        },
      },
    ]);
    expect(JSON.stringify(step.undo)).toContain('none\\n');
  });

  test('asks the site from outside for readiness and the build, three times in a row', () => {
    expect(stepOf(first, 'gate').actions).toEqual([
      {
        do: 'gate',
        checks: [
          { url: 'https://preview.cogni.test/readyz', status: 200 },
          { url: 'https://preview.cogni.test/version', status: 200, json: { buildSha: '0123abc' } },
        ],
        retry: { every: 100, within: 180_000, inARow: 3 },
      },
    ]);
    expect(stepOf(first, 'gate').next).toContain('preview.cogni.test leads to 203.0.113.7');
  });

  test('asks for 15 s only where the site was reached before: visitors already have what is being asked', () => {
    const retry = (plan: DeployPlan): unknown => stepOf(plan, 'gate').actions[0];
    expect(retry(update)).toMatchObject({ retry: { within: 15_000 } });
    const moved = { tag: 'preview-4567def', domain: 'www.cogni.test' };
    expect(retry(planRolling(propsFor(servingHost(), { request: moved, images: other })))).toMatchObject({
      retry: { within: 180_000 },
    });
  });

  test('lets the files take their places by renames, after the gate', () => {
    expect(linesOf(first, 'promote')).toEqual([
      'mkdir --parents --mode=0755 -- /opt/cogni/runtime/db-provision /opt/cogni/runtime/postgres',
      'mv --force --target-directory=/opt/cogni/runtime -- /opt/cogni/runtime/.next/compose.yaml /opt/cogni/runtime/.next/.env',
      'mv --force --target-directory=/opt/cogni/runtime/db-provision -- /opt/cogni/runtime/.next/db-provision/database.sql /opt/cogni/runtime/.next/db-provision/databases.sql /opt/cogni/runtime/.next/db-provision/password.sql /opt/cogni/runtime/.next/db-provision/provision.sh /opt/cogni/runtime/.next/db-provision/refusals.sql /opt/cogni/runtime/.next/db-provision/roles.sql /opt/cogni/runtime/.next/db-provision/verify.sql',
      'mv --force --target-directory=/opt/cogni/runtime/postgres -- /opt/cogni/runtime/.next/postgres/postgresql.conf /opt/cogni/runtime/.next/postgres/start.sh',
      'sync --file-system -- /opt/cogni/runtime',
    ]);
    expect(stepOf(first, 'promote').undo!.map(({ argv }) => argv.join(' '))).toEqual([
      `rm --force -- ${first.steps
        .find(({ id }) => id === 'stage')!
        .actions.flatMap((action) => (action.do === 'write' ? action.files : []))
        .map(({ path }) => `/opt/cogni/runtime/${path}`)
        // The database was started, and goes on with its files.
        .filter((path) => !path.includes('/postgres/'))
        .join(' ')}`,
    ]);
  });

  test('records digests, files, who and when, and lets the link name the record last', () => {
    expect(first.release).toMatchObject({
      version: 2,
      id: '20261121T081500Z-preview-0123abc',
      tag: 'preview-0123abc',
      buildSha: '0123abc',
      images: { app: `${image}:${'a'.repeat(64)}`, migrator: `${image}:${'b'.repeat(64)}` },
      by: { who: 'ada', from: 'laptop' },
      at: '2026-11-21T08:15:00.000Z',
      replaces: null,
    });
    expect(linesOf(first, 'record').at(-1)).toBe(
      'mv --force --no-target-directory -- /var/lib/cogni/deploy/.current.next /var/lib/cogni/deploy/current',
    );
  });

  test('is taken back no more once it is recorded, and until then names what served', () => {
    const undoOf = (plan: DeployPlan): string[] =>
      stepOf(plan, 'record').undo!.map(({ argv }) => argv.join(' '));
    const folder = '/var/lib/cogni/deploy';
    expect(first.steps.filter(({ settles }) => settles).map(({ id }) => id)).toEqual(['record']);
    expect(undoOf(first)).toEqual([
      `rm --recursive --force -- ${folder}/current`,
      `rm --recursive --force -- ${folder}/.current.next`,
      `rm --recursive --force -- ${folder}/releases/20261121T081500Z-preview-0123abc.json`,
    ]);
    expect(undoOf(update)[0]).toBe(
      `ln --symbolic --force --no-target-directory -- releases/20261121T081500Z-preview-0123abc.json ${folder}/.current.next`,
    );
  });

  test('keeps no plain hash of the settings, which could be guessed from it', () => {
    expect(Object.keys(first.release.files)).not.toContain('.env');
    expect(Object.keys(first.release.files)).toContain('compose.yaml');
  });
});

describe('the plan of a later deploy', () => {
  test('keeps the files that serve until it is recorded', () => {
    expect(ids(update).slice(-7)).toEqual(['gate', 'keep', 'promote', 'record', 'drain', 'retire', 'tidy']);
    expect(linesOf(update, 'keep')).toEqual([
      'rm --recursive --force -- /opt/cogni/runtime/.previous',
      'mkdir --mode=0700 -- /opt/cogni/runtime/.previous',
      'cp --archive --target-directory=/opt/cogni/runtime/.previous -- /opt/cogni/runtime/compose.yaml /opt/cogni/runtime/.env',
    ]);
    expect(update.release.replaces).toBe('20261121T081500Z-preview-0123abc');
  });

  test('records the image that the database really runs, and pulls the one that is rendered', () => {
    const running = `hub.cogni.test/library/postgres@sha256:${'9'.repeat(64)}`;
    const host = servingHost();
    const withDatabase = (image: string): typeof host => ({
      ...host,
      containers: host.containers.map((one) => (one.service === 'postgres' ? { ...one, image } : one)),
    });
    const plan = planRolling(propsFor(withDatabase(running)));
    expect(plan.release.images.postgres).toBe(running);
    expect(linesOf(plan, 'pull-third-party')).toEqual([
      `docker pull --quiet ${request.runtime.images.postgres}`,
    ]);
    // What is recorded is by digest: Docker shows a bare id for an image that lost its name.
    expect(planRolling(propsFor(withDatabase(`sha256:${'9'.repeat(64)}`))).release.images.postgres).toBe(
      request.runtime.images.postgres,
    );
    const images = { ...host.release!.images, postgres: running };
    const recorded = { ...withDatabase(running), release: { ...host.release!, images } };
    expect(planRolling(propsFor(recorded)).unchanged).toBe(true);
  });

  test('touches only files that differ', () => {
    expect(linesOf(update, 'promote')).toEqual([
      'mv --force --target-directory=/opt/cogni/runtime -- /opt/cogni/runtime/.next/compose.yaml /opt/cogni/runtime/.next/.env',
      'sync --file-system -- /opt/cogni/runtime',
    ]);
  });

  test('starts the new version in the other slot, beside the old one, which no step before the record touches', () => {
    expect(linesOf(update, 'start')).toEqual([
      `${compose} --project-directory=/opt/cogni/runtime ${next} up --detach --no-deps --pull=never --wait --wait-timeout=180 --force-recreate app-b`,
    ]);
    expect(stepOf(update, 'switch').doneWhen![0]!.expect).toEqual({ stdout: { equals: 'cogni-app-b' } });
    expect(JSON.stringify(stepOf(update, 'switch').undo)).toContain('cogni-app-a\\n');
    expect(update.release.slot).toBe('b');
    const before = ids(update).slice(0, ids(update).indexOf('record') + 1);
    const lines = update.steps
      .filter(({ id }) => before.includes(id))
      .flatMap((step) => [...step.actions.flatMap(commandsOf), ...(step.undo ?? []), ...(step.cleanUp ?? [])])
      .map(({ argv }) => argv.join(' '));
    expect(lines.filter((line) => /\bapp-a$/.test(line))).toEqual([]);
  });

  test('takes the new version away when it is taken back, once requests go to the old one again', () => {
    expect(stepOf(update, 'start').undo!.map(({ argv }) => argv.join(' '))).toEqual([
      'docker compose --project-name=cogni-runtime rm --stop --force app-b',
    ]);
    expect(ids(update).indexOf('switch')).toBeGreaterThan(ids(update).indexOf('start'));
    expect(stepOf(update, 'promote').undo!.map(({ argv }) => argv.join(' '))).toEqual([
      'cp --archive --target-directory=/opt/cogni/runtime -- /opt/cogni/runtime/.previous/compose.yaml /opt/cogni/runtime/.previous/.env',
    ]);
  });

  test('lets the old version end its requests as the edge counts them, and stops it after the record', () => {
    expect(stepOf(update, 'drain').actions).toMatchObject([
      {
        command: { argv: expect.arrayContaining(['http://127.0.0.1:2019/reverse_proxy/upstreams']) },
        expect: { stdout: { listWithout: { address: 'cogni-app-a:3000' } } },
        retry: { within: 30_000, inARow: 3 },
      },
    ]);
    expect(linesOf(update, 'retire')).toEqual([
      'docker compose --project-name=cogni-runtime rm --stop --force app-a',
    ]);
  });

  test('makes sure, under the lock, that requests still go where they went', () => {
    expect(stepOf(update, 'lock').actions[2]).toMatchObject({
      command: { argv: ['cat', '--', '/opt/cogni/edge/caddy/upstream/active'] },
      expect: { stdout: { equals: 'cogni-app-a' } },
    });
  });

  test('goes to the slot without requests, whatever lies there, after a deploy that was killed behind its switch', () => {
    const host = servingHost();
    const killed = {
      ...host,
      upstream: 'cogni-app-b',
      containers: [...host.containers, { ...host.containers[0]!, service: 'app-b' }],
    };
    const plan = planRolling(propsFor(killed, { request: { tag: 'preview-4567def' }, images: other }));
    expect(plan.release.slot).toBe('a');
    expect(linesOf(plan, 'retire')).toEqual([
      'docker compose --project-name=cogni-runtime rm --stop --force app-b',
    ]);
    expect(stepOf(plan, 'stage').leaves).toBe('what an unfinished deploy put into app-b serves as before');
  });

  test('writes over no file that serves before the gate is passed', () => {
    const before = ids(update).slice(0, ids(update).indexOf('gate'));
    const touching = before
      .flatMap((id) => linesOf(update, id))
      .filter((line) => /^(mv|cp|rm|dd|tee|install|tar)\b/.test(line))
      .filter((line) => !line.includes('/.next') && !line.includes('/upstream/.active.next'));
    expect(touching).toEqual([]);
    const written = before.flatMap((id) =>
      stepOf(update, id).actions.filter(({ do: what }) => what === 'write'),
    );
    expect(written.map((action) => 'folder' in action && action.folder)).toEqual([
      '/opt/cogni/runtime/.next',
      '/opt/cogni/edge/caddy/upstream',
    ]);
  });

  test('removes files that the new release does not have any more, and brings them back when taken back', () => {
    const host = servingHost();
    const facts = {
      ...host,
      release: { ...host.release!, files: { ...host.release!.files, 'old/x.conf': 'hash' } },
      files: { ...host.files, 'old/x.conf': { hash: 'hash', mode: 0o644 } },
    };
    const plan = planRolling(propsFor(facts));
    expect(linesOf(plan, 'promote')).toContain('rm --force -- /opt/cogni/runtime/old/x.conf');
    expect(linesOf(plan, 'keep').slice(-2)).toEqual([
      'cp --archive --target-directory=/opt/cogni/runtime/.previous -- /opt/cogni/runtime/compose.yaml /opt/cogni/runtime/.env',
      'cp --archive --target-directory=/opt/cogni/runtime/.previous/old -- /opt/cogni/runtime/old/x.conf',
    ]);
    expect(linesOf(plan, 'keep')).toContain(
      'mkdir --parents --mode=0700 -- /opt/cogni/runtime/.previous/old',
    );
    expect(stepOf(plan, 'promote').undo!.map(({ argv }) => argv.join(' '))).toContain(
      'cp --archive --target-directory=/opt/cogni/runtime/old -- /opt/cogni/runtime/.previous/old/x.conf',
    );
  });

  test.each<[string, (host: ReturnType<typeof servingHost>) => ReturnType<typeof servingHost>]>([
    [
      'the settings were edited by hand',
      (host) => ({ ...host, files: { ...host.files, '.env': { hash: 'other', mode: 0o600 } } }),
    ],
    [
      'the settings can be read by everybody',
      (host) => ({ ...host, files: { ...host.files, '.env': { ...host.files['.env']!, mode: 0o644 } } }),
    ],
    [
      'the application was stopped by hand',
      (host) => ({ ...host, containers: host.containers.filter(({ service }) => service !== 'app-a') }),
    ],
    [
      'the application is not well',
      (host) => ({ ...host, containers: host.containers.map((one) => ({ ...one, health: 'not healthy' })) }),
    ],
    [
      'the database is gone',
      (host) => ({ ...host, containers: host.containers.filter(({ service }) => service !== 'postgres') }),
    ],
    ['the edge sends requests elsewhere', (host) => ({ ...host, upstream: 'none' })],
  ])('converges although it is the same version, because %s', (_, change) => {
    const plan = planRolling(propsFor(change(servingHost())));
    expect(plan.unchanged).toBe(false);
    expect(ids(plan)).toContain('start');
  });

  test('does so too when a setting has another value', () => {
    const plan = planRolling(
      propsFor(servingHost(), { settings: { AUTH_SECRET: 'another-auth-secret-of-32-characters' } }),
    );
    expect(plan.unchanged).toBe(false);
  });
});

describe('the plan for what serves already', () => {
  const servingNow = servingHost();
  const same = planRolling({ ...propsFor(servingNow), at: new Date('2026-11-22T00:00:00Z') });

  test('is nothing but the gate', () => {
    expect(same.unchanged).toBe(true);
    expect(ids(same)).toEqual(['gate']);
  });

  test('ends what an earlier deploy left beside it, under the lock', () => {
    const left = {
      ...servingNow,
      containers: [...servingNow.containers, { ...servingNow.containers[0]!, service: 'app-b' }],
    };
    const plan = planRolling(propsFor(left));
    expect(plan.unchanged).toBe(true);
    expect(ids(plan)).toEqual(['lock', 'gate', 'drain', 'retire', 'tidy']);
    expect(linesOf(plan, 'retire')[0]).toMatch(/ app-b$/);
  });

  test('removes what a deploy has left that was killed after its record', () => {
    const plan = planRolling(propsFor({ ...servingNow, leftovers: true }));
    expect(plan.unchanged).toBe(true);
    expect(ids(plan)).toEqual(['lock', 'gate', 'tidy']);
    expect(stepOf(plan, 'tidy').cleanUp!.map(({ argv }) => argv.at(-1))).toEqual([
      '/opt/cogni/runtime/.next',
      '/opt/cogni/runtime/.previous',
      expect.any(String),
      '/dev/shm/cogni-',
      'cogni-runtime-migrations',
    ]);
  });

  test('names the release as it was recorded', () => {
    expect(same.release).toBe(servingNow.release!);
  });
});

describe('every plan', () => {
  test('gives every command a deadline', () => {
    for (const plan of [first, update]) {
      for (const { argv, deadline } of allCommands(plan)) {
        expect([argv.join(' '), deadline > 0 && deadline <= 16 * 60_000]).toEqual([argv.join(' '), true]);
      }
    }
  });

  test('says of every step why it is done, what it leaves, and what to run next', () => {
    for (const step of [...first.steps, ...update.steps]) {
      expect([step.id, step.why, step.leaves, step.next].every((text) => text !== '')).toBe(true);
      expect(step.next).toContain('./cogni deploy preview --image-tag preview-');
    }
  });

  test('never takes the edge down, nor the project of the runtime', () => {
    const lines = [first, update].flatMap((plan) => allCommands(plan).map(({ argv }) => argv.join(' ')));
    expect(
      lines.filter((line) => / (down|restart|kill|stop) ?/.test(line) && !line.includes('rm --stop')),
    ).toEqual([]);
    expect(
      lines.filter((line) => line.includes('cogni-edge') && / (up|rm|stop|create|run) /.test(line)),
    ).toEqual([]);
  });

  test('uses names that the rendered projects really have', () => {
    const runtime = runtimeProject(request.runtime);
    expect(runtime.services.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['app-a', 'postgres', 'db-provision', 'db-migrate']),
    );
    const edge = edgeProject({
      domain: 'preview.cogni.test',
      www: false,
      acme: { directory: 'https://acme.cogni.test/acme/directory' },
      image: request.runtime.images.postgres,
    });
    expect(edge.services.map(({ name }) => name)).toContain(layout.edge.service);
    expect(
      edge.folders.flatMap(({ name, files }) =>
        files.map(({ path }) => `${layout.edge.folder}/${name}/${path}`),
      ),
    ).toContain(`${layout.edge.upstream.folder}/${layout.edge.upstream.file}`);
  });

  test('shows a secret nowhere: neither in arguments, nor in text, nor as data', () => {
    const secret = fc
      .string({
        minLength: 40,
        maxLength: 60,
        unit: fc.constantFrom(...Array.from('abcXYZ019!#$%&\'()*+,-./:;<=>?@[]^_{|}~"\\')),
      })
      .map((text) => `p1anted${text}`)
      .filter((text) => !text.endsWith('\\'));
    const secretNames = Object.keys(settingsSource).filter((name) => /PASSWORD|TOKEN|SECRET/.test(name));
    fc.assert(
      fc.property(secret, (value) => {
        const settings = Object.fromEntries(secretNames.map((name) => [name, `${value}${name.length}`]));
        const plan = planRolling(
          propsFor(servingHost(), { settings, images: other, request: { tag: 'preview-4567def' } }),
        );
        for (const { argv } of allCommands(plan)) expect(argv.join(' ')).not.toContain('p1anted');
        expect(planText(plan)).not.toContain('p1anted');
        expect(JSON.stringify(planJson(plan))).not.toContain('p1anted');
      }),
      { numRuns: 20 },
    );
  });
});

describe('a deploy with LiteLLM', () => {
  const litellm = {
    image: `ghcr.cogni.test/berriai/litellm@sha256:${'f'.repeat(64)}`,
    database: false,
  } as const;
  const settings = {
    LITELLM_MASTER_KEY: `sk-${'0'.repeat(32)}`,
    OPENROUTER_API_KEY: 'p1anted-openrouter-key',
  };
  const asked = { runtime: { ...request.runtime, litellm } };
  const plan = planRolling(propsFor(emptyHost, { request: asked, settings }));
  const config = /litellm\/[0-9a-f]{12}/.exec(linesOf(plan, 'place').join('\n'))?.[0] ?? '';
  const up = 'up --detach --no-deps --pull=never --wait --wait-timeout=360 litellm';

  test('pulls its image with the others, without a login', () => {
    expect(linesOf(plan, 'pull-third-party')).toContain(`docker pull --quiet ${litellm.image}`);
    expect(stepOf(plan, 'pull-third-party').doneWhen![0]!.command.argv).toContain(litellm.image);
  });

  test('puts its configuration where nothing is yet, starts it after its role was made and before the application', () => {
    expect(ids(plan).slice(ids(plan).indexOf('stage'), ids(plan).indexOf('prove'))).toEqual([
      'stage',
      'place',
      'database',
      'provision',
      'litellm',
      'migrate',
      'start',
    ]);
    expect(linesOf(plan, 'place')).toEqual([
      `mkdir --parents --mode=0755 -- /opt/cogni/runtime/litellm /opt/cogni/runtime/${config} /opt/cogni/runtime/postgres`,
      `cp --archive --target-directory=/opt/cogni/runtime/${config} -- /opt/cogni/runtime/.next/${config}/config.yaml`,
      'cp --archive --target-directory=/opt/cogni/runtime/postgres -- /opt/cogni/runtime/.next/postgres/postgresql.conf /opt/cogni/runtime/.next/postgres/start.sh',
    ]);
    expect(linesOf(plan, 'litellm')).toEqual([
      `${compose} --project-directory=/opt/cogni/runtime ${next} ${up}`,
    ]);
  });

  test('takes a first one away again when something fails, its configuration with it, and leaves the database its own', () => {
    const undo = (id: string): string[] => (stepOf(plan, id).undo ?? []).map(({ argv }) => argv.join(' '));
    expect(undo('litellm')).toEqual([
      'docker compose --project-name=cogni-runtime rm --stop --force litellm',
    ]);
    expect(undo('place')).toEqual([
      `rm --force -- /opt/cogni/runtime/${config}/config.yaml`,
      'find /opt/cogni/runtime -mindepth 1 -type d -empty -delete',
    ]);
  });

  test('brings the one that served back when something fails', () => {
    const served = servingHost({ request: asked, settings });
    const again = planRolling(
      propsFor(served, { request: { ...asked, tag: 'preview-4567def' }, images: other, settings }),
    );
    expect(ids(again)).not.toContain('place');
    expect(stepOf(again, 'litellm').undo!.map(({ argv }) => argv.join(' '))).toEqual([
      `${compose} --project-directory=/opt/cogni/runtime ${current} ${up}`,
    ]);
    expect(again.release.images.litellm).toBe(litellm.image);
  });

  test('is not done already while LiteLLM is not well', () => {
    const served = servingHost({ request: asked, settings });
    const well: RunningContainer = {
      service: 'litellm',
      state: 'running',
      health: 'healthy',
      image: litellm.image,
    };
    const unchanged = (container: typeof well): boolean =>
      planRolling(
        propsFor({ ...served, containers: [...served.containers, container] }, { request: asked, settings }),
      ).unchanged;
    expect(unchanged(well)).toBe(true);
    expect(unchanged({ ...well, health: 'not healthy' })).toBe(false);
  });
});

describe('a deploy with Alloy', () => {
  const alloy = {
    image: `hub.cogni.test/grafana/alloy@sha256:${'1'.repeat(64)}`,
    environment: 'preview',
  } as const;
  const settings = {
    METRICS_TOKEN: 'p1anted-metrics-token-of-32-characters',
    GRAFANA_CLOUD_LOKI_URL: 'https://logs.cogni.test/loki/api/v1/push',
    GRAFANA_CLOUD_LOKI_USER: '1',
    GRAFANA_CLOUD_LOKI_API_KEY: 'p1anted-loki-token',
    PROMETHEUS_REMOTE_WRITE_URL: 'https://metrics.cogni.test/api/prom/push',
    PROMETHEUS_USERNAME: '2',
    PROMETHEUS_PASSWORD: 'p1anted-prometheus-token',
  };
  const asked = { runtime: { ...request.runtime, alloy } };
  const plan = planRolling(propsFor(emptyHost, { request: asked, settings }));

  test('starts it when the release is recorded: what looks on stops no release', () => {
    expect(ids(plan).slice(-3)).toEqual(['record', 'alloy', 'tidy']);
    expect(stepOf(plan, 'alloy').undo).toBeUndefined();
    expect(linesOf(plan, 'alloy')).toEqual([
      `${compose} --project-directory=/opt/cogni/runtime ${current} up --detach --no-deps --pull=never --wait --wait-timeout=90 alloy`,
    ]);
  });

  test('keeps the release from being taken for done while Alloy does not run', () => {
    const served = servingHost({ request: asked, settings });
    const well: RunningContainer = {
      service: 'alloy',
      state: 'running',
      health: 'healthy',
      image: alloy.image,
    };
    const again = (containers: typeof served.containers): boolean =>
      planRolling(propsFor({ ...served, containers }, { request: asked, settings })).unchanged;
    expect(again(served.containers)).toBe(false);
    expect(again([...served.containers, well])).toBe(true);
  });
});

describe('the build that the site must say it is', () => {
  const prove = (plan: DeployPlan): string => JSON.stringify([stepOf(plan, 'prove'), stepOf(plan, 'gate')]);

  test('is the commit of the tag', () => {
    expect(first.release.buildSha).toBe('0123abc');
  });

  test('is the commit that the image was built from, where it was given the tag of another', () => {
    const promoted = { ...other, app: { ...other.app, builtFrom: 'fedcba9' } };
    const plan = planRolling(
      propsFor(servingHost(), { request: { tag: 'preview-4567def' }, images: promoted }),
    );
    expect(plan.release).toMatchObject({ tag: 'preview-4567def', buildSha: 'fedcba9' });
    expect(prove(plan).match(/"buildSha":"fedcba9"/g)).toHaveLength(2);
    expect(prove(plan)).not.toContain('"buildSha":"4567def"');
  });

  test('is the recorded one on the way back: the registry is not asked again', () => {
    const { release } = update;
    const asked = { request: { tag: release.tag }, images: other };
    const plan = planRolling({
      ...propsFor(servingHost(), asked),
      backTo: { ...release, buildSha: 'fedcba9' },
    });
    expect(plan.release.buildSha).toBe('fedcba9');
  });
});
