import { planRolling, type DeployPlan } from '../../../../deploy/rolling/plan';
import { first, other, update, stepOf, linesOf, image } from './plan-reading';
import { propsFor, servingHost } from './sample';

describe('the plan of a first deploy, from the switch on', () => {
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
    expect(step.undo![0]!.argv.slice(-2)).toEqual([
      '/opt/cogni/edge/caddy/upstream/.active.previous',
      '/opt/cogni/edge/caddy/upstream/active',
    ]);
  });

  test('says of each step that changes what serves what may be so where it cannot be taken back', () => {
    const told = update.steps.filter(({ unlessTakenBack }) => unlessTakenBack !== undefined);
    expect(told.map(({ id }) => id)).toEqual(['start', 'switch', 'promote', 'record']);
    expect(stepOf(update, 'switch').unlessTakenBack).toBe(
      'visitors may have app-b, which is preview-4567def and may not have been proven',
    );
  });

  test('asks the site from outside for readiness and the build, three times in a row', () => {
    expect(stepOf(first, 'gate').actions).toEqual([
      {
        do: 'gate',
        checks: [
          { url: 'https://preview.cogni.test/readyz', status: 200 },
          { url: 'https://preview.cogni.test/version', status: 200, json: { buildSha: '0123abc' } },
        ],
        retry: { every: 50, within: 180_000, inARow: 3 },
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
      'mv --force --target-directory=/opt/cogni/runtime/db-provision -- /opt/cogni/runtime/.next/db-provision/database.sql /opt/cogni/runtime/.next/db-provision/databases.sql /opt/cogni/runtime/.next/db-provision/marker.sql /opt/cogni/runtime/.next/db-provision/other-logins.sql /opt/cogni/runtime/.next/db-provision/password.sql /opt/cogni/runtime/.next/db-provision/provision.sh /opt/cogni/runtime/.next/db-provision/refusals.sql /opt/cogni/runtime/.next/db-provision/roles.sql /opt/cogni/runtime/.next/db-provision/verify.sql',
      'mv --force --target-directory=/opt/cogni/runtime/postgres -- /opt/cogni/runtime/.next/postgres/postgresql.conf /opt/cogni/runtime/.next/postgres/start.sh',
      'sync -- /opt/cogni/runtime/compose.yaml /opt/cogni/runtime/db-provision/database.sql /opt/cogni/runtime/db-provision/databases.sql /opt/cogni/runtime/db-provision/marker.sql /opt/cogni/runtime/db-provision/other-logins.sql /opt/cogni/runtime/db-provision/password.sql /opt/cogni/runtime/db-provision/provision.sh /opt/cogni/runtime/db-provision/refusals.sql /opt/cogni/runtime/db-provision/roles.sql /opt/cogni/runtime/db-provision/verify.sql /opt/cogni/runtime/postgres/postgresql.conf /opt/cogni/runtime/postgres/start.sh /opt/cogni/runtime/.env /opt/cogni/runtime /opt/cogni/runtime/db-provision /opt/cogni/runtime/postgres',
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
    expect(linesOf(first, 'record').slice(-2)).toEqual([
      'mv --force --no-target-directory -- /var/lib/cogni/deploy/.current.next /var/lib/cogni/deploy/current',
      'sync -- /var/lib/cogni/deploy/releases /var/lib/cogni/deploy',
    ]);
  });

  test('gives the record its name only once all of it is on the disk', () => {
    const releases = '/var/lib/cogni/deploy/releases';
    expect(stepOf(first, 'record').actions[0]).toMatchObject({
      folder: releases,
      files: [{ path: '.next' }],
    });
    expect(linesOf(first, 'record').filter((line) => line.includes('releases/.next'))).toEqual([
      `sync -- ${releases}/.next`,
      `mv --force --no-target-directory -- ${releases}/.next ${releases}/20261121T081500Z-preview-0123abc.json`,
    ]);
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
      `rm --recursive --force -- ${folder}/releases/.next`,
    ]);
    expect(undoOf(update)[0]).toBe(
      `ln --symbolic --force --no-target-directory -- releases/20261121T081500Z-preview-0123abc.json ${folder}/.current.next`,
    );
  });

  test('keeps no plain hash of the settings, which could be guessed from it', () => {
    expect(Object.keys(first.release.files)).not.toContain('.env');
    expect(Object.keys(first.release.files)).toContain('compose.yaml');
  });

  it('marks the disk once, after everything else has been started, and leaves a marker that is there alone', () => {
    const { doneWhen, actions, undo } = stepOf(first, 'mark');
    expect(doneWhen?.map(({ command }) => command.argv.join(' '))).toEqual([
      'test -s /var/lib/cogni/deploy/identity.json',
    ]);
    expect(actions).toMatchObject([
      { command: { argv: ['sh', '-s', '--', 'preview', 'new', '/var/lib/cogni/deploy/identity.json'] } },
    ]);
    expect(undo).toBeUndefined();
  });
});
