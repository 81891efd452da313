import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { timelineSvg } from '../../../../deploy/timeline/svg';
import { timelineText } from '../../../../deploy/timeline/text';
import { deployRelease, planRelease, type DeployAdapters } from '../../../../deploy/rolling/deploy';
import { planRolling } from '../../../../deploy/rolling/plan';
import type { Timeline } from '../../../../deploy/watch';
import type { DeployRequest } from '../../../../deploy/rolling/request';
import { ExitCode, Failure } from '../../../../foundation/failure';
import type { Https } from '../../../../foundation/https';
import { progressTo } from '../../../../foundation/progress';
import { failureOf } from '../../../failure-of';
import { keyPair } from '../cosign';
import { fakeClock } from '../fake-clock';
import { fakeTransport, type Answer, type FakeTransport } from '../fake-transport';
import { emptyHost, propsFor, request, settingsSource, soundHost } from './sample';

const manifest = JSON.stringify({ layers: [{ size: 1000 }] });
const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
const reference = `ghcr.cogni.test/cogni/app@${digest}`;

/** The registry and the site. */
const world =
  (site: { buildSha: string; status?: number } = { buildSha: '0123abc' }): Https =>
  ({ url }) => {
    const { host, pathname } = new URL(url);
    if (host === 'ghcr.cogni.test') {
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.from(manifest) });
    }
    const body = pathname === '/version' ? JSON.stringify({ buildSha: site.buildSha }) : '';
    return Promise.resolve({ status: site.status ?? 200, headers: {}, body: Buffer.from(body) });
  };

const empty: [string, Answer][] = [
  ...soundHost.map(([part, answer]): [string, Answer] => [part, answer]),
  ['project=cogni-edge --filter', { stdout: 'caddy\trunning\tUp (healthy)\tx\n' }],
  ['docker version', { stdout: 'linux/amd64' }],
  ['df ', { stdout: 'Avail\n21474836480\n' }],
  ['cat -- /var/lib/cogni/deploy/current', { code: 1 }],
  ['readlink -- /var/lib/cogni/deploy/current', { code: 1 }],
  ['image inspect', { code: 1 }],
  ['http://cogni-app-a:3000/readyz http://cogni-app-a:3000/version', { stdout: '{"buildSha":"0123abc"}' }],
  ['cat -- /opt/cogni/edge/caddy/upstream/active', { stdout: 'none\n' }],
];

function hostAnd(rules: [string, Answer | Answer[]][] = [], https = world()) {
  const transport = fakeTransport([...rules, ...empty]);
  let connected = 0;
  let closed = 0;
  const notes: string[] = [];
  const adapters: DeployAdapters = {
    https,
    clock: fakeClock('2026-11-21T08:15:00.000Z'),
    progress: progressTo((event) => event.kind === 'note' && notes.push(event.text)),
    connect: () => {
      connected += 1;
      return Promise.resolve({ ...transport, close: () => Promise.resolve(void (closed += 1)) });
    },
  };
  return { transport, adapters, notes, connections: () => [connected, closed] };
}

const changing = (transport: FakeTransport): string[] =>
  transport.log.filter(
    (line) =>
      !/^(test|cat|date|df|find|findmnt|readlink|docker (ps|version|image inspect|image ls)|sh -c docker (images|ps(?![^]*xargs)))\b|cogni-journal|exec flock --shared/.test(
        line,
      ),
  );

describe('deploying a release', () => {
  test('runs the plan over one connection and says what was deployed', async () => {
    const { adapters, connections, transport } = hostAnd();
    const result = await deployRelease(request, adapters);
    expect(result).toMatchObject({
      outcome: 'deployed',
      url: 'https://preview.cogni.test',
      release: { tag: 'preview-0123abc', images: { app: reference, migrator: reference } },
    });
    expect(result.steps.map(({ id }) => id)).toEqual(
      planRolling(propsFor(emptyHost)).steps.map(({ id }) => id),
    );
    expect(connections()).toEqual([1, 1]);
    expect(transport.held).toEqual(new Set());
    expect(transport.log.filter((line) => /^rm .*\/\.next$/.test(line))).toHaveLength(2);
  });

  test('sends secrets to standard inputs only', async () => {
    const { adapters, transport } = hostAnd();
    await deployRelease(request, adapters);
    expect(transport.log.join('\n')).not.toContain('p1anted');
    expect(transport.inputs).toContain('p1anted-registry-token');
    expect(transport.inputs.join('\n')).toContain('AUTH_SECRET=p1anted-auth-secret');
  });

  test('tells the journal at its beginning what a person let pass, so that it is there also when it fails', async () => {
    const { adapters, transport } = hostAnd([['db-migrate', { code: 1 }]]);
    await failureOf(deployRelease({ ...request, accept: { breakingMigration: true } }, adapters));
    const lines = transport.inputs.filter((line) => line.includes('"kind":"run-'));
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      kind: 'run-begun',
      accepted: { breakingMigration: true },
    });
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ kind: 'run-ended', result: 'failed' });
  });

  test('lists every missing setting before it touches registry or host', async () => {
    const { adapters, connections } = hostAnd([], () => Promise.reject(new Error('the registry was asked')));
    const settings = { ...settingsSource, AUTH_SECRET: undefined, APP_DB_PASSWORD: '' };
    const failure = await failureOf(deployRelease({ ...request, settings }, adapters));
    expect(failure.faults.map((fault) => fault.split(' ')[0]).sort()).toEqual([
      'APP_DB_PASSWORD',
      'AUTH_SECRET',
    ]);
    expect(connections()).toEqual([0, 0]);
  });

  test('refuses a tag of another environment before anything else', async () => {
    const { adapters, connections } = hostAnd();
    const failure = await failureOf(
      deployRelease({ ...request, tag: 'prod-0123abc', settings: {} }, adapters),
    );
    expect(failure.what).toContain('is of another environment');
    expect(connections()).toEqual([0, 0]);
  });

  test('touches no host when an image is missing', async () => {
    const https: Https = ({ url }) =>
      Promise.resolve({
        status: url.endsWith('-migrate') ? 404 : 200,
        headers: {},
        body: Buffer.from(manifest),
      });
    const { adapters, connections } = hostAnd([], https);
    const failure = await failureOf(deployRelease(request, adapters));
    expect(failure.faults[1]).toContain('preview-0123abc-migrate: the registry has no such image (404)');
    expect(connections()).toEqual([0, 0]);
  });

  test('is refused, together with what is wrong with the host, where images are not signed', async () => {
    const https: Https = (asked) =>
      /\.sig$|referrers|sha256-/.test(asked.url)
        ? Promise.resolve({ status: 404, headers: {}, body: Buffer.from('') })
        : world()(asked);
    const { adapters, transport } = hostAnd([['findmnt', { stdout: 'ro\n' }]], https);
    const signingKeys = [{ file: 'keys/cosign.pub', pem: keyPair().pem }];
    const failure = await failureOf(deployRelease({ ...request, signingKeys }, adapters));
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.faults).toEqual([
      expect.stringContaining('mounted read-only'),
      expect.stringContaining(`the image preview-0123abc: ${digest} is not signed`),
      expect.stringContaining(`the image preview-0123abc-migrate: ${digest} is not signed`),
    ]);
    expect(changing(transport)).toEqual([]);
  });

  test('is refused where its tag means another image by now than the one that was to be deployed', async () => {
    const { adapters, transport } = hostAnd([]);
    const pinned = {
      app: `${request.repository}@sha256:${'9'.repeat(64)}`,
      migrator: `${request.repository}@${digest}`,
    };
    const failure = await failureOf(deployRelease({ ...request, pinned }, adapters));
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.faults).toEqual([
      `the application preview-0123abc is ${request.repository}@${digest} by now, and was ${pinned.app}`,
    ]);
    expect(changing(transport)).toEqual([]);
  });

  test('changes nothing on a host that cannot take it, and closes the connection', async () => {
    const { adapters, transport, connections } = hostAnd([['bootstrap.ok', { code: 1 }]]);
    const failure = await failureOf(deployRelease(request, adapters));
    expect(failure.next).toBe('./cogni host wait preview');
    expect(changing(transport)).toEqual([]);
    expect(connections()).toEqual([1, 1]);
  });

  test('is refused with the name of the holder while another deploy runs', async () => {
    const { adapters, transport } = hostAnd([
      [
        'cat -- /var/lib/cogni/deploy/lock.holder',
        { stdout: 'bob on ci, deploying preview-9999999 since 08:00\n', code: 0 },
      ],
      ['flock --nonblock', { code: 75 }],
    ]);
    const failure = await failureOf(deployRelease(request, adapters));
    expect(failure.exitCode).toBe(ExitCode.locked);
    expect(changing(transport).filter((line) => /tar|compose/.test(line))).toEqual([]);
  });

  test('takes everything back when the site does not come to run the build', async () => {
    const { adapters, transport } = hostAnd([], world({ buildSha: 'old' }));
    const failure = await failureOf(deployRelease(request, adapters));
    expect(failure.what).toContain('could not prove https://preview.cogni.test from outside');
    expect(failure.faults.join()).toContain(
      'https://preview.cogni.test/version said buildSha "old", not "0123abc"',
    );
    expect(failure.state).toContain('nothing serves, as before');
    expect(failure.exitCode).toBe(ExitCode.failed);
    const undone = transport.log
      .slice(transport.log.findIndex((line) => line.includes('logs')))
      .filter((line) => !line.includes('cogni-journal'));
    expect(undone.map((line) => line.split(' ').slice(-1)[0])).toEqual([
      'app-a',
      'caddy',
      '/opt/cogni/edge/caddy/upstream/active',
      '/opt/cogni/edge/caddy/upstream/.active.next',
      'app-a',
      '/opt/cogni/edge/caddy/upstream/.active.previous',
      '/opt/cogni/runtime/.next',
      expect.stringContaining('lock.holder'),
    ]);
    expect(undone[2]).toBe(
      'mv --force --no-target-directory -- /opt/cogni/edge/caddy/upstream/.active.previous /opt/cogni/edge/caddy/upstream/active',
    );
  });

  test('shows the end of a failed migration, without the passwords that it printed', async () => {
    const { adapters } = hostAnd([
      [
        'run --rm --no-deps --no-TTY --pull=never --name=cogni-runtime-db-migrate',
        { code: 1, stderr: 'could not connect as p1anted-owner-password: 42P01' },
      ],
    ]);
    const failure = await failureOf(deployRelease(request, adapters));
    expect(failure.what).toContain('could not migrate the database');
    expect(failure.output).toContain('could not connect as [secret OWNER_DB_PASSWORD]: 42P01');
    expect(failure.state).toContain('the database may be migrated in part');
  });

  test('says that the database keeps its image when another one is rendered', async () => {
    const { adapters, notes } = hostAnd([
      ['project=cogni-runtime --filter', { stdout: 'postgres\trunning\tUp (healthy)\tpg@sha256:old\n' }],
    ]);
    await deployRelease(request, adapters);
    expect(notes.join()).toContain('the database keeps running pg@sha256:old');
  });
});

const toldTo = (transport: FakeTransport): Record<string, unknown>[] =>
  transport.inputs
    .filter((text) => text.startsWith('{"v":'))
    .map((text) => JSON.parse(text) as Record<string, unknown>);

describe('the journal of the host', () => {
  test('is told of the run, of every step as it begins and ends, and of how it ended', async () => {
    const { adapters, transport } = hostAnd();
    const { steps } = await deployRelease(request, { ...adapters, runSuffix: () => '1f2e' });
    const told = toldTo(transport);
    expect(new Set(told.map(({ run }) => run))).toEqual(new Set(['20261121T081500000Z-1f2e']));
    expect(told[0]).toMatchObject({
      kind: 'run-begun',
      command: 'deploy',
      title: 'deploy preview-0123abc to preview',
      release: '20261121T081500Z-preview-0123abc',
      app: reference,
      by: { who: 'ada', from: 'laptop' },
    });
    expect(told.slice(1, -1).map(({ kind, step }) => [kind, step])).toEqual(
      steps.flatMap(({ id }) => [
        ['step-begun', id],
        ['step-done', id],
      ]),
    );
    expect(told.at(-1)).toMatchObject({ kind: 'run-ended', result: 'deployed' });
  });

  test('costs one command, before the first step, and no other', async () => {
    const { adapters, transport } = hostAnd();
    await deployRelease(request, adapters);
    const writers = transport.log.filter((line) => line.includes('cogni-journal'));
    expect(writers.map((line) => line.split(' ', 1)[0])).toEqual(['hold', 'release']);
    expect(transport.log.findIndex((line) => line.includes('cogni-journal'))).toBeLessThan(
      transport.log.findIndex((line) => line.includes(' pull ')),
    );
  });

  test('is told which step failed and why, and what was taken back, without a secret', async () => {
    const { adapters, transport } = hostAnd([
      ['--name=cogni-runtime-db-migrate', { code: 1, stderr: 'p1anted-owner-password' }],
    ]);
    await failureOf(deployRelease(request, adapters));
    const told = toldTo(transport);
    expect(told.slice(-3)).toMatchObject([
      { kind: 'step-failed', step: 'migrate', why: 'docker ended with exit code 1' },
      { kind: 'step-taken-back', step: 'stage' },
      { kind: 'run-ended', result: 'failed', why: expect.stringContaining('could not migrate') as string },
    ]);
    expect(JSON.stringify(told)).not.toContain('p1anted');
  });

  test.each([
    ['locked', [['flock --nonblock', { code: 75 }]] as [string, Answer][]],
    ['failed', [['config --quiet', { code: 1 }]] as [string, Answer][]],
    [
      'degraded',
      [
        ['config --quiet', { code: 1 }],
        ['rm --recursive', [{}, { code: 1 }]],
      ] as [string, Answer][],
    ],
  ])('is told that a run ended as %s', async (result, rules) => {
    const { adapters, transport } = hostAnd(rules);
    await failureOf(deployRelease(request, adapters));
    expect(toldTo(transport).at(-1)).toMatchObject({ kind: 'run-ended', result });
  });

  test('is told that a run was cancelled', async () => {
    const abort = new AbortController();
    const { adapters, transport } = hostAnd([
      ['config --quiet', () => (abort.abort(new Error('Ctrl-C')), {})],
    ]);
    await failureOf(deployRelease(request, { ...adapters, signal: abort.signal }));
    expect(toldTo(transport).at(-1)).toMatchObject({ kind: 'run-ended', result: 'cancelled' });
  });

  test('makes no good deploy fail when it cannot be written, and is not passed over in silence', async () => {
    const { adapters, notes } = hostAnd([
      ['cogni-journal', { code: 2, stderr: 'cannot open: No space left on device' }],
    ]);
    const result = await deployRelease(request, adapters);
    expect([result.outcome, result.journalProblem]).toEqual([
      'deployed',
      'cannot open: No space left on device',
    ]);
    expect(notes.join()).toContain('lacks lines of this run (cannot open: No space left on device)');
  });
});

describe('the timeline of a deploy', () => {
  test('has every step, what came before them, and the connection', async () => {
    const { adapters, transport } = hostAnd();
    const { steps, timeline } = await deployRelease(request, adapters);
    expect(timeline.spans.map(({ id }) => id)).toEqual([
      'look the images up',
      'connect to deploy@203.0.113.7',
      'look at the host',
      ...steps.map(({ id }) => id),
    ]);
    expect(timeline.connections).toBe(1);
    expect(timeline.commands).toBe(transport.log.filter((line) => !line.startsWith('release ')).length);
  });

  test('is handed on also when a step failed', async () => {
    const { adapters } = hostAnd([['config --quiet', { code: 1 }]]);
    const timelines: Timeline[] = [];
    await failureOf(
      deployRelease(request, { ...adapters, onTimeline: (timeline) => void timelines.push(timeline) }),
    );
    expect(timelines.map(({ spans }) => spans.at(-1))).toMatchObject([{ id: 'stage', result: 'failed' }]);
  });
});

describe('a planted secret', () => {
  /** Whatever a program prints, on whichever command it then fails: commands by a part of their line. */
  const parts = [
    'flock --nonblock',
    'config --quiet',
    'name=cogni-runtime-db-migrate',
    'up --detach',
    'mv --force',
  ];
  const planted = Object.values(settingsSource).filter((value) => value.startsWith('p1anted'));

  test('is in no event, no line of the journal, no record, no timeline and no failure', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...parts, 'nothing'),
        fc.constantFrom(...planted),
        fc.constantFrom<(text: string) => string>(
          (text) => text,
          (text) => encodeURIComponent(text),
          (text) => `x${Buffer.from(text).toString('base64')}`,
        ),
        async (part, secret, form) => {
          const text = `the program says ${form(secret)} and ends`;
          const { adapters, transport } = hostAnd([[part, { code: 1, stdout: text, stderr: text }]]);
          const seen: unknown[] = [];
          const result: unknown = await deployRelease(request, {
            ...adapters,
            progress: progressTo((event) => void seen.push(event)),
            onTimeline: (timeline) => void seen.push(timeline, timelineText(timeline), timelineSvg(timeline)),
          }).catch((thrown: unknown) => (thrown as Failure).message);
          const records = transport.inputs.filter((input) => input.includes('"settingsHash"'));
          const texts = JSON.stringify([result, seen, toldTo(transport), records, transport.log]);
          for (const one of planted) {
            expect(texts).not.toContain(one);
            expect(texts).not.toContain(Buffer.from(one).toString('base64').replace(/=+$/, ''));
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a dry run', () => {
  test('makes the plan that would be run and changes nothing', async () => {
    const { adapters, transport, connections } = hostAnd();
    const plan = await planRelease(request, adapters);
    expect(plan.steps.map(({ id }) => id)).toContain('migrate');
    expect(plan.release.images.app).toBe(reference);
    expect(changing(transport)).toEqual([]);
    expect(connections()).toEqual([1, 1]);
  });

  test('fails as the deploy would', async () => {
    const { adapters } = hostAnd();
    const bad: DeployRequest = { ...request, settings: {} };
    expect((await failureOf(planRelease(bad, adapters))).faults.length).toBeGreaterThan(5);
  });
});
