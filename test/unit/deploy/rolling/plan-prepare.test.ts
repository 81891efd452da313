import { planRolling } from '../../../../deploy/rolling/plan';
import {
  alone,
  first,
  update,
  ids,
  stepOf,
  allCommands,
  commandsOf,
  linesOf,
  compose,
  next,
  image,
} from './plan-reading';
import { emptyHost, propsFor, request } from './sample';

describe('the plan of a first deploy, before anything is started', () => {
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
      'mark',
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

  test.each(['pull-third-party', 'pull'])('shows how much room for images is left where %s fails', (id) => {
    const { diagnose = [], next } = stepOf(first, id);
    expect(diagnose.map(({ argv }) => argv.join(' '))).toEqual([
      'df --human-readable --output=target,size,avail,itotal,iavail -- /var/lib/docker',
    ]);
    expect(next).toContain('has room for images');
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
      ['db-provision/marker.sql', 0o644],
      ['db-provision/other-logins.sql', 0o644],
      ['db-provision/password.sql', 0o644],
      ['db-provision/provision.sh', 0o755],
      ['db-provision/refusals.sql', 0o644],
      ['db-provision/roles.sql', 0o644],
      ['db-provision/verify.sql', 0o644],
      ['postgres/postgresql.conf', 0o644],
      ['postgres/start.sh', 0o755],
      ['.env', 0o600],
    ]);
    expect(linesOf(first, 'stage')).toContain(
      `${compose} --project-directory=/opt/cogni/runtime ${next} config --quiet`,
    );
  });

  test('waits for jobs that an earlier deploy left running, and ends none of them', () => {
    const names = ['cogni-runtime-db-provision', 'cogni-runtime-db-migrate'];
    const noneRuns = `docker ps --filter=name=^${names[0]}$ --filter=name=^${names[1]}$ --format={{.Names}}`;
    expect(linesOf(first, 'wait').slice(1)).toEqual([
      ...names.map((name) => `docker wait ${name}`),
      noneRuns,
    ]);
    const step = stepOf(first, 'wait');
    expect(step.actions.at(-1)).toMatchObject({ expect: { stdout: { equals: '' } } });
    expect([step.cleanUp, step.undo]).toEqual([undefined, undefined]);
    expect(step.leaves).toContain('a job of an earlier deploy may still be running, and was left alone');
    expect(step.next).toContain(names.join(' or '));
  });

  test('waits, under the lock, for a Docker Compose that was left at work since the host was looked at, by the same question as for jobs', () => {
    const [noneAtWork, ...more] = stepOf(first, 'wait').doneWhen!;
    expect(noneAtWork!.command.argv.join(' ')).toMatch(
      /^flock --shared --nonblock --conflict-exit-code 75 \S+runtime\.at-work\.lock docker ps /,
    );
    expect(more).toEqual([]);
    expect(stepOf(first, 'wait').actions[0]).toMatchObject({
      command: { argv: [...alone(390).split(' '), 'true'] },
      taken: { exit: 75, leaves: expect.stringMatching(/^the runtime is as that one leaves it/) as string },
    });
  });

  test('lets one Docker Compose at a time change the runtime', () => {
    const changing = [first, update]
      .flatMap(allCommands)
      .map(({ argv }) => argv.join(' '))
      .filter((line) => /docker compose .* (up|rm|stop) /.test(line));
    expect(changing.length).toBeGreaterThan(5);
    for (const line of changing) expect(line).toMatch(/^flock --timeout \d+ --conflict-exit-code 75 /);
  });
});
