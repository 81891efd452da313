import type { DeployedWorld } from '../../e2e/deployed-world';
import { changeRecord, playedRecord } from '../../e2e/played-settings';
import { textOf } from '../../e2e/sandbox-cli';

/** What a person is told of before it happens, because it costs requests: what is done, and seconds in which some may be lost. */
export interface Disturbance {
  readonly what: string;
  readonly bound: number;
  /** The same for questions to a model. @default `bound`, and what LiteLLM takes to be there again */
  readonly questionBound?: number;
  /** Milliseconds that everything of visitors takes longer, each way. @default 0 */
  readonly delay?: number;
  /** What makes it necessary, before anything is counted. @default - nothing */
  readonly prepare?: (world: DeployedWorld) => Promise<unknown>;
  readonly happens: (world: DeployedWorld) => Promise<unknown>;
}

/** The version that serves all the time. */
export const good = `preview-${'a'.repeat(40)}`;

const compose = (project: string, ...words: readonly string[]): readonly string[] => [
  'docker',
  'compose',
  `--project-directory=/opt/cogni/${project}`,
  ...words,
];

const changes = 10;

/** A person changes the record of the environment, and has the edge brought to it; in the end it is as it was. */
async function changeEdge(world: DeployedWorld): Promise<void> {
  for (let times = 0; times < changes; times += 1) {
    // A site more, or one less.
    changeRecord({ www: playedRecord().www !== true });
    await applied(world);
  }
}

async function applied(world: DeployedWorld, ...more: readonly string[]): Promise<void> {
  const output = await world.cogni('edge', 'apply', 'preview', ...more);
  const said = textOf(output);
  expect({ code: output.code, said }).toMatchObject({ code: 0 });
  expect(said).toContain('what this costs: ');
  expect(said).toContain('the edge of preview serves what is rendered');
}

/** Somebody has made its container by hand, with something more: by its name alone it looks like ours. */
async function makeEdgeByHand(world: DeployedWorld): Promise<void> {
  const more = '/run/by-hand.yaml';
  const text = 'services: { caddy: { labels: { made: by hand } } }';
  await world.onHost('sh', '-c', 'printf "%s\\n" "$1" > "$2"', 'sh', text, more);
  await world.onHost(
    ...compose('edge', '--file=/opt/cogni/edge/compose.yaml', `--file=${more}`),
    ...['up', '--detach', '--no-deps', '--wait', 'caddy'],
  );
  await serves(world);
}

const serves = (world: DeployedWorld): Promise<void> =>
  world.until('the site answers again', () =>
    world.version().then(
      () => true,
      () => false,
    ),
  );

/** Each of them costs something, and says so before. */
export const disturbances: readonly Disturbance[] = [
  ...[
    { far: '', delay: 0 },
    { far: ', from 20 ms away each way', delay: 20 },
  ].map(({ far, delay }) => ({
    what: `a changed edge is applied (\`edge apply\`, ${changes} times)${far}`,
    // What one of them costs is over within a second, which may lie across two of the clock's.
    bound: 2 * changes,
    delay,
    happens: changeEdge,
  })),
  {
    what: 'the container of the edge is replaced (`edge apply --replace-container`)',
    bound: 30,
    prepare: makeEdgeByHand,
    happens: (world) => applied(world, '--replace-container'),
  },
  {
    what: 'LiteLLM is replaced',
    bound: 0,
    questionBound: 90,
    happens: (world) =>
      world.onHost(
        ...compose('runtime', 'up', '--detach', '--force-recreate', '--no-deps', '--wait', 'litellm'),
      ),
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
