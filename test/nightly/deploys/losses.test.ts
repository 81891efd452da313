import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { table } from '../../../scripts/figures';
import type { LoadReport } from '../../../sandbox/load/load';
import { partName } from '../../../sandbox/world';
import { DeployedWorld } from '../../e2e/deployed-world';
import { cogni, inSandbox, testWorld, textOf } from '../../e2e/sandbox-cli';
import { keepReport } from '../report';
import { disturbances, good } from './disturbances';

const hour = 60 * 60_000;
/** Milliseconds of load before and after what happens. */
const around = 4_000;

/** Requests that were lost, and in how many different seconds; questions to a model, which pass through LiteLLM, by themselves. */
interface Lost {
  readonly requests: number;
  readonly seconds: number;
  readonly questions: number;
  readonly questionSeconds: number;
}
const none: Lost = { requests: 0, seconds: 0, questions: 0, questionSeconds: 0 };

describe('under load', () => {
  let world: DeployedWorld;
  const rows: string[][] = [];

  /**
   * Sends requests over HTTP/1.1 and HTTP/2, and questions to a model, while it happens.
   *
   * @param happens gives what is left in the end, in a few words
   * @param delay milliseconds that all of it takes longer, each way
   */
  const during = async (what: string, happens: () => Promise<string>, delay = 0): Promise<Lost> => {
    const loads = await Promise.all([
      world.load('losses', 200, { delay, seconds: 3600 }),
      world.load('losses-http2', 60, { delay, http2: true, seconds: 3600 }),
      world.load('losses-models', 2, { delay, asks: true, seconds: 3600 }),
    ]);
    await setTimeout(around);
    const outcome = await happens();
    await setTimeout(around);
    const [one, two, questions] = await Promise.all(loads.map((load) => load.stop()));
    if (one === undefined || two === undefined || questions === undefined)
      throw new Error('a load is missing');
    const secondsOf = (...reports: readonly LoadReport[]): number =>
      new Set(reports.flatMap((report) => Object.keys(report.lostBySecond))).size;
    const lost = {
      requests: one.lost + two.lost,
      seconds: secondsOf(one, two),
      questions: questions.lost,
      questionSeconds: secondsOf(questions),
    };
    const { requests, seconds, questionSeconds } = lost;
    const part = (count: number, of: number, during: number): string =>
      count === 0 ? `0 of ${of}` : `${count} of ${of}, in ${during} s`;
    rows.push([
      what,
      part(requests, one.sent + two.sent, seconds),
      part(lost.questions, questions.sent, questionSeconds),
      outcome,
    ]);
    return lost;
  };

  /** Deploys what goes wrong, and gives all of its words. */
  const failing = async (tag: string, ...more: string[]): Promise<string> => {
    const output = await world.deploy(tag, ...more);
    const said = textOf(output);
    expect({ code: output.code, said }).toMatchObject({ code: 1 });
    expect(await world.version()).toMatchObject({ version: good });
    expect(await world.lockIsFree()).toBe(true);
    return said;
  };
  const stateIn = (said: string): string => /state: (.*)/.exec(said)?.[1] ?? 'no state was said';

  beforeAll(async () => {
    world = await DeployedWorld.withVersion(good);
  }, hour);
  afterEach(() => world.endLoads());
  afterAll(async () => {
    if (rows.length > 0) {
      keepReport(
        'deploy-losses',
        'What is lost when things go wrong',
        './cogni test nightly --path deploys/losses',
        [
          '200 requests a second over HTTP/1.1 and 60 over HTTP/2, and 2 questions to a model, from near where nothing else is said, from 4 s before to 4 s after each of these. Lost means: the connection broke, another status or body came than expected, or a POST was executed twice; nothing is sent again. A process that dies takes with it what it was answering: no edge can give that to another one without sending a request twice.',
          table(['what happens', 'requests lost', 'questions to a model lost', 'what is left'], rows),
        ],
      );
    }
    await cogni('sandbox', 'down');
  });

  it.each([
    ['a new version that never gets ready', ['--misbehave', 'never-ready']],
    ['a new version that ends at once', ['--misbehave', 'exit-at-once']],
    ['a new version that is not what it should be from outside', ['--misbehave', 'not-ready-outside']],
    ['a migration that fails', ['--migration', 'fail']],
  ])(
    '%s loses nothing',
    async (what, how) => {
      const tag = await world.publish(`preview-${(rows.length + 1).toString().padStart(7, '0')}`, ...how);
      expect(await during(what, async () => stateIn(await failing(tag)))).toEqual(none);
    },
    hour,
  );

  it(
    'a migration that never ends is ended at its limit, with what the server does for it, and loses nothing',
    async () => {
      const tag = await world.publish('preview-0000009', '--migration', 'hang');
      let said = '';
      const lost = await during('a migration that hangs, until its limit (30 s)', async () => {
        said = await failing(tag, '--migration-limit', '0.5');
        return stateIn(said);
      });
      expect(lost).toEqual(none);
      expect(said).toMatch(/could not migrate the database .*did not end within its deadline \(3\d\.\d s\)/);
      expect(said).toContain('where it needs more than 0.5 min, say so with --migration-limit <minutes>');
      expect(await world.containers()).not.toContain('cogni-runtime-db-migrate');
      await world.until('the server has ended its statement', async () => {
        const asked = `SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(86400)%' AND pid <> pg_backend_pid()`;
        return (await world.sql(asked)) === '0';
      });
      expect(await world.sql(`SELECT to_regclass('half_done') IS NULL`)).toBe('t');
    },
    hour,
  );

  it(
    'a disk that fills while a release is pulled loses nothing: what was pulled of it is gone, and the next deploy goes through',
    async () => {
      const tag = await world.publish('preview-0000010', '--weight', '64');
      // Where Docker puts what it downloads, before it is unpacked.
      const folder = '/var/lib/docker/tmp';
      let said = '';
      const lost = await during('the disk fills in the middle of the pull', async () => {
        await world.onHost('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder);
        try {
          said = await failing(tag);
          expect(await world.onHost('ls', '-A', folder)).toBe('');
        } finally {
          await world.onHost('umount', folder);
        }
        return stateIn(said);
      });
      expect(lost).toEqual(none);
      expect(said).toContain('could not pull the images of the release');
      expect(said).toContain('no space left on device');
      // How much room there is, in figures.
      expect(said).toMatch(/Size +Avail +Inodes +IFree/);
      expect(said).toContain('next:  see that the host has room for images');
      expect((await world.deploy(tag)).code).toBe(0);
      expect((await world.deploy(good)).code).toBe(0);
    },
    hour,
  );

  it(
    'a registry that dies in the middle of the pull loses nothing',
    async () => {
      const registry = partName(testWorld, 'ghcr');
      const tag = await world.publish(`preview-${'e'.repeat(40)}`, '--weight', '400');
      const lost = await during('the registry dies in the middle of the pull', async () => {
        const someBytes =
          'until [ -n "$(find /var/lib/docker/tmp -name "GetImageBlob*" -size +0)" ]; do sleep 0.02; done';
        const downloading = world.onHost('timeout', '50', 'sh', '-c', someBytes);
        const { child, said } = world.begin('deploy', 'preview', '--image-tag', tag);
        const closed = once(child, 'close');
        await downloading;
        await world.docker.docker(['pause', registry]);
        await setTimeout(2_000);
        await world.docker.docker(['kill', registry]);
        expect((await closed)[0]).toBe(1);
        expect(said()).toContain('could not pull the images of the release');
        return stateIn(said());
      });
      expect(lost).toEqual(none);
      expect((await cogni('sandbox', 'up')).code).toBe(0);
      expect((await world.deploy(tag)).code).toBe(0);
      expect((await world.deploy(good)).code).toBe(0);
    },
    hour,
  );

  it(
    'a disk that is full when the release is to be recorded loses nothing: it goes back by itself',
    async () => {
      const tag = await world.publish(`preview-${'f'.repeat(40)}`);
      const folder = '/var/lib/cogni/deploy';
      // A small disk in the place of the folder, with what is in it; all but some bytes are taken.
      const small = `cp -a ${folder} /run/deploy-before && mount -t tmpfs -o size=512k,mode=0755 tmpfs ${folder} && cp -a /run/deploy-before/. ${folder}/ && chown --reference=/run/deploy-before ${folder} && chmod --reference=/run/deploy-before ${folder} && (dd if=/dev/zero of=${folder}/ballast bs=1k; true)`;
      const lost = await during('the disk is full when the release is to be recorded', async () => {
        await world.onHost('sh', '-c', small);
        try {
          return stateIn(await failing(tag));
        } finally {
          await world.onHost('sh', '-c', `umount ${folder} && rm -r /run/deploy-before`);
        }
      });
      expect(lost).toEqual(none);
      expect((await world.deploy(good)).code).toBe(0);
    },
    hour,
  );

  it(
    'a version that crashes between its switch and its gate is gone back from by itself, and costs no more than comes until then',
    async () => {
      const tag = await world.publish('preview-0000011', '--misbehave', 'crash-outside');
      const lost = await during(
        'a new version that crashes each time its site is asked, behind the switch',
        async () => stateIn(await failing(tag)),
      );
      // The site is asked for 15 s; the rest is for the last question, for taking back, and for a machine that does much else.
      const bound = 30;
      expect(lost.seconds).toBeLessThanOrEqual(bound);
      expect(lost.requests).toBeLessThanOrEqual(15 * (200 + 60));
      expect(lost.questions).toBeLessThanOrEqual(bound * 2);
    },
    hour,
  );

  it(
    'a version that crashes after it was ready costs what was on its way to it, and is rolled back by hand where it was recorded',
    async () => {
      const tag = await world.publish(`preview-${'c'.repeat(40)}`, '--misbehave', 'crash-after:12s');
      const { seconds } = await during('a new version that is ready, and crashes every 12 s', async () => {
        const output = await world.deploy(tag);
        // It may have crashed before the switch, while its site was asked, or only after it was taken.
        if (output.code === 0) expect((await inSandbox(['./cogni', 'rollback', 'preview'])).code).toBe(0);
        expect(await world.version()).toMatchObject({ version: good });
        return output.code === 0
          ? 'it passed its gate before the first crash; rolled back by hand'
          : stateIn(textOf(output));
      });
      expect(seconds).toBeLessThanOrEqual(30);
    },
    hour,
  );

  it.each(disturbances.map((one) => [one.what, one] as const))(
    '%s: what is lost is bounded',
    async (what, { bound, questionBound = bound + 60, delay, prepare, happens }) => {
      await prepare?.(world);
      const { seconds, questionSeconds } = await during(
        what,
        async () => {
          await happens(world);
          return `${good} serves`;
        },
        delay,
      );
      expect(await world.version()).toMatchObject({ version: good });
      expect(seconds).toBeLessThanOrEqual(bound);
      expect(questionSeconds).toBeLessThanOrEqual(questionBound);
    },
    hour,
  );
});
