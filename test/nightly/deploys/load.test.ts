import { setTimeout } from 'node:timers/promises';
import { table } from '../../../scripts/figures';
import { fastIn, quantile } from '../../../sandbox/load/latency';
import type { LoadReport, StreamEnd } from '../../../sandbox/load/load';
import type { DeployedWorld } from '../../e2e/deployed-world';
import { cogni } from '../../e2e/sandbox-cli';
import { wholeNumber } from '../../whole-number';
import { keepReport } from '../report';
import {
  loadsOf,
  one,
  other,
  pause,
  timedRun,
  underLoads,
  worldOfBoth,
  type TimedRun,
} from './run-under-load';

/** What is sent a second, all together for as long as the run takes: over HTTP/1.1 and HTTP/2, from near and from far. */
const loads = loadsOf({ http1: [150, 60], http2: [90, 40] });

const switches = wholeNumber('COGNI_NIGHTLY_SWITCHES') ?? 100;
const requests = wholeNumber('COGNI_NIGHTLY_REQUESTS') ?? 1_000_000;
const hour = 60 * 60_000;

describe('deploys and rollbacks, one after the other, under load', () => {
  let world: DeployedWorld;
  const paragraphs: string[] = [];

  beforeAll(async () => {
    world = await worldOfBoth();
  }, hour);
  afterEach(() => world.endLoads());
  afterAll(async () => {
    if (paragraphs.length > 0)
      keepReport('deploy-load', 'No request lost', './cogni test nightly --path deploys/load', paragraphs);
    await cogni('sandbox', 'down');
  });

  it(
    `lose not one of ${requests} requests over ${switches} switches`,
    async () => {
      const { runs, reports, minutes } = await underLoads(world, {
        loads,
        atLeast: switches,
        requests,
      });
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
            ...[0.5, 0.99].map(
              (part) =>
                `${quantile(
                  fastIn(report, () => true),
                  part,
                ).toFixed(1)} ms`,
            ),
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
    'are something else than what `docker compose up` does, which loses requests where the application is not there in time',
    async () => {
      const usual = await recreated(world, 'contrast');
      const slow = `preview-${'e'.repeat(40)}`;
      await world.publish(slow, '--misbehave', 'slow-start:8s');
      await timedRun('deploy', 'preview', '--image-tag', slow);
      const slowly = await recreated(world, 'contrast-slow');
      paragraphs.push(
        '## For contrast',
        'Replaced 3 times by `docker compose up --detach --force-recreate --wait` behind the same edge, which waits 5 s for an upstream that is not there: an application that is there again sooner loses few requests or none, and visitors wait meanwhile; one that takes longer loses all that waited longer.',
        table(
          ['application', 'requests over HTTP/1.1', 'lost', 'seconds in which some were'],
          (
            [
              ['the same', usual],
              ['the same, which listens only after 8 s', slowly],
            ] as const
          ).map(([name, { sent, lost, lostBySecond }]) => [
            name,
            String(sent),
            `**${lost}**`,
            String(Object.keys(lostBySecond).length),
          ]),
        ),
      );
      expect(slowly.lost).toBeGreaterThan(0);
    },
    hour,
  );
});

/** What becomes of 200 requests a second while Compose makes the container that serves anew, three times. */
async function recreated(world: DeployedWorld, name: string): Promise<LoadReport> {
  const upstream = await world.onHost('cat', '/opt/cogni/edge/caddy/upstream/active');
  const load = await world.load(name, 200, { seconds: 3600 });
  for (let times = 0; times < 3; times += 1) {
    await setTimeout(pause);
    await world.onHost(
      ...['docker', 'compose', '--project-directory=/opt/cogni/runtime', 'up', '--detach'],
      ...['--force-recreate', '--no-deps', '--wait', upstream.replace('cogni-', '')],
    );
  }
  await setTimeout(pause);
  return load.stop();
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
