import { planRolling } from '../../../../deploy/rolling/plan';
import { deployCommand } from '../../../../deploy/rolling/request';
import { alone, other, update, ids, stepOf, commandsOf, linesOf, compose, next } from './plan-reading';
import { propsFor, request, servingHost } from './sample';

const upstream = '/opt/cogni/edge/caddy/upstream';

describe('the plan of a later deploy', () => {
  test('keeps the files that serve until it is recorded', () => {
    expect(ids(update).slice(-8)).toEqual([
      'gate',
      'keep',
      'promote',
      'record',
      'drain',
      'retire',
      'mark',
      'tidy',
    ]);
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

  test('needs no room on the disk to be taken back from the switch on: it is full, perhaps', () => {
    for (const id of ['switch', 'promote', 'record'])
      for (const { argv } of stepOf(update, id).undo!) expect(['mv', 'rm', 'ln']).toContain(argv[0]);
  });

  test('does not say that something serves which was not well before', () => {
    const host = servingHost();
    const props = (health: 'healthy' | 'not healthy') =>
      propsFor(
        {
          ...host,
          containers: host.containers.map((one) => (one.service === 'app-a' ? { ...one, health } : one)),
        },
        { request: { tag: 'preview-4567def' }, images: other },
      );
    expect(stepOf(planRolling(props('healthy')), 'start').leaves).toContain(
      'preview-0123abc serves as before',
    );
    expect(stepOf(planRolling(props('not healthy')), 'start').leaves).toContain(
      'preview-0123abc gets the requests as before, and was not well before this run either',
    );
  });

  test('does all of it although exactly this serves, where somebody asks for that', () => {
    const anew = { ...request, anew: true };
    expect(planRolling(propsFor(servingHost())).unchanged).toBe(true);
    const plan = planRolling(propsFor(servingHost(), { request: anew }));
    expect(plan.unchanged).toBe(false);
    expect(plan.steps.map(({ id }) => id)).toEqual(
      planRolling(propsFor(servingHost(), { request: { tag: 'preview-4567def' } })).steps.map(({ id }) => id),
    );
    expect(deployCommand(anew)).toBe('./cogni deploy preview --image-tag preview-0123abc --anew');
  });

  test('touches only files that differ', () => {
    expect(linesOf(update, 'promote')).toEqual([
      'mv --force --target-directory=/opt/cogni/runtime -- /opt/cogni/runtime/.next/compose.yaml /opt/cogni/runtime/.next/.env',
      'sync -- /opt/cogni/runtime/compose.yaml /opt/cogni/runtime/.env /opt/cogni/runtime',
    ]);
  });

  test('starts the new version in the other slot, beside the old one, which no step before the record touches', () => {
    expect(linesOf(update, 'start')).toEqual([
      `${alone(150)} ${compose} --project-directory=/opt/cogni/runtime ${next} up --detach --no-deps --pull=never --wait --wait-timeout=120 --force-recreate app-b`,
    ]);
    expect(stepOf(update, 'switch').doneWhen![0]!.expect).toEqual({ stdout: { equals: 'cogni-app-b' } });
    expect(linesOf(update, 'stage')).toContain(
      `cp --archive -- ${upstream}/active ${upstream}/.active.previous`,
    );
    expect(stepOf(update, 'switch').undo!.map(({ argv }) => argv.join(' '))).toEqual([
      `mv --force --no-target-directory -- ${upstream}/.active.previous ${upstream}/active`,
      `rm --recursive --force -- ${upstream}/.active.next`,
    ]);
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
      `${alone(60)} docker compose --project-name=cogni-runtime rm --stop --force app-b`,
    ]);
    expect(ids(update).indexOf('switch')).toBeGreaterThan(ids(update).indexOf('start'));
    expect(stepOf(update, 'promote').undo!.map(({ argv }) => argv.join(' '))).toEqual([
      'mv --force --target-directory=/opt/cogni/runtime -- /opt/cogni/runtime/.previous/compose.yaml /opt/cogni/runtime/.previous/.env',
    ]);
  });

  test('lets the old version end its requests as the edge counts them, and stops it after the record', () => {
    expect(stepOf(update, 'drain').actions).toMatchObject([
      { command: { argv: ['sleep', '1'] } },
      {
        command: { argv: expect.arrayContaining(['exec', 'cogni-edge-caddy-1', 'cogni-app-a:3000']) },
        expect: { stdout: { listWithout: { address: 'cogni-app-a:3000' } } },
        retry: { within: 30_000 },
      },
    ]);
    expect(linesOf(update, 'retire')).toEqual([
      `${alone(60)} docker compose --project-name=cogni-runtime rm --stop --force app-a`,
    ]);
  });

  test('makes sure, under the lock, that requests still go where they went', () => {
    expect(stepOf(update, 'lock').actions[2]).toMatchObject({
      command: { argv: ['cat', '--', '/opt/cogni/edge/caddy/upstream/active'] },
      expect: { stdout: { equals: 'cogni-app-a' } },
    });
  });

  test('was too late where another run has changed what serves meanwhile: that is no fault of the host', () => {
    const [, record, upstream] = stepOf(update, 'lock').actions;
    for (const look of [record, upstream])
      expect(look).toMatchObject({
        overtaken: expect.stringMatching(/^another run has changed what serves/) as string,
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
      `${alone(60)} docker compose --project-name=cogni-runtime rm --stop --force app-b`,
    ]);
    expect(stepOf(plan, 'stage').leaves).toBe('what an unfinished deploy put into app-b serves as before');
  });

  test('writes over no file that serves before the gate is passed', () => {
    const before = ids(update).slice(0, ids(update).indexOf('gate'));
    const touching = before
      .flatMap((id) => linesOf(update, id))
      .filter((line) => /^(mv|cp|rm|dd|tee|install|tar)\b/.test(line))
      .filter((line) => !line.includes('/.next') && !line.includes('/upstream/.active.'));
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
      'mv --force --target-directory=/opt/cogni/runtime/old -- /opt/cogni/runtime/.previous/old/x.conf',
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
    expect(ids(plan)).toEqual(['lock', 'wait', 'gate', 'drain', 'retire', 'settle', 'mark', 'tidy']);
    expect(linesOf(plan, 'retire')[0]).toMatch(/ app-b$/);
  });

  test('fails by nothing that comes behind the record, as the run before would not have: only the gate can', () => {
    const { containers } = servingNow;
    const left = { ...servingNow, containers: [...containers, { ...containers[0]!, service: 'app-b' }] };
    const plan = planRolling(propsFor(left));
    expect(plan.steps.filter(({ settles }) => settles).map(({ id }) => id)).toEqual(['gate']);
  });

  test('does again what comes behind the record, where a deploy was killed there: its settings may have been other ones', () => {
    const plan = planRolling(propsFor({ ...servingNow, leftovers: true }));
    expect(plan.unchanged).toBe(true);
    expect(ids(plan)).toEqual(['lock', 'wait', 'gate', 'settle', 'mark', 'tidy']);
    expect(linesOf(plan, 'settle').find((line) => line.includes(' run '))).toMatch(/ db-provision$/);
    expect(stepOf(plan, 'tidy').cleanUp!.map(({ argv }) => argv.at(-1))).toEqual([
      '/opt/cogni/edge/caddy/upstream/.active.next',
      '/opt/cogni/edge/caddy/upstream/.active.previous',
      '/opt/cogni/runtime/.previous',
      '/opt/cogni/runtime/.next',
      expect.any(String),
      '/dev/shm/cogni-',
      'dev.cogni.process',
    ]);
  });

  test('names the release as it was recorded', () => {
    expect(same.release).toBe(servingNow.release!);
  });
});
