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
const healthy = { running: true, healthy: true };
const empty: SourcecredFacts = { folder: true, hashes: {}, container: undefined };
const same: SourcecredFacts = { folder: true, hashes: hashesOf(request), container: healthy };
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

  test('starts it again from the same files where it is not healthy', () => {
    const plan = planSourcecred(request, { ...same, container: { running: true, healthy: false } });
    expect(ids(plan)).toEqual(['lock', 'pull', 'start', 'prove', 'keep', 'tidy']);
    expect(planText(plan)).toContain('--file=/opt/cogni/sourcecred/compose.yaml');
  });

  test('starts it from files that wait, and only then puts them in their place', () => {
    const plan = planSourcecred(request, older);
    expect(ids(plan)).toEqual(['lock', 'pull', 'stage', 'start', 'prove', 'keep', 'tidy']);
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
      'rm --recursive --force -- /opt/cogni/sourcecred/.env.next',
    ]);
  });

  test('goes back to what ran before when the new one does not become healthy', async () => {
    const { transport, thrown } = await carryOut(older, [['.compose.next.yaml --env-file', { code: 1 }]]);
    expect(thrown).toMatchObject({ exitCode: ExitCode.failed });
    const after = transport.log.slice(transport.log.findIndex((line) => line.includes('--wait-timeout')));
    expect(after.find((line) => line.includes('up --detach') && !line.includes('--wait'))).toContain(
      '--file=/opt/cogni/sourcecred/compose.yaml --env-file=/opt/cogni/sourcecred/.env',
    );
    expect(transport.log.some((line) => line.startsWith('mv'))).toBe(false);
    expect(transport.held.size).toBe(0);
  });

  test('removes its container when the first one does not become healthy', async () => {
    const { transport } = await carryOut(empty, [['--wait-timeout', { code: 1 }]]);
    expect(transport.log).toContain(
      'docker compose --project-name=cogni-sourcecred rm --stop --force sourcecred',
    );
  });

  test('is no other change when one was made meanwhile', async () => {
    const { transport, thrown } = await carryOut(older, [['sha256sum', { stdout: printed(same) }]]);
    expect(thrown).toBeInstanceOf(Failure);
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
      ['docker ps', { stdout: 'running\tUp 2 hours (healthy)\n' }],
    ]);
    expect(await surveySourcecred(transport, request)).toEqual(older);
  });

  test('is nothing on a host that never had it', async () => {
    const transport = fakeTransport([
      ['test -w', { code: 1 }],
      ['find', { code: 1, stderr: 'No such file or directory' }],
    ]);
    expect(await surveySourcecred(transport, request)).toEqual({
      folder: false,
      hashes: {},
      container: undefined,
    });
  });

  test('is not healthy while its health check says so', async () => {
    const transport = fakeTransport([['docker ps', { stdout: 'running\tUp 2 minutes (unhealthy)\n' }]]);
    expect((await surveySourcecred(transport, request)).container).toEqual({ running: true, healthy: false });
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
