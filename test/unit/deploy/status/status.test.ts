import { statusText } from '../../../../cli/status-text';
import { renderRecord } from '../../../../deploy/rolling/record';
import { parseContainers, readContainers, type Container } from '../../../../deploy/status/containers';
import { askLeftovers, leftBy } from '../../../../deploy/status/leftovers';
import { planSourcecred } from '../../../../deploy/sourcecred/plan';
import { surveySourcecred } from '../../../../deploy/sourcecred/survey';
import { readSettings } from '../../../../services';
import { exitCodeOf, readStatus, statusOf, type StatusFacts } from '../../../../deploy/status/status';
import { Failure } from '../../../../foundation/failure';
import { failureOf } from '../../../failure-of';
import { fakeTransport, type Answer } from '../fake-transport';
import { emptyHost, servingHost } from '../rolling/sample';

const edgeImage = `docker.io/library/caddy@sha256:${'e'.repeat(64)}`;
const host = servingHost();
const release = host.release!;

const container = (service: string, more: Partial<Container> = {}): Container => ({
  name: `cogni-runtime-${service}-1`,
  project: 'cogni-runtime',
  service,
  oneOff: false,
  state: 'running',
  health: 'healthy',
  startedAt: '2026-11-21T08:16:00.123Z',
  finishedAt: '0001-01-01T00:00:00Z',
  exitCode: 0,
  restarts: 0,
  image: release.images.app,
  ...more,
});
const caddy = container('caddy', { project: 'cogni-edge', name: 'cogni-edge-caddy-1', image: edgeImage });
const appA = container('app-a');
const postgres = container('postgres', { image: release.images.postgres });

const sourcecredLogin = '/dev/shm/cogni-sourcecred-1795248900000';
const held = { state: 'held', id: '1-2', says: 'ada', since: undefined, processes: [] } as const;

const facts = (more: Partial<StatusFacts> = {}): StatusFacts => ({
  host,
  containers: [caddy, appA, postgres],
  lock: { state: 'free', last: undefined },
  sourcecredLock: { state: 'free', last: undefined },
  compose: [],
  maintenance: { state: 'off' },
  leftovers: [],
  edgeImages: [edgeImage],
  edge: [],
  ...more,
});
const status = (more: Partial<StatusFacts> = {}) => statusOf('preview', facts(more));

describe('the status of a host', () => {
  test('is well when everything that is recorded runs from what is recorded', () => {
    const well = status();
    expect(well).toMatchObject({
      verdict: 'well',
      upstream: { name: 'cogni-app-a', service: 'app-a' },
      files: { changed: [], missing: [], unknown: [] },
      leftovers: [],
      findings: [],
    });
    expect(well.files.same).toBe(Object.keys(release.files).length);
    expect(well.services.map(({ service, asRecorded }) => [service, asRecorded])).toEqual([
      ['caddy', true],
      ['app-a', true],
      ['postgres', true],
    ]);
    expect(exitCodeOf(well)).toBe(0);
  });

  test('differs when the edge is not what is rendered', () => {
    const edge = ['the edge is not as rendered'];
    expect(status({ edge })).toMatchObject({ verdict: 'differs', findings: edge });
    expect(status({ edge, host: emptyHost, containers: [caddy] })).toMatchObject({ verdict: 'differs' });
  });

  test('differs when the last backup failed, which stops nothing', () => {
    const backup = container('backup', { image: release.images.postgres });
    expect(status({ containers: [caddy, appA, postgres, backup] }).verdict).toBe('well');
    const failed = status({ containers: [caddy, appA, postgres, { ...backup, health: 'unhealthy' }] });
    expect(failed.verdict).toBe('differs');
    expect(failed.findings).toEqual([expect.stringContaining('backup')]);
    expect(exitCodeOf(failed)).toBe(1);
  });

  test('is that nothing was deployed yet behind a healthy edge', () => {
    const empty = status({ host: emptyHost, containers: [caddy] });
    expect(empty).toMatchObject({ verdict: 'nothing deployed', release: null, findings: [] });
    expect(exitCodeOf(empty)).toBe(0);
  });

  test.each<[string, Partial<StatusFacts>, string]>([
    ['the edge is missing', { containers: [appA, postgres] }, 'caddy is missing'],
    [
      'the edge is unhealthy',
      { containers: [{ ...caddy, health: 'unhealthy' }, appA, postgres] },
      'caddy is unhealthy',
    ],
    [
      'the application has stopped',
      { containers: [caddy, { ...appA, state: 'exited', exitCode: 1 }, postgres] },
      'app-a is exited',
    ],
    ['the application is missing', { containers: [caddy, postgres] }, 'app-a is missing'],
    [
      'the edge names nobody',
      { host: { ...host, upstream: 'none' } },
      'the edge sends requests to none, not to cogni-app-a',
    ],
  ])('is that it does not serve when %s', (_, more, finding) => {
    const result = status(more);
    expect(result.findings).toContain(finding);
    expect(result.verdict).toBe('does not serve');
    expect(exitCodeOf(result)).toBe(5);
  });

  test.each<[string, Partial<StatusFacts>, string]>([
    ['the database is gone', { containers: [caddy, appA] }, 'postgres is missing'],
    [
      'the application runs from another image',
      { containers: [caddy, { ...appA, image: 'x' }, postgres] },
      'app-a runs from another image than is recorded',
    ],
    [
      'the edge runs from another image than its file names',
      { edgeImages: ['y'] },
      'caddy runs from another image than is recorded',
    ],
    [
      'a file was edited by hand',
      {
        host: {
          ...host,
          files: { ...host.files, 'compose.yaml': { hash: 'f'.repeat(64), mode: 0o644 } },
        },
      },
      'compose.yaml is not the file that was deployed',
    ],
    [
      'the settings were edited by hand',
      { host: { ...host, settingsEdited: true } },
      '.env was written to after the release was recorded',
    ],
    [
      'a deploy was cut off behind its switch',
      { host: { ...host, upstream: 'cogni-app-b' }, containers: [caddy, container('app-b'), postgres] },
      'requests go to app-b, and the release recorded last is in app-a: a deploy was cut off behind its switch',
    ],
    [
      'the other slot was left behind',
      { containers: [caddy, appA, container('app-b', { state: 'exited' }), postgres] },
      'left by an unfinished deploy: container cogni-runtime-app-b-1 (exited)',
    ],
    [
      'copies of files were left behind',
      { leftovers: ['/opt/cogni/runtime/.next'] },
      'left by an unfinished deploy: /opt/cogni/runtime/.next',
    ],
    [
      'a login of SourceCred was left behind',
      { leftovers: [sourcecredLogin] },
      `left by an unfinished sourcecred apply: ${sourcecredLogin}`,
    ],
    [
      'a new file of the edge was left behind',
      { leftovers: ['/opt/cogni/edge/caddy/.Caddyfile.next'] },
      'left by an unfinished edge apply: /opt/cogni/edge/caddy/.Caddyfile.next',
    ],
    [
      'the file of a maintenance was left behind on its way',
      { leftovers: ['/opt/cogni/edge/caddy/upstream/.maintenance.next'] },
      'left by an unfinished maintenance: /opt/cogni/edge/caddy/upstream/.maintenance.next',
    ],
  ])('is that something differs when %s', (_, more, finding) => {
    const result = status(more);
    expect(result.findings).toEqual([finding]);
    expect(result.verdict).toBe('differs');
    expect(exitCodeOf(result)).toBe(1);
  });

  test('names files that are missing or were never deployed, and never the settings', () => {
    const left = Object.fromEntries(Object.entries(host.files).filter(([path]) => path !== 'compose.yaml'));
    const { files } = status({
      host: { ...host, files: { ...left, stray: { hash: 'a'.repeat(64), mode: 0o644 } } },
    });
    expect(files).toMatchObject({ missing: ['compose.yaml'], unknown: ['stray'], changed: [] });
  });

  test('says with the files that the settings were written to, but not while a deploy does so', () => {
    const edited = { host: { ...host, settingsEdited: true } };
    expect(status().files.settingsEdited).toBe(false);
    expect(status(edited).files.settingsEdited).toBe(true);
    expect(statusText(status(edited))).toContain(' as deployed, settings written to since\n');
    expect(status({ ...edited, lock: held })).toMatchObject({
      verdict: 'well',
      files: { settingsEdited: false },
    });
  });

  test('blames nothing on SourceCred while somebody brings it, and a deploy for what that one left', () => {
    const ofSourcecred = [sourcecredLogin, '/opt/cogni/sourcecred/.env.next'];
    const ofDeploys = ['/dev/shm/cogni-20261121T081500Z-preview-1', '/opt/cogni/runtime/.next'];
    const leftovers = [...ofSourcecred, ...ofDeploys];
    const during = status({ sourcecredLock: held, leftovers });
    expect(during.findings).toEqual(ofDeploys.map((path) => `left by an unfinished deploy: ${path}`));
    expect(during.leftovers).toEqual(leftovers);
    expect(statusText(during)).toContain('\nsourcecred   held by ada\n');
    expect(status({ lock: held, leftovers }).findings).toEqual(
      ofSourcecred.map((path) => `left by an unfinished sourcecred apply: ${path}`),
    );
  });

  test('says what a run that was killed has left at work, and nothing of that while a run is under way', () => {
    expect(status({ compose: ['the runtime'] }).findings).toEqual([
      'Docker Compose is at work at the runtime, for a run that goes on or that was killed: the next run waits for its end',
    ]);
    expect(status({ compose: ['the runtime'], lock: held }).findings).toEqual([]);
  });

  test('knows the logins of SourceCred by the name that its plan gives them', async () => {
    const { steps } = planSourcecred(
      {
        environment: 'preview',
        domain: 'preview.cogni.test',
        files: [],
        image: 'ghcr.io/cogni/runner@sha256:1',
        settings: readSettings(
          {
            SOURCECRED_GITHUB_TOKEN: `ghp_${'x'.repeat(36)}`,
            GHCR_USERNAME: 'bot',
            GHCR_DEPLOY_TOKEN: 'registry-token',
          },
          'sourcecred',
        ),
        by: { who: 'ada', from: 'laptop' },
        at: new Date('2026-11-21T08:15:00Z'),
      },
      await surveySourcecred(fakeTransport(), { environment: 'preview' }),
    );
    const words = JSON.stringify(steps);
    expect(words).toContain(`"${sourcecredLogin}"`);
    expect(leftBy(sourcecredLogin)).toBe('sourcecred apply');
  });

  test('blames nothing on a deploy that is under way', () => {
    const lock = held;
    const job = container('db-migrate', { oneOff: true, name: 'cogni-runtime-db-migrate', health: null });
    const result = status({ lock, leftovers: ['/x/.next'], containers: [caddy, appA, postgres, job] });
    expect(result).toMatchObject({ verdict: 'well', findings: [] });
    expect(result.leftovers).toEqual(['container cogni-runtime-db-migrate (running)', '/x/.next']);
  });
});

describe('reading it', () => {
  const inspected = [caddy, appA, postgres]
    .map((one) => JSON.stringify({ ...one, oneOff: one.oneOff ? 'True' : 'False' }))
    .join('\n');
  const answers: [string, Answer][] = [
    ['docker ps --all --quiet', { stdout: 'aaa\nbbb\nccc\n' }],
    ['docker inspect --type=container', { stdout: `${inspected}\n` }],
    ['date +%s', { stdout: 'clock 1795248000 1000 100\n' }],
    ['config --images', { stdout: `${edgeImage}\n` }],
    ['-name .next', { code: 1 }],
    ['project=cogni-edge --filter', { stdout: 'caddy\trunning\tUp (healthy)\tx\n' }],
    ['docker version', { stdout: 'linux/amd64' }],
    ['df ', { stdout: 'Avail\n21474836480\n' }],
    ['/upstream/active', { stdout: 'cogni-app-a\n' }],
    ['cat -- /var/lib/cogni/deploy/current', { stdout: renderRecord(release) }],
  ];

  test('asks and changes nothing, and never for the variables of a container', async () => {
    const transport = fakeTransport(answers);
    const result = await readStatus(transport, 'preview');
    expect(result.services.map(({ service, state }) => [service, state])).toEqual([
      ['caddy', 'running'],
      ['app-a', 'running'],
      ['postgres', 'running'],
    ]);
    expect(result.files.missing).toEqual(Object.keys(release.files));
    expect(
      transport.log.filter(
        (line) =>
          !/^(test|cat|df|date|find|findmnt|readlink|sh|docker (ps|version|inspect|image ls|compose .* config))\b/.test(
            line,
          ),
      ),
    ).toEqual([]);
    expect(transport.log.join()).not.toMatch(/\.Env|\{\{json \.\}\}|json \.Config\}/);
  });

  test('asks where runs leave what they were cut off from, and who holds each lock', async () => {
    const left = '/dev/shm/cogni-sourcecred-1';
    const transport = fakeTransport([
      [askLeftovers.argv.join(' '), { stdout: `${left}\n` }],
      ['sourcecred.lock.holder', { stdout: 'clock 1000 100.00 100\nholder 12 34 flock\nsays grace\n' }],
      ...answers,
    ]);
    const result = await readStatus(transport, 'preview');
    expect(result).toMatchObject({
      lock: { state: 'free' },
      sourcecredLock: { state: 'held', says: 'grace' },
      leftovers: [left],
    });
    expect(result.findings.join()).not.toContain(left);
  });

  test('is a failure when Docker does not answer', async () => {
    const transport = fakeTransport([['docker ps --all --quiet', { code: 1, stderr: 'Cannot connect' }]]);
    await expect(readContainers(transport, 'preview', ['cogni-edge'])).rejects.toThrow(Failure);
  });

  test('leaves out a container that has gone since it was listed', async () => {
    const transport = fakeTransport([
      [
        'docker inspect',
        {
          code: 1,
          stdout: `${inspected}\n`,
          stderr: 'Error: No such container: ddd\nerror: no such object: e\n',
        },
      ],
      ...answers,
    ]);
    const found = await readContainers(transport, 'preview', ['cogni-edge', 'cogni-runtime']);
    expect(found.map(({ service }) => service)).toEqual(['caddy', 'app-a', 'postgres']);
  });

  test.each<[string, Answer, string]>([
    [
      'an engine that is just started anew, since its containers live on',
      { code: 1, stderr: 'Cannot connect to the Docker daemon' },
      'ended with exit code 1',
    ],
    [
      'an engine that went while it was asked, and a container that had gone before',
      { code: 1, stderr: 'Error: No such container: ddd\nCannot connect to the Docker daemon\n' },
      'ended with exit code 1',
    ],
    [
      'an answer that was cut off',
      { code: 124, timedOut: true, stdout: `${inspected.slice(0, 40)}\n` },
      'did not end within 20 s',
    ],
    ['an answer with no reason', { code: 1 }, 'ended with exit code 1'],
  ])('is a failure, and no site that does not serve, with %s', async (_, answer, how) => {
    const failure = await failureOf(
      readStatus(fakeTransport([['docker inspect', answer], ...answers]), 'preview'),
    );
    expect(failure).toMatchObject({
      what: `deploy@203.0.113.7: Docker does not say how its containers are: docker ${how}`,
      next: './cogni host check preview',
      exitCode: 1,
    });
  });

  test('leaves out containers of others', async () => {
    const transport = fakeTransport(answers);
    const found = await readContainers(transport, 'preview', ['cogni-edge']);
    expect(found.map(({ service }) => service)).toEqual(['caddy']);
    expect(parseContainers('')).toEqual([]);
  });
});

test('the text for a person has the verdict, the table and every finding', () => {
  const text = statusText(
    status({ containers: [caddy, { ...appA, restarts: 3 }], maintenance: { state: 'on', note: undefined } }),
  );
  expect(text.split('\n')[0]).toBe('preview: differs');
  expect(text).toContain('maintenance  on');
  expect(text).toMatch(
    /app-a +running \(healthy\), started anew 3 times +2026-11-21T08:16:00Z +app@sha256:a{12}\n/,
  );
  expect(text).toContain('  - postgres is missing');
});
