import { loadavg } from 'node:os';
import { table } from '../../../scripts/figures';
import { fastIn, quantile } from '../../../sandbox/load/latency';
import type { LoadReport } from '../../../sandbox/load/load';
import type { DeployedWorld } from '../../e2e/deployed-world';
import { cogni } from '../../e2e/sandbox-cli';
import { wholeNumber } from '../../whole-number';
import { keepReport } from '../report';
import { loadsOf, secondsOf, underLoads, worldOfBoth, type TimedRun } from './run-under-load';

/**
 * 200 requests a second in all. The host, its visitors and whoever deploys share the processors of one machine here: how
 * fast answers are can be seen only while there is enough for all of them.
 */
const loads = loadsOf({ http1: [80, 40], http2: [50, 30] });

const switches = wholeNumber('COGNI_NIGHTLY_SWITCHES') ?? 20;
const hour = 60 * 60_000;

describe('answers in the second of a switch', () => {
  let world: DeployedWorld;

  beforeAll(async () => {
    world = await worldOfBoth();
  }, hour);
  afterEach(() => world.endLoads());
  afterAll(() => cogni('sandbox', 'down'));

  it(
    'come about as fast as before it',
    async () => {
      const busy = loadavg()[0] ?? Number.NaN;
      const { runs, reports } = await underLoads(world, {
        loads,
        atLeast: switches,
      });
      keepReport(
        'deploy-speed',
        'How fast answers come while a version is replaced',
        './cogni test nightly --path deploys/speed',
        [
          `${runs.length} deploys and rollbacks in turns, 4 s apart, under ${reports.length} loads at once, with slow answers, uploads and idle connections among the requests as in [deploy-load.md](deploy-load.md). The times are of those requests that are not slow by themselves. Host, visitors and the command share the processors of the machine; its load was ${busy.toFixed(1)} before. Asked for: a p99 in the second of the switch of at most 1.3 times that of the seconds in which nothing is deployed.`,
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
            reports.map(({ name, report }) => rowOf(name, report, runs)),
          ),
          `One burst of whatever else the machine does decides a p99 of so few requests. So also second by second: the p95 of each second, by how many seconds it is before (−) or behind the one of the switch; of all switches the median, and in parentheses what nine of ten stay below. Before it, the new version is started and proven; behind it, what served before is drained and stopped.`,
          table(
            ['load', ...around.map((offset) => (offset < 0 ? `−${-offset}` : String(offset)))],
            reports.map(({ name, report }) => aroundOf(name, report, runs)),
          ),
        ],
      );
      expect(reports.map(({ report: { lost, examples } }) => ({ lost, examples }))).toEqual(
        reports.map(() => ({ lost: 0, examples: [] })),
      );
    },
    hour,
  );
});

/** Seconds around that of a switch. */
const around = [-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6];

function aroundOf(name: string, report: LoadReport, runs: readonly TimedRun[]): string[] {
  return [
    name,
    ...around.map((offset) => {
      const each = runs
        .map(({ switched }) => Math.floor(switched.from / 1000) + offset)
        .map((wanted) =>
          quantile(
            fastIn(report, (second) => second === wanted),
            0.95,
          ),
        )
        .filter((value) => !Number.isNaN(value));
      return `${quantile(each, 0.5).toFixed(0)} (${quantile(each, 0.9).toFixed(0)})`;
    }),
  ];
}

function rowOf(name: string, report: LoadReport, runs: readonly TimedRun[]): string[] {
  const deploying = secondsOf(runs);
  const switching = secondsOf(runs.map(({ switched }) => switched));
  const p99 = (isAmong: (second: number) => boolean): number => quantile(fastIn(report, isAmong), 0.99);
  const steady = p99((second) => !deploying(second));
  const atSwitch = p99(switching);
  const milliseconds = (value: number): string => `${value.toFixed(1)} ms`;
  return [
    name,
    String(report.sent),
    String(report.lost),
    milliseconds(
      quantile(
        fastIn(report, () => true),
        0.5,
      ),
    ),
    milliseconds(steady),
    milliseconds(p99((second) => deploying(second) && !switching(second))),
    milliseconds(atSwitch),
    (atSwitch / steady).toFixed(2),
  ];
}
