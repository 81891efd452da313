import { setTimeout } from 'node:timers/promises';
import { table } from '../../../scripts/figures';
import { fastIn, quantile } from '../../../sandbox/load/latency';
import type { LoadReport, StreamEnd } from '../../../sandbox/load/load';
import { DeployedWorld } from '../../e2e/deployed-world';
import { cogni } from '../../e2e/sandbox-cli';
import { wholeNumber } from '../../whole-number';
import { keepReport } from '../report';
import { secondsOf, timedRun, type TimedRun } from './run-under-load';

/** What is sent a second, all together for as long as the run takes: over HTTP/1.1 and HTTP/2, from near and from far. */
const manyRequests = {
  'HTTP/1.1': { rate: 150, idle: 10 },
  'HTTP/1.1, 20 ms each way': { rate: 60, delay: 20, idle: 10 },
  'HTTP/2': { rate: 90, http2: true },
  'HTTP/2, 20 ms each way': { rate: 40, http2: true, delay: 20 },
} as const;

/**
 * The same at 200 a second in all. The host, its visitors and whoever deploys share the processors of one machine here:
 * how fast answers are can be seen only while there is enough for all of them.
 */
const fewerRequests = {
  'HTTP/1.1': { rate: 80, idle: 10 },
  'HTTP/1.1, 20 ms each way': { rate: 40, delay: 20, idle: 10 },
  'HTTP/2': { rate: 50, http2: true },
  'HTTP/2, 20 ms each way': { rate: 30, http2: true, delay: 20 },
} as const;

const switches = wholeNumber('COGNI_NIGHTLY_SWITCHES') ?? 100;
const requests = wholeNumber('COGNI_NIGHTLY_REQUESTS') ?? 1_000_000;
/** Milliseconds between two runs, in which it can be seen how fast answers are while nothing is deployed. */
const pause = 4_000;
const hour = 60 * 60_000;

describe('deploys and rollbacks, one after the other, under load', () => {
  const [one, other] = ['a', 'd'].map((letter) => `preview-${letter.repeat(40)}`) as [string, string];
  let world: DeployedWorld;
  const paragraphs: string[] = [];

  beforeAll(async () => {
    world = await DeployedWorld.withVersion(one);
    await world.publish(other);
    await timedRun('deploy', 'preview', '--image-tag', other);
    await timedRun('deploy', 'preview', '--image-tag', one);
  }, hour);
  afterEach(() => world.endLoads());
  afterAll(async () => {
    if (paragraphs.length > 0)
      keepReport('deploy-load', 'No request lost', './cogni test nightly --path deploys/load', paragraphs);
    await cogni('sandbox', 'down');
  });

  /** Deploys and rolls back in turns under all of these loads, at least this often, and until so much was sent. */
  const underLoads = async (loads: Loads, atLeast: number, sent: number): Promise<Tried> => {
    const begun = await Promise.all(
      Object.entries(loads).map(([name, load], index) =>
        world
          .load(`load-${index}`, load.rate, { ...load, seconds: (8 * hour) / 1000 })
          .then((running) => ({ name, running })),
      ),
    );
    const started = Date.now();
    const runs: TimedRun[] = [];
    while (runs.length < atLeast || ((Date.now() - started) / 1000) * rateOf(loads) < sent * 1.005) {
      runs.push(await timedRun('deploy', 'preview', '--image-tag', other));
      await setTimeout(pause);
      runs.push(await timedRun('rollback', 'preview', '--to', one));
      await setTimeout(pause);
    }
    const reports = await Promise.all(
      begun.map(async ({ name, running }) => ({ name, report: await running.stop() })),
    );
    return { runs, reports, minutes: (Date.now() - started) / 60_000 };
  };

  it(
    `lose not one of ${requests} requests over ${switches} switches`,
    async () => {
      const { runs, reports, minutes } = await underLoads(manyRequests, switches, requests);
      const sum = (of: (report: LoadReport) => number): number =>
        reports.reduce((all, { report }) => all + of(report), 0);
      paragraphs.push(
        `${runs.length} deploys and rollbacks in turns, ${minutes.toFixed(0)} min, ${sum(({ sent }) => sent)} requests, **${sum(({ lost }) => lost)} lost**. A request is lost when its connection breaks, when it gets another status or body than expected, or when a POST was executed twice; nothing is sent again.`,
        table(
          ['load', 'requests', 'lost', 'p50', 'p99'],
          reports.map(({ name, report }) => [
            name,
            String(report.sent),
            String(report.lost),
            ...[0.5, 0.99].map((part) => inMilliseconds(quantile(fastIn(report, always), part))),
          ]),
        ),
        kindsOf(reports.map(({ report }) => report)),
      );
      expect(reports.map(({ report: { lost, examples } }) => ({ lost, examples }))).toEqual(
        reports.map(() => ({ lost: 0, examples: [] })),
      );
      expect(await world.notesWrittenTwice()).toBe(0);
      expect(sum(({ sent }) => sent)).toBeGreaterThanOrEqual(requests);
      for (const { report } of reports)
        expect(Object.keys(report.builds).sort()).toEqual(['a', 'd'].map((letter) => letter.repeat(40)));
    },
    8 * hour,
  );

  it(
    'answer in the second of the switch about as fast as before it',
    async () => {
      const { runs, reports } = await underLoads(fewerRequests, Math.min(switches, 20), 0);
      paragraphs.push(
        '## How fast',
        `${runs.length} deploys and rollbacks in turns at ${rateOf(fewerRequests)} requests a second. Asked for: a ratio of 1.3 at most.`,
        table(
          [
            'load',
            'requests',
            'lost',
            'p50',
            'p99, nothing deployed',
            'p99, while deploying',
            'p99, second of the switch',
            'ratio',
          ],
          reports.map(({ name, report }) => latencyRow(name, report, runs)),
        ),
      );
      expect(reports.map(({ report: { lost, examples } }) => ({ lost, examples }))).toEqual(
        reports.map(() => ({ lost: 0, examples: [] })),
      );
    },
    hour,
  );

  it(
    'leave a stream with the old version for 30 s and its grace, end it in words, and let it be opened again at once',
    async () => {
      const load = await world.load('streams', 20, { eventStreams: 10, webSockets: 10, seconds: 3600 });
      const runs: TimedRun[] = [];
      for (const tag of [other, one, other, one]) {
        await setTimeout(pause);
        runs.push(await timedRun('deploy', 'preview', '--image-tag', tag));
      }
      await setTimeout(pause);
      const { lost, streams } = await load.stop();
      const after = streams.map((end) => Date.parse(end.until) - switchBefore(end, runs));
      paragraphs.push(
        '## Streams',
        table(
          [
            'streams kept open',
            'deploys',
            'ended in words',
            'broken',
            'refused',
            'after the switch',
            'other requests lost',
          ],
          (['events', 'webSocket'] as const).map((kind) => {
            const ours = streams.filter((end) => end.kind === kind);
            const times = ours.map((end) => Date.parse(end.until) - switchBefore(end, runs));
            const like = (word: string): string =>
              String(ours.filter(({ how }) => how.startsWith(word)).length);
            return [
              kind === 'events' ? '10 event streams' : '10 WebSockets',
              String(runs.length),
              like('ended'),
              like('broken'),
              like('refused'),
              `${(Math.min(...times) / 1000).toFixed(1)}–${(Math.max(...times) / 1000).toFixed(1)} s`,
              String(lost),
            ];
          }),
        ),
      );
      expect(lost).toBe(0);
      expect(streams.filter(({ how }) => how !== 'ended')).toEqual([]);
      expect(streams).toHaveLength(runs.length * 20);
      expect(Math.max(...after)).toBeLessThanOrEqual(62_000);
    },
    hour,
  );

  it(
    'are something else than what `docker compose up` does, which loses requests',
    async () => {
      const load = await world.load('contrast', 200, { seconds: 3600 });
      const upstream = await world.onHost('cat', '/opt/cogni/edge/caddy/upstream/active');
      const times = 3;
      for (let each = 0; each < times; each += 1) {
        await setTimeout(pause);
        await world.onHost(
          'docker',
          'compose',
          '--project-directory=/opt/cogni/runtime',
          'up',
          '--detach',
          '--force-recreate',
          '--no-deps',
          '--wait',
          upstream.replace('cogni-', ''),
        );
      }
      await setTimeout(pause);
      const { sent, lost, lostBySecond } = await load.stop();
      paragraphs.push(
        '## For contrast',
        `The same application, replaced ${times} times by \`docker compose up --detach --force-recreate --wait\` behind the same edge, which waits 5 s for an upstream that is not there: ${sent} requests over HTTP/1.1, **${lost} lost**, in ${Object.keys(lostBySecond).length} different seconds.`,
      );
      expect(lost).toBeGreaterThan(0);
    },
    hour,
  );
});

type Loads = Readonly<Record<string, { readonly rate: number }>>;

interface Tried {
  readonly runs: readonly TimedRun[];
  readonly reports: readonly { readonly name: string; readonly report: LoadReport }[];
  readonly minutes: number;
}

const rateOf = (loads: Loads): number => Object.values(loads).reduce((sum, { rate }) => sum + rate, 0);

const always = (): boolean => true;

const inMilliseconds = (value: number): string => `${value.toFixed(1)} ms`;

function latencyRow(name: string, report: LoadReport, runs: readonly TimedRun[]): string[] {
  const deploying = secondsOf(runs);
  const switching = secondsOf(runs.map(({ switched }) => switched));
  const p99 = {
    steady: quantile(
      fastIn(report, (second) => !deploying(second)),
      0.99,
    ),
    deploying: quantile(
      fastIn(report, (second) => deploying(second) && !switching(second)),
      0.99,
    ),
    switching: quantile(fastIn(report, switching), 0.99),
  };
  return [
    name,
    String(report.sent),
    String(report.lost),
    inMilliseconds(quantile(fastIn(report, always), 0.5)),
    inMilliseconds(p99.steady),
    inMilliseconds(p99.deploying),
    inMilliseconds(p99.switching),
    (p99.switching / p99.steady).toFixed(2),
  ];
}

function kindsOf(reports: readonly LoadReport[]): string {
  const counts: Record<string, number> = {};
  for (const report of reports)
    for (const [kind, count] of Object.entries(report.counts)) counts[kind] = (counts[kind] ?? 0) + count;
  const words: Readonly<Record<string, string>> = {
    get: 'GET',
    post: 'POST with a body',
    upload: 'upload of 48 KiB',
    slow: 'answer that takes 2 s',
    idle: 'POST over a connection that was idle for 4.5 to 8 s',
  };
  return table(
    ['kind of request', 'sent'],
    Object.entries(counts)
      .sort()
      .map(([kind, count]) => [words[kind] ?? kind, String(count)]),
  );
}

/** When the requests went elsewhere before that stream ended. */
const switchBefore = ({ until }: StreamEnd, runs: readonly TimedRun[]): number =>
  Math.max(...runs.map(({ switched }) => switched.from).filter((at) => at <= Date.parse(until)));
