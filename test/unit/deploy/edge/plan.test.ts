import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { edgeCostsText, edgeResultText } from '../../../../cli/edge-text';
import { gateCheck, planEdge } from '../../../../deploy/edge/plan';
import type { EdgeRequest } from '../../../../deploy/edge/request';
import { sha256, surveyEdge, type EdgeFacts } from '../../../../deploy/edge/survey';
import { planText } from '../../../../deploy/plan-text';
import { runPlan } from '../../../../deploy/run-plan';
import type { Plan } from '../../../../deploy/step';
import { ExitCode, Failure } from '../../../../foundation/failure';
import { silent } from '../../../../foundation/progress';
import { edgePages } from '../../../../services';
import { fakeClock } from '../fake-clock';
import { fakeTransport, type FakeTransport } from '../fake-transport';

const request: EdgeRequest = {
  environment: 'preview',
  domain: 'preview.cogni.test',
  files: [
    { path: 'compose.yaml', mode: 0o644, content: 'services: {}\n' },
    { path: 'caddy/Caddyfile', mode: 0o644, content: 'new\n' },
    { path: 'caddy/upstream/active', mode: 0o644, content: 'none\n', seed: true },
  ],
  by: { who: 'ada', from: 'laptop' },
  at: new Date('2026-11-21T08:15:00Z'),
};
const image = `registry.cogni.test/caddy@sha256:${'a'.repeat(64)}`;
/** All as rendered. */
const same: EdgeFacts = {
  running: true,
  container: 'c0',
  hashes: { compose: sha256('services: {}\n'), caddyfile: sha256('new\n') },
  serves: 'the same',
  madeFrom: 'h1',
  rendered: { hash: 'h1', image },
  upstream: 'cogni-app-a',
  maintenance: false,
};
const oldFile: EdgeFacts = { ...same, hashes: { ...same.hashes, caddyfile: sha256('old\n') } };
const oldContainer: EdgeFacts = {
  ...same,
  hashes: { ...same.hashes, compose: sha256('old\n') },
  madeFrom: 'h0',
};
const ids = ({ steps }: Plan): string[] => steps.map(({ id }) => id);
const refusal = (facts: EdgeFacts): Failure => {
  try {
    planEdge(request, facts);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
  }
  throw new Error('it was not refused');
};

const hashes = (facts: EdgeFacts): string =>
  `${facts.hashes.compose}  /opt/cogni/edge/compose.yaml\n${facts.hashes.caddyfile}  /opt/cogni/edge/caddy/Caddyfile\n`;

async function carryOut(
  facts: EdgeFacts,
  status: number,
  rules: Parameters<typeof fakeTransport>[0] = [],
  what = request,
): Promise<{ transport: FakeTransport; thrown: unknown }> {
  const transport = fakeTransport([
    ...rules,
    ['sha256sum', { stdout: hashes(facts) }],
    ['python3', { stdout: 'the same\n' }],
    ['image inspect', { code: 1 }],
  ]);
  const thrown: unknown = await runPlan(planEdge(what, facts), {
    transport,
    https: () => Promise.resolve({ status, headers: {}, body: Buffer.from('') }),
    clock: fakeClock(),
    progress: silent,
    redact: (text) => text,
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { transport, thrown };
}

describe('a plan for the edge', () => {
  test('has no steps and no cost where the edge is as rendered', () => {
    expect(planEdge(request, same)).toMatchObject({ steps: [], costs: [] });
  });

  test('loads a new Caddyfile before it takes the place of the old one', () => {
    const plan = planEdge(request, oldFile);
    expect(ids(plan)).toEqual(['lock', 'stage', 'validate', 'load', 'verify', 'gate', 'keep', 'tidy']);
    expect(edgeCostsText(plan)).toContain('What this costs: loading a changed configuration closes');
  });

  test('announces no less than what was lost each time when it was last measured', () => {
    const report = readFileSync(join(process.cwd(), 'docs/reports/deploy-losses.md'), 'utf8');
    const rows = [...report.matchAll(/\| a changed .*\bedge .*?(\d+) times\).*? \| (\d+) of /g)];
    const [, announced] = /about (\d+) each time/.exec(planEdge(request, oldFile).costs.join()) ?? [];
    expect(rows).not.toEqual([]);
    for (const [, times, lost] of rows)
      expect(Math.round(Number(lost) / Number(times))).toBeLessThanOrEqual(Number(announced));
  });

  test('loads the file that is there again where only what was loaded differs', () => {
    const plan = planEdge(request, { ...same, serves: 'differs at apps/http' });
    expect(ids(plan)).toEqual(['lock', 'validate', 'load', 'verify', 'gate']);
    expect(planText(plan)).toContain('caddy reload --config /etc/caddy/Caddyfile --adapter');
    expect(plan.steps.find(({ id }) => id === 'load')?.undo).toBeUndefined();
  });

  test('refuses to replace the container without a word, and says what it would cost', () => {
    expect(refusal(oldContainer)).toMatchObject({
      exitCode: ExitCode.refused,
      what: expect.stringContaining('nothing answers from the moment the old one is told to stop'),
      next: 'at a quiet moment: ./cogni edge apply preview --replace-container',
    });
  });

  test('leaves an edge that does not run to what starts it', () => {
    const stopped = { ...same, running: false, serves: undefined };
    expect(refusal(stopped).next).toContain('./cogni host converge preview starts it');
    expect(ids(planEdge({ ...request, replaceContainer: true }, stopped))).toContain('replace');
  });

  test('replaces it by the word, with everything fetched and judged while the old one serves', () => {
    const plan = planEdge({ ...request, replaceContainer: true }, oldContainer);
    expect(ids(plan)).toEqual([
      ...['lock', 'stage', 'pull', 'validate', 'replace', 'verify', 'gate', 'keep', 'tidy'],
    ]);
    expect(plan.costs).toEqual([expect.stringContaining('replacing the container closes the site')]);
  });

  test('takes a compose file over that makes the same container, and replaces nothing', () => {
    const comment = { ...same, hashes: { ...same.hashes, compose: sha256('# old\n') } };
    const plan = planEdge(request, comment);
    expect(ids(plan)).toEqual(['lock', 'stage', 'validate', 'verify', 'gate', 'keep', 'tidy']);
    expect(plan.costs).toEqual([]);
  });

  test('never runs down, stop or rm on the edge, whatever differs', () => {
    for (const facts of [same, oldFile, oldContainer, { ...oldFile, madeFrom: undefined, running: false }]) {
      const text = planText(planEdge({ ...request, replaceContainer: true }, facts));
      expect(text).not.toMatch(/compose .*\b(down|stop|rm|kill)\b/);
    }
  });
});

describe('what visitors must get', () => {
  test('is the application where one serves, also during maintenance', () => {
    const ready = { url: 'https://preview.cogni.test/readyz', status: 200 };
    expect(gateCheck(request, same)).toEqual(ready);
    expect(gateCheck(request, { ...same, maintenance: true })).toEqual(ready);
  });

  test.each([
    [false, edgePages.noRelease],
    [true, edgePages.maintenance],
  ])('is the page of the edge before the first deploy (maintenance: %s)', (maintenance, text) => {
    const check = gateCheck(request, { upstream: 'none', maintenance });
    expect(check).toEqual({ url: 'https://preview.cogni.test/', status: 503, text });
  });
});

describe('carried out', () => {
  const reloads = (log: readonly string[]): string[] =>
    log.flatMap((line) => / caddy reload --config (\S+)/.exec(line)?.[1] ?? []);

  test('it loads, asks, and renames', async () => {
    const { transport, thrown } = await carryOut(oldFile, 200);
    expect(thrown).toBeUndefined();
    expect(reloads(transport.log)).toEqual(['/etc/caddy/.Caddyfile.next']);
    expect(transport.held.size).toBe(0);
  });

  test('it puts a new file onto the disk before it takes its place, and that place afterwards', async () => {
    const { transport } = await carryOut(oldFile, 200);
    const caddy = '/opt/cogni/edge/caddy';
    const about = transport.log.filter((line) => /^(sync|mv) /.test(line));
    expect(about).toEqual([
      `sync -- ${caddy}/.Caddyfile.next /opt/cogni/edge ${caddy}`,
      `mv --force --no-target-directory -- ${caddy}/.Caddyfile.next ${caddy}/Caddyfile`,
      `sync -- /opt/cogni/edge ${caddy}`,
    ]);
    expect(transport.log.indexOf(about[0] ?? '')).toBeLessThan(
      transport.log.findIndex((line) => line.includes(' caddy reload ')),
    );
  });

  test('it serves what is rendered also where the places do not get onto the disk in time', async () => {
    const { transport, thrown } = await carryOut(oldFile, 200, [
      ['sync -- /opt/cogni/edge /opt', { code: 124, timedOut: true }],
    ]);
    expect(thrown).toBeUndefined();
    expect(reloads(transport.log)).toEqual(['/etc/caddy/.Caddyfile.next']);
  });

  test('it gives every file its place back where the second one does not get its own', async () => {
    const { transport, thrown } = await carryOut(
      { ...oldContainer, hashes: { compose: sha256('old\n'), caddyfile: sha256('old\n') } },
      200,
      [['mv --force --no-target-directory -- /opt/cogni/edge/caddy/.Caddyfile.next', { code: 1 }]],
      { ...request, replaceContainer: true },
    );
    expect(thrown).toMatchObject({ exitCode: ExitCode.failed, state: expect.stringContaining('taken back') });
    const back = (from: string, to: string): number =>
      transport.log.indexOf(
        `mv --force --no-target-directory -- /opt/cogni/edge/${from} /opt/cogni/edge/${to}`,
      );
    const again = transport.log.findLastIndex((line) => line.includes(' up --detach'));
    const places = [
      back('.compose.previous.yaml', 'compose.yaml'),
      back('caddy/.Caddyfile.previous', 'caddy/Caddyfile'),
    ];
    // What is loaded and started again is made from the old files.
    for (const place of places) {
      expect(place).toBeGreaterThan(0);
      expect(place).toBeLessThan(again);
    }
  });

  test('it loads the old file again when visitors do not get what they must, and leaves the disk as it was', async () => {
    const { transport, thrown } = await carryOut(oldFile, 502);
    expect(thrown).toMatchObject({ exitCode: ExitCode.failed, state: expect.stringContaining('taken back') });
    expect(reloads(transport.log)).toEqual(['/etc/caddy/.Caddyfile.next', '/etc/caddy/Caddyfile']);
    expect(transport.log.filter((line) => line.startsWith('mv '))).toEqual([]);
    expect(transport.log).toContain('rm --recursive --force -- /opt/cogni/edge/caddy/.Caddyfile.next');
  });

  test('it goes back when the running Caddy serves something else than it was told', async () => {
    const { transport } = await carryOut(oldFile, 200, [
      ['python3', { stdout: 'differs at apps/http/servers\n' }],
    ]);
    expect(reloads(transport.log)).toEqual(['/etc/caddy/.Caddyfile.next', '/etc/caddy/Caddyfile']);
  });

  test('it is degraded when the old file cannot be loaded again either', async () => {
    const { thrown } = await carryOut(oldFile, 502, [
      ['caddy reload --config /etc/caddy/Caddyfile', { code: 1 }],
    ]);
    expect(thrown).toMatchObject({ exitCode: ExitCode.degraded });
  });

  test('it gives the old container back', async () => {
    const { transport, thrown } = await carryOut(oldContainer, 502, [], {
      ...request,
      replaceContainer: true,
    });
    expect(thrown).toBeInstanceOf(Failure);
    const ups = transport.log.filter((line) => line.includes(' up --detach'));
    expect(ups.map((line) => / --file=(\S+)/.exec(line)?.[1])).toEqual([
      '/opt/cogni/edge/.compose.next.yaml',
      '/opt/cogni/edge/compose.yaml',
    ]);
  });

  describe('with a container that no file on the host makes', () => {
    /** Made by hand, or by a Compose that hashed otherwise: the file is as rendered. */
    const byHand: EdgeFacts = { ...same, madeFrom: 'h0' };
    const replacing = { ...request, replaceContainer: true };

    test('is degraded when the old one is gone and the new one does not serve', async () => {
      const { transport, thrown } = await carryOut(
        byHand,
        502,
        [['docker start c0', { code: 1 }]],
        replacing,
      );
      expect(thrown).toMatchObject({
        exitCode: ExitCode.degraded,
        state: expect.stringContaining('the container of before may have been removed'),
      });
      expect(transport.log.filter((line) => line.includes(' up --detach'))).toHaveLength(1);
    });

    test('it starts the old one again for as long as that is there', async () => {
      const { transport, thrown } = await carryOut(byHand, 200, [[' up --detach', { code: 1 }]], replacing);
      expect(thrown).toMatchObject({
        exitCode: ExitCode.failed,
        state: 'the edge serves as before, from the container of before (what was begun was taken back)',
      });
      expect(transport.log.filter((line) => line.endsWith(' docker start c0'))).toHaveLength(1);
    });

    test('it does not say of an edge that did not run that it serves as before', async () => {
      const stopped = { ...same, running: false, serves: undefined };
      const { thrown } = await carryOut(stopped, 502, [], replacing);
      expect(thrown).toMatchObject({
        state: 'the edge did not run before; where it runs now, it is as rendered today',
      });
    });
  });

  test('it does not say of one that did not run that it serves as before, also where it starts it from the file that was there', async () => {
    const stopped = { ...oldContainer, running: false, serves: undefined };
    const { transport, thrown } = await carryOut(stopped, 502, [], { ...request, replaceContainer: true });
    expect(thrown).toMatchObject({
      state:
        'the edge did not run before; it was started from the file that was there (what was begun was taken back)',
    });
    expect(
      transport.log.filter((line) => / --file=\/opt\/cogni\/edge\/compose\.yaml up /.test(line)),
    ).toHaveLength(1);
  });

  test('it lets Docker work at the edge one at a time, also after a run that was killed', async () => {
    const { transport } = await carryOut(oldContainer, 502, [], { ...request, replaceContainer: true });
    const atWork = transport.log.filter((line) => / up --detach/.test(line));
    expect(atWork).toHaveLength(2);
    for (const line of atWork) {
      expect(line).toMatch(
        /^flock --timeout 150 --conflict-exit-code 75 \/var\/lib\/cogni\/deploy\/edge\.at-work\.lock timeout --kill-after=5 150 docker /,
      );
    }
  });

  test('it ends as locked where what an earlier run has left at work does not end', async () => {
    const { transport, thrown } = await carryOut(oldContainer, 200, [['at-work.lock', { code: 75 }]], {
      ...request,
      replaceContainer: true,
    });
    expect(thrown).toMatchObject({
      exitCode: ExitCode.locked,
      what: expect.stringContaining('an earlier run has left Docker Compose at work on the host'),
      state:
        'the edge is as that one leaves it: this step has done nothing to it (what was begun was taken back)',
    });
    // It replaces nothing that the other has just made, and waits no second time.
    expect(transport.log.filter((line) => line.includes('at-work.lock'))).toHaveLength(1);
    expect(transport.log).toContain('rm --recursive --force -- /opt/cogni/edge/.compose.next.yaml');
  });

  test('it has failed, and was not too late, where the files could not be asked for', async () => {
    for (const answer of [
      { code: 126, stdout: '' },
      { code: 124, stdout: '', timedOut: true },
    ]) {
      const { thrown } = await carryOut(oldFile, 200, [['sha256sum', answer]]);
      expect(thrown).toMatchObject({ exitCode: ExitCode.failed });
    }
  });

  test('it does nothing where another run holds the lock, or has just changed the files', async () => {
    const locked = await carryOut(oldFile, 200, [['flock', { code: 75 }]]);
    expect(locked.thrown).toMatchObject({ exitCode: ExitCode.locked });
    const other = await carryOut(oldFile, 200, [['sha256sum', { stdout: hashes(same) }]]);
    expect(other.thrown).toMatchObject({
      exitCode: ExitCode.locked,
      what: expect.stringContaining('another run has changed the files of the edge'),
    });
    expect(reloads([...locked.transport.log, ...other.transport.log])).toEqual([]);
  });
});

describe('looking at the edge', () => {
  const rules: Parameters<typeof fakeTransport>[0] = [
    ['docker ps', { stdout: 'running\th1\tc0\n' }],
    ['config --hash', { stdout: 'caddy h1\n' }],
    ['config --images', { stdout: `${image}\n` }],
    ['sha256sum', { stdout: hashes(same) }],
    ['python3', { stdout: 'the same\n' }],
    ['cat -- /opt/cogni/edge/caddy/upstream/active', { stdout: 'cogni-app-a\n' }],
    ['find', { stdout: '' }],
  ];

  test('finds its files, its container, what it serves and what is rendered', async () => {
    const transport = fakeTransport(rules);
    expect(await surveyEdge(transport, request)).toEqual(same);
    // What is rendered goes to Compose's standard input, and is written nowhere.
    expect(transport.inputs).toEqual(['services: {}\n', 'services: {}\n']);
  });

  test('does not ask an edge that does not run', async () => {
    const stopped = fakeTransport([['docker ps', { stdout: '' }], ...rules]);
    expect(await surveyEdge(stopped, request)).toEqual({
      ...same,
      running: false,
      container: undefined,
      serves: undefined,
      madeFrom: undefined,
    });
  });

  test('takes hashes that were cut off for no answer, and not for files that differ', async () => {
    const transport = fakeTransport([['sha256sum', { code: null, timedOut: true }], ...rules]);
    await expect(surveyEdge(transport, request)).rejects.toMatchObject({
      faults: [expect.stringMatching(/^hashes: did not end within its deadline/)],
    });
  });

  test('fails where Compose on the host does not take what is rendered', async () => {
    const transport = fakeTransport([['config --hash', { code: 1, stderr: 'no such key' }], ...rules]);
    await expect(surveyEdge(transport, request)).rejects.toThrow(
      'Docker Compose does not take what is rendered: no such key',
    );
  });
});

test('the result says what was put in place and how long the site was closed', () => {
  const result = {
    outcome: 'applied',
    url: 'https://preview.cogni.test',
    files: ['compose.yaml'],
    steps: [],
    closedAtMost: 4_210,
    run: 'r',
  } as const;
  expect(edgeResultText('preview', result)).toBe(
    [
      'the edge of preview serves what is rendered (new: compose.yaml), and https://preview.cogni.test answers',
      'the site was closed for 4.2 s at most, while its container was replaced',
    ].join('\n'),
  );
  expect(edgeResultText('preview', { ...result, outcome: 'unchanged' })).toContain('nothing to do');
});
