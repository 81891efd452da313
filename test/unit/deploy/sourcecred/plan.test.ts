import { planText } from '../../../../deploy/plan-text';
import { runPlan } from '../../../../deploy/run-plan';
import { planSourcecred } from '../../../../deploy/sourcecred/plan';
import { filesOf, hashesOf, type SourcecredRequest } from '../../../../deploy/sourcecred/request';
import { parseHashes, surveySourcecred, type SourcecredFacts } from '../../../../deploy/sourcecred/survey';
import type { Plan } from '../../../../deploy/step';
import { ExitCode, Failure } from '../../../../foundation/failure';
import { silent } from '../../../../foundation/progress';
import { readSettings } from '../../../../services';
import { fakeClock } from '../fake-clock';
import { fakeTransport, type FakeTransport } from '../fake-transport';

const token = `ghp_${'x'.repeat(36)}`;
const image = `ghcr.io/cogni/runner@sha256:${'a'.repeat(64)}`;
const request: SourcecredRequest = {
  environment: 'preview',
  domain: 'preview.cogni.test',
  files: [
    { path: 'compose.yaml', mode: 0o644, content: 'services: {}\n' },
    { path: 'instance/0123abc/sourcecred.json', mode: 0o644, content: '{}\n' },
  ],
  image,
  settings: readSettings(
    { SOURCECRED_GITHUB_TOKEN: token, GHCR_USERNAME: 'bot', GHCR_DEPLOY_TOKEN: 'registry-token' },
    'sourcecred',
  ),
  by: { who: 'ada', from: 'laptop' },
  at: new Date('2026-11-21T08:15:00Z'),
};
const healthy = { id: 'c0', running: true, healthy: true, madeFrom: 'h1' };
const empty: SourcecredFacts = { folder: true, hashes: {}, left: [], made: undefined, container: undefined };
const same: SourcecredFacts = {
  folder: true,
  hashes: hashesOf(request),
  left: [],
  made: 'h1',
  container: healthy,
};
const older: SourcecredFacts = {
  ...same,
  hashes: {
    '.env': hashesOf(request)['.env']!,
    'compose.yaml': 'f'.repeat(64),
    'instance/ffff/a.json': 'e'.repeat(64),
  },
};

const ids = ({ steps }: Plan): string[] => steps.map(({ id }) => id);
const printed = ({ hashes }: SourcecredFacts): string =>
  Object.entries(hashes)
    .map(([path, hash]) => `${hash}  /opt/cogni/sourcecred/${path}\n`)
    .join('');

const ups = ({ log }: FakeTransport): string[] => log.filter((line) => line.includes(' up --detach'));

async function carryOut(
  facts: SourcecredFacts,
  rules: Parameters<typeof fakeTransport>[0] = [],
): Promise<{ transport: FakeTransport; thrown: unknown }> {
  const transport = fakeTransport([
    ...rules,
    ['sha256sum', { stdout: printed(facts) }],
    ['image inspect', { code: 1 }],
  ]);
  const thrown: unknown = await runPlan(planSourcecred(request, facts), {
    transport,
    https: () => Promise.reject(new Error('nothing is asked from outside')),
    clock: fakeClock(),
    progress: silent,
    redact: (text) => text,
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { transport, thrown };
}

describe('a plan that brings SourceCred to a host', () => {
  test('has no steps where its files are as rendered and it is healthy', () => {
    expect(planSourcecred(request, same).steps).toEqual([]);
  });

  test.each([
    ['is not healthy', { ...same, container: { ...healthy, healthy: false } }],
    ['is made from something else', { ...same, container: { ...healthy, madeFrom: 'h0' } }],
    ['was made by hand', { ...same, container: { ...healthy, madeFrom: undefined }, made: undefined }],
  ])('starts it again from the same files where it %s', (_, facts) => {
    const plan = planSourcecred(request, facts);
    expect(ids(plan)).toEqual(['lock', 'pull', 'start', 'wait', 'prove', 'tidy']);
    expect(planText(plan)).toContain('--file=/opt/cogni/sourcecred/compose.yaml');
  });

  test('starts it from files that wait, and only then puts them in their place', () => {
    const plan = planSourcecred(request, older);
    expect(ids(plan)).toEqual(['lock', 'pull', 'stage', 'start', 'wait', 'prove', 'keep', 'tidy']);
    const text = planText(plan);
    expect(text).toContain(
      '--file=/opt/cogni/sourcecred/.compose.next.yaml --env-file=/opt/cogni/sourcecred/.env up --detach',
    );
    expect(text).toContain('/opt/cogni/sourcecred/.compose.next.yaml /opt/cogni/sourcecred/compose.yaml');
  });

  test('holds a lock of its own: no deploy waits for it', () => {
    const [{ actions }] = planSourcecred(request, empty).steps as [Plan['steps'][number]];
    expect(actions[0]).toMatchObject({ do: 'hold', until: 'end of plan' });
    expect(JSON.stringify(actions[0])).toContain('/var/lib/cogni/deploy/sourcecred.lock');
  });

  test('never shows the token or the login, and has neither in an argument', () => {
    const plan = planSourcecred(request, empty);
    expect(planText(plan)).not.toContain(token);
    const words = plan.steps.flatMap(({ actions }) =>
      actions.flatMap((action) => ('command' in action ? action.command.argv : [])),
    );
    expect(words.join(' ')).not.toMatch(/ghp_|registry-token/);
  });

  test('refuses a host that has no folder for it, and names what makes one', () => {
    expect.assertions(2);
    try {
      planSourcecred(request, { ...empty, folder: false });
    } catch (thrown) {
      expect((thrown as Failure).exitCode).toBe(ExitCode.refused);
      expect((thrown as Failure).next).toContain('./cogni host converge preview');
    }
  });

  test('touches no volume and never stops the whole project', () => {
    const text = planText(planSourcecred(request, older));
    expect(text).not.toMatch(/\bdown\b|--volumes|volume rm/);
  });
});

describe('a run of that plan', () => {
  test('removes configurations of earlier versions at its end, and nothing else of the folder', async () => {
    const { transport, thrown } = await carryOut(older);
    expect(thrown).toBeUndefined();
    expect(transport.log.filter((line) => line.startsWith('rm --recursive'))).toEqual([
      expect.stringContaining('/dev/shm/cogni-sourcecred-'),
      'rm --recursive --force -- /opt/cogni/sourcecred/instance/ffff',
      'rm --recursive --force -- /opt/cogni/sourcecred/.compose.next.yaml',
      'rm --recursive --force -- /opt/cogni/sourcecred/.compose.previous.yaml',
      'rm --recursive --force -- /opt/cogni/sourcecred/.env.next',
      'rm --recursive --force -- /opt/cogni/sourcecred/.env.previous',
    ]);
  });

  test('puts files onto the disk before they take their place, and never the whole file system', async () => {
    const { transport } = await carryOut(older);
    const folder = '/opt/cogni/sourcecred';
    expect(transport.log.filter((line) => /^(sync|mv) /.test(line))).toEqual([
      `sync -- ${folder}/.compose.next.yaml ${folder}/instance/0123abc/sourcecred.json ${folder} ${folder}/instance ${folder}/instance/0123abc`,
      `mv --force --no-target-directory -- ${folder}/.compose.next.yaml ${folder}/compose.yaml`,
      `sync -- ${folder}`,
    ]);
  });

  test('runs as rendered also where the places do not get onto the disk in time', async () => {
    const { transport, thrown } = await carryOut(older, [
      ['sync -- /opt/cogni/sourcecred', [{}, { code: 124, timedOut: true }]],
    ]);
    expect(thrown).toBeUndefined();
    expect(ups(transport)).toHaveLength(2);
  });

  test('goes back to the old files, and from them, where one of the new ones does not get its place', async () => {
    const both = { ...older, hashes: { ...older.hashes, '.env': 'd'.repeat(64) } };
    const { transport, thrown } = await carryOut(both, [
      ['mv --force --no-target-directory -- /opt/cogni/sourcecred/.env.next', { code: 1 }],
    ]);
    expect(thrown).toMatchObject({ exitCode: ExitCode.failed, state: expect.stringContaining('taken back') });
    const again = transport.log.findLastIndex((line) => line.includes(' up --detach'));
    for (const [from, to] of [
      ['.compose.previous.yaml', 'compose.yaml'],
      ['.env.previous', '.env'],
    ] as const) {
      const moved = transport.log.indexOf(
        `mv --force --no-target-directory -- /opt/cogni/sourcecred/${from} /opt/cogni/sourcecred/${to}`,
      );
      expect(moved).toBeGreaterThan(0);
      expect(moved).toBeLessThan(again);
    }
  });

  test('goes back to what ran before when the new one does not become healthy', async () => {
    const { transport, thrown } = await carryOut(older, [['--wait-timeout', { code: 1 }]]);
    expect(thrown).toMatchObject({
      exitCode: ExitCode.failed,
      state: expect.stringContaining('SourceCred runs as before'),
    });
    const after = transport.log.slice(transport.log.findIndex((line) => line.includes('--wait-timeout')));
    expect(after.find((line) => line.includes('up --detach') && !line.includes('--wait'))).toContain(
      '--file=/opt/cogni/sourcecred/compose.yaml --env-file=/opt/cogni/sourcecred/.env',
    );
    expect(transport.log.some((line) => line.startsWith('mv'))).toBe(false);
    expect(transport.held.size).toBe(0);
  });

  test('does not say of one that was stopped that it does not run, where it starts it from the old files', async () => {
    const stopped = { ...older, container: { ...healthy, healthy: false, running: false } };
    const { transport, thrown } = await carryOut(stopped, [['--wait-timeout', { code: 1 }]]);
    expect(thrown).toMatchObject({
      state: expect.stringContaining(
        'SourceCred did not run before; it was started from the files that were there; its data are untouched',
      ),
    });
    expect(ups(transport).at(-1)).toContain('--file=/opt/cogni/sourcecred/compose.yaml ');
  });

  test('removes its container when the first one does not become healthy', async () => {
    const { transport } = await carryOut(empty, [['--wait-timeout', { code: 1 }]]);
    expect(transport.log).toContainEqual(
      expect.stringContaining('docker compose --project-name=cogni-sourcecred rm --stop --force sourcecred'),
    );
  });

  describe('over a container that no file on the host makes', () => {
    const withoutSettings = Object.fromEntries(
      Object.entries(same.hashes).filter(([path]) => path !== '.env'),
    );
    const settingsLost: SourcecredFacts = { ...same, hashes: withoutSettings, made: undefined };
    const fails = ['--wait-timeout', { code: 1 }] as const;

    test.each([
      ['whose settings were deleted', settingsLost],
      ['that was made from something else', { ...same, container: { ...healthy, madeFrom: 'h0' } }],
    ])('never removes one %s, and is degraded where it is gone', async (_title, facts) => {
      const { transport, thrown } = await carryOut(facts, [fails, ['docker start c0', { code: 1 }]]);
      expect(thrown).toMatchObject({
        exitCode: ExitCode.degraded,
        state: expect.stringContaining('the container of before may have been removed'),
      });
      expect(transport.log.filter((line) => / compose .* rm /.test(line))).toEqual([]);
    });

    test('starts the old one again for as long as that is there', async () => {
      const { transport, thrown } = await carryOut(settingsLost, [fails]);
      expect(thrown).toMatchObject({
        exitCode: ExitCode.failed,
        state: expect.stringContaining('SourceCred runs as before'),
      });
      expect(transport.log.filter((line) => line.endsWith(' docker start c0'))).toHaveLength(1);
    });
  });

  test('lets Docker work at it one at a time, and waits for minutes with what changes nothing', async () => {
    const { transport } = await carryOut(older, [['--wait-timeout', { code: 1 }]]);
    const [first, waiting, back] = ups(transport);
    for (const line of [first, back]) {
      expect(line).toMatch(
        /^flock --timeout 120 --conflict-exit-code 75 \/var\/lib\/cogni\/deploy\/sourcecred\.at-work\.lock timeout --kill-after=5 120 docker /,
      );
      expect(line).not.toContain('--wait');
    }
    // What was pulled before, under the deadline of that step.
    for (const line of ups(transport)) expect(line).toContain(' --pull=never ');
    expect(waiting).toContain('--no-recreate');
    expect(waiting).not.toContain('flock');
    const steps = planSourcecred(request, older).steps.filter(({ id }) => ['start', 'wait'].includes(id));
    expect(steps.map(({ interruptible = false }) => interruptible)).toEqual([false, true]);
  });

  test('ends as locked, and takes no container back, where what an earlier run has left at work does not end', async () => {
    const { transport, thrown } = await carryOut(older, [['at-work.lock', { code: 75 }]]);
    expect(thrown).toMatchObject({
      exitCode: ExitCode.locked,
      what: expect.stringContaining('an earlier run has left Docker Compose at work on the host'),
      state:
        'SourceCred is as that one leaves it: this step has done nothing to it (what was begun was taken back)',
    });
    expect(transport.log.filter((line) => line.includes('at-work.lock'))).toHaveLength(1);
  });

  test('is no other change when one was made meanwhile', async () => {
    const { transport, thrown } = await carryOut(older, [['sha256sum', { stdout: printed(same) }]]);
    expect(thrown).toMatchObject({
      exitCode: ExitCode.locked,
      what: expect.stringContaining('another run has changed the files of SourceCred'),
    });
    expect(transport.log.some((line) => line.includes('up --detach'))).toBe(false);
  });

  test('ends as locked while another change is under way', async () => {
    const { thrown } = await carryOut(older, [['flock --nonblock', { code: 75 }]]);
    expect(thrown).toMatchObject({ exitCode: ExitCode.locked });
  });
});

describe('what is there of SourceCred', () => {
  test('is read from the host', async () => {
    const transport = fakeTransport([
      ['sha256sum', { stdout: printed(older) }],
      ['docker ps', { stdout: 'c0\trunning\tUp 2 hours (healthy)\th1\n' }],
      ['config --hash', { stdout: 'sourcecred h1\n' }],
    ]);
    expect(await surveySourcecred(transport, request)).toEqual(older);
  });

  test('is nothing on a host that never had it', async () => {
    const transport = fakeTransport([
      ['test -w', { code: 1 }],
      ['find', { code: 1, stderr: 'No such file or directory' }],
      ['config --hash', { code: 14, stderr: 'no such file' }],
    ]);
    expect(await surveySourcecred(transport, request)).toEqual({
      folder: false,
      hashes: {},
      left: [],
      made: undefined,
      container: undefined,
    });
  });

  test('is not healthy while its health check says so', async () => {
    const transport = fakeTransport([['docker ps', { stdout: 'c0\trunning\tUp 2 minutes (unhealthy)\t\n' }]]);
    expect((await surveySourcecred(transport, request)).container).toEqual({
      id: 'c0',
      running: true,
      healthy: false,
      madeFrom: undefined,
    });
  });

  test('fails when Docker does not answer, with the command to run next', async () => {
    const transport = fakeTransport([['docker ps', { code: 1, stderr: 'no daemon' }]]);
    await expect(surveySourcecred(transport, request)).rejects.toMatchObject({
      what: 'Docker does not say whether SourceCred runs: no daemon',
      next: './cogni host check preview, then ./cogni sourcecred apply preview',
    });
  });

  test('leaves out what lies elsewhere', () => {
    expect(parseHashes(`${'0'.repeat(64)}  /etc/passwd\nnonsense\n`)).toEqual({});
  });
});

test('the settings of SourceCred are a file that only its user reads', () => {
  expect(filesOf(request).find(({ path }) => path === '.env')).toMatchObject({ mode: 0o600 });
});
