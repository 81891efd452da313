import { median, table } from '../../../scripts/figures';
import { DeployedWorld } from '../../e2e/deployed-world';
import { cogni } from '../../e2e/sandbox-cli';
import { wholeNumber } from '../../whole-number';
import { keepReport } from '../report';
import { harmless, lastingLosses, passingLosses, type Loss } from './host-losses';
import { RunningWatch, type Heard } from './running-watch';

/** How often each loss that can be taken back happens: each time at another moment between two looks. */
const turns = wholeNumber('COGNI_NIGHTLY_TURNS') ?? 3;
const hour = 60 * 60_000;
/** Seconds within which somebody has to be told. */
const bound = 60;

/** `./cogni watch` beside a host, and whoever its webhook tells. */
describe('a watch of a host', () => {
  let world: DeployedWorld;
  let watch: RunningWatch;
  const seconds = new Map<string, number[]>();
  const untold: string[][] = [];
  /** What did not come to its end as it should, or was not begun. */
  const notPassed = new Set([harmless, passingLosses, lastingLosses].flatMap((all) => Object.keys(all)));

  const begin = async (): Promise<void> => {
    world = await DeployedWorld.withVersion('preview-1111111');
    watch = await RunningWatch.begin();
  };
  beforeAll(begin, hour);
  afterAll(async () => {
    if (seconds.size > 0)
      keepReport(
        'detection',
        'How soon the loss of a host is told',
        `COGNI_NIGHTLY_TURNS=${turns} ./cogni test nightly --path recovery/detection`,
        report(),
      );
    try {
      await watch.end();
    } finally {
      await cogni('sandbox', 'down');
    }
  });

  it.each(Object.entries(harmless))(
    'tells nobody of %s',
    async (what, { work, seenAs }) => {
      await watch.isQuiet();
      const before = watch.heard.length;
      const looks = await watch.during(() => work(world));
      const saw = looks.filter(({ deploying, well }) => (seenAs === 'deploying' ? deploying : !well));
      expect(watch.heard.slice(before).map(({ message: { text } }) => text)).toEqual([]);
      expect(saw.length).toBeGreaterThan(0);
      untold.push([what, `${saw.length} of ${looks.length}`]);
      notPassed.delete(what);
    },
    hour,
  );

  /** The first alarm is the one that counts, and is held against the bound; it has to be the right one. */
  const isTold = async (what: string, { told, fault }: Loss): Promise<Heard> => {
    await watch.isQuiet();
    const begun = performance.now();
    // The alarm may come while the fault is still being made: what is heard is kept with its moment.
    await fault(world);
    const heard = await watch.hears(
      `an alarm on ${what}`,
      ({ message, at }) => at > begun && message.status === 'firing',
    );
    const { message, at } = heard;
    const took = (at - begun) / 1000;
    process.stderr.write(`${what}: ${took.toFixed(1)} s, ${message.text}\n`);
    expect(message).toMatchObject({ condition: told, severity: 'critical', environment: 'preview' });
    seconds.set(what, [...(seconds.get(what) ?? []), took]);
    expect(took).toBeLessThanOrEqual(bound);
    return heard;
  };

  it.each(Object.entries(passingLosses))(
    'tells within a minute of a host that is %s; and that it is over, once it is',
    async (what, loss) => {
      for (let turn = 0; turn < turns; turn += 1) {
        let told: Heard;
        try {
          told = await isTold(what, loss);
        } finally {
          await loss.repair(world);
        }
        await watch.hears(
          `the end of ${what}`,
          ({ message, at }) =>
            at > told.at && message.key === told.message.key && message.status === 'resolved',
        );
        // A loss opens more than one alarm: the end of another one belongs to this turn as well.
        await watch.isQuiet();
      }
      notPassed.delete(what);
    },
    hour,
  );

  it.each(Object.entries(lastingLosses).map(([what, loss], index) => [what, loss, index] as const))(
    'tells within a minute of a host that is %s',
    async (what, loss, index) => {
      if (index > 0) {
        await watch.end();
        await begin();
      }
      await isTold(what, loss);
      notPassed.delete(what);
    },
    hour,
  );

  function report(): readonly string[] {
    return [
      `\`./cogni watch preview\` in a process of its own, with a look every 5 s, beside a host of the sandbox. The time goes from the moment at which the loss begins to be made until the message is with the receiver of the webhook. Each loss that can be taken back is made ${turns} times.`,
      ...(notPassed.size === 0 ? [] : [`**Failed, or not run:** ${[...notPassed].join('; ')}.`]),
      table(
        ['the host is', 'how often', 'told after, median', 'at most', 'may be'],
        [...seconds].map(([what, all]) => [
          what,
          `${all.length}`,
          `${median(all).toFixed(1)} s`,
          `**${Math.max(...all).toFixed(1)} s**`,
          `${bound} s`,
        ]),
      ),
      ...(untold.length === 0
        ? []
        : [
            'Nobody was told of what harms nothing:',
            table(['what happened', 'looks that saw it, of those until all was well'], untold),
          ]),
    ];
  }
});
