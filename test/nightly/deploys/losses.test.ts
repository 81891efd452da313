import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { table } from '../../../scripts/figures';
import type { LoadReport } from '../../../sandbox/load/load';
import { partName } from '../../../sandbox/world';
import { DeployedWorld } from '../../e2e/deployed-world';
import { cogni, inSandbox, testWorld, textOf } from '../../e2e/sandbox-cli';
import { keepReport } from '../report';

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

/** What a person is told of before it happens, because it costs requests: what is done, and seconds in which some may be lost. */
interface Disturbance {
  readonly what: string;
  readonly bound: number;
  /** The same for questions to a model. @default `bound`, and what LiteLLM takes to be there again */
  readonly questionBound?: number;
  readonly happens: (world: DeployedWorld) => Promise<unknown>;
}

const compose = (project: string, ...words: readonly string[]): readonly string[] => [
  'docker',
  'compose',
  `--project-directory=/opt/cogni/${project}`,
  ...words,
];
const recreate = (project: string, service: string): readonly string[] =>
  compose(project, 'up', '--detach', '--force-recreate', '--no-deps', '--wait', service);

/** What serves. */
const good = `preview-${'a'.repeat(40)}`;

const disturbances: readonly Disturbance[] = [
  {
    what: 'a changed configuration of the edge is loaded (10 times)',
    // What one of them costs is over within a second, which may lie across two of the clock's.
    bound: 20,
    happens: async (world) => {
      for (let times = 0; times < 10; times += 1) {
        await world.onHost(
          'docker',
          'exec',
          'cogni-edge-caddy-1',
          'caddy',
          'reload',
          '--config=/etc/caddy/Caddyfile',
          '--force',
        );
        await setTimeout(1000);
      }
    },
  },
  {
    what: 'the edge is replaced',
    bound: 30,
    happens: (world) => world.onHost(...recreate('edge', 'caddy')),
  },
  {
    what: 'LiteLLM is replaced',
    bound: 0,
    questionBound: 90,
    happens: (world) => world.onHost(...recreate('runtime', 'litellm')),
  },
  {
    what: 'the database is replaced (`deploy --restart-database`)',
    bound: 30,
    happens: async (world) => {
      const output = await world.deploy(good, '--restart-database');
      expect({ code: output.code, said: textOf(output) }).toMatchObject({ code: 0 });
    },
  },
  {
    what: 'Docker is restarted on the host',
    bound: 60,
    happens: async (world) => {
      await world.onHost('systemctl', 'restart', 'docker');
      await serves(world);
    },
  },
  {
    what: 'the host is restarted',
    bound: 120,
    happens: async (world) => {
      await world.docker.docker(['restart', '--time=10', world.hostName]);
      await serves(world);
    },
  },
];

const serves = (world: DeployedWorld): Promise<void> =>
  world.until('the site answers again', () =>
    world.version().then(
      () => true,
      () => false,
    ),
  );

describe('under load', () => {
  let world: DeployedWorld;
  const rows: string[][] = [];

  /** Sends requests over HTTP/1.1 and HTTP/2, and questions to a model, while it happens. */
  const during = async (what: string, happens: () => Promise<string>): Promise<Lost> => {
    const loads = await Promise.all([
      world.load('losses', 200, { seconds: 3600 }),
      world.load('losses-http2', 60, { http2: true, seconds: 3600 }),
      world.load('losses-models', 2, { asks: true, seconds: 3600 }),
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

  /** Deploys what goes wrong, and gives the last words of it. */
  const failing = async (tag: string): Promise<string> => {
    const output = await world.deploy(tag);
    expect({ code: output.code, said: textOf(output) }).toMatchObject({ code: 1 });
    expect(await world.version()).toMatchObject({ version: good });
    return /state: (.*)/.exec(textOf(output))?.[1] ?? 'no state was said';
  };

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
          '200 requests a second over HTTP/1.1 and 60 over HTTP/2, and 2 questions to a model, from 4 s before to 4 s after each of these. Lost means: the connection broke, another status or body came than expected, or a POST was executed twice; nothing is sent again. A process that dies takes with it what it was answering: no edge can give that to another one without sending a request twice.',
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
      expect(await during(what, () => failing(tag))).toEqual(none);
    },
    hour,
  );

  it(
    'a registry that dies in the middle of the pull loses nothing',
    async () => {
      const registry = partName(testWorld, 'ghcr');
      const tag = await world.publish(`preview-${'e'.repeat(40)}`);
      const lost = await during('the registry dies in the middle of the pull', async () => {
        const { child, said } = world.begin('deploy', 'preview', '--image-tag', tag);
        const closed = once(child, 'close');
        await world.until('the pull begins', () =>
          Promise.resolve(said().includes('▸ pull the images of the release')),
        );
        await world.docker.docker(['pause', registry]);
        await setTimeout(2_000);
        await world.docker.docker(['kill', registry]);
        expect((await closed)[0]).toBe(1);
        return /state: (.*)/.exec(said())?.[1] ?? 'no state was said';
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
          return await failing(tag);
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
    'a version that crashes after it was proven costs what was on its way to it, and goes back by itself',
    async () => {
      const tag = await world.publish(`preview-${'c'.repeat(40)}`, '--misbehave', 'crash-after:12s');
      const { seconds } = await during('a new version that is ready, and crashes every 12 s', async () => {
        const output = await world.deploy(tag);
        // It may have crashed before the switch, while its site was asked, or only after it was taken.
        if (output.code === 0) expect((await inSandbox(['./cogni', 'rollback', 'preview'])).code).toBe(0);
        expect(await world.version()).toMatchObject({ version: good });
        return output.code === 0
          ? 'it passed its gate before the first crash; rolled back by hand'
          : (/state: (.*)/.exec(textOf(output))?.[1] ?? '');
      });
      expect(seconds).toBeLessThanOrEqual(30);
    },
    hour,
  );

  it.each(disturbances.map((one) => [one.what, one] as const))(
    '%s: what is lost is bounded',
    async (what, { bound, questionBound = bound + 60, happens }) => {
      const { seconds, questionSeconds } = await during(what, async () => {
        await happens(world);
        return `${good} serves`;
      });
      expect(await world.version()).toMatchObject({ version: good });
      expect(seconds).toBeLessThanOrEqual(bound);
      expect(questionSeconds).toBeLessThanOrEqual(questionBound);
    },
    hour,
  );
});
