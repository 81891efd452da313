import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { deployRequest } from '../cli/deploy-request';
import { deployRelease } from '../deploy';
import { hold } from '../deploy/hold';
import { remoteCommandLine } from '../deploy/quote';
import { connect, type SshHost } from '../deploy/ssh';
import { sshOptions } from '../deploy/ssh-options';
import type { RemoteCommand, Transport } from '../deploy/transport';
import type { Timeline } from '../deploy/watch';
import { run, type Command } from '../foundation/process';
import { tryReadUp } from '../sandbox/up';
import { worldOf } from '../sandbox/world';
import { inTurns, madeBy, median, range, table } from './figures';

/**
 * Where the time of a warm deploy goes, as a report for docs/reports/: by the engine, and by the same steps with one call of
 * ssh for each command, as a script would make them, in turns on one host. Nothing is judged here.
 *
 * Usage: `npm run bench:deploy` (needs the sandbox; makes one of its own and removes it).
 */
const checkout = resolve(__dirname, '..', '..');
const world = worldOf(checkout, 'bench');
const shell = { COGNI_SANDBOX_NAME: 'bench', COGNI_SANDBOX: undefined, NO_COLOR: '1', CI: '1' };
const turns = 10;

async function cogni(...words: readonly string[]): Promise<void> {
  return command(['./cogni', ...words]);
}

async function command(argv: readonly [string, ...string[]], env: Command['env'] = {}): Promise<void> {
  const output = await run({ argv, env: { ...shell, ...env }, cwd: checkout, deadline: 30 * 60_000 });
  if (output.code !== 0)
    throw new Error(`${argv.join(' ')} ended with ${output.code}\n${output.stdout}\n${output.stderr}`);
}

/** A connection of its own for each command: what `ssh host command` in a script does. */
function callsOfSsh(host: SshHost, count: () => void): Transport {
  const call = ({ argv, stdin }: Pick<RemoteCommand, 'argv' | 'stdin'>, deadline: number): Command => {
    count();
    return {
      argv: ['ssh', '-T', ...sshOptions({ ...host, strict: 'pinned' }), remoteCommandLine(argv)],
      ...(stdin === undefined ? {} : { stdin }),
      deadline,
    };
  };
  return {
    describe: () => `${host.user}@${host.address}`,
    run: (asked, options) => run(call(asked, asked.deadline), options),
    hold: (asked, options) => hold(call(asked, asked.deadline), options),
    attach: () => Promise.reject(new Error('a deploy attaches to nothing')),
    close: () => Promise.resolve(),
  };
}

interface Measured {
  readonly timeline: Timeline;
  readonly connections: number;
}

/** Deploys one of two builds, whichever does not serve: each run is a deploy of another version that is on the host. */
function deploys(
  tags: readonly [string, string],
): Readonly<Record<'engine' | 'calls', () => Promise<Measured>>> {
  let next = 0;
  const deploy = async (
    over: (host: SshHost) => { transport: Promise<Transport>; connections: () => number },
  ) => {
    const request = await deployRequest('preview', tags[next++ % 2] ?? tags[0], undefined);
    let connections = (): number => 0;
    const { timeline } = await deployRelease(request, {
      connect: (host) => {
        const opened = over(host);
        connections = opened.connections;
        return opened.transport;
      },
    });
    return { timeline, connections: connections() };
  };
  return {
    engine: () => deploy((host) => ({ transport: connect(host), connections: () => 1 })),
    calls: () =>
      deploy((host) => {
        let made = 0;
        return {
          transport: Promise.resolve(callsOfSsh(host, () => (made += 1))),
          connections: () => made,
        };
      }),
  };
}

const spentOn = ({ spans }: Timeline, part: string): number =>
  spans.filter(({ spent }) => spent === part).reduce((sum, { milliseconds }) => sum + milliseconds, 0);

const seconds = (values: readonly number[]): string =>
  `${(median(values) / 1000).toFixed(2)} s (${range(
    values.map((value) => value / 1000),
    2,
  )})`;

const numbers = (values: readonly number[]): string => `${median(values)}`;

function report(engine: readonly Measured[], calls: readonly Measured[]): string {
  const row = (
    what: string,
    of: (one: Measured) => number,
    show: (values: readonly number[]) => string,
  ): string[] => {
    const [ours, theirs] = [engine.map(of), calls.map(of)];
    return [what, show(ours), show(theirs), (median(theirs) / median(ours)).toFixed(2)];
  };
  const parts = ['pull', 'migration', 'start', 'drain'].map((part) =>
    row(`– ${part}`, ({ timeline }) => spentOn(timeline, part), seconds),
  );
  const ids = [...new Set(engine.flatMap(({ timeline }) => timeline.spans.map(({ id }) => id)))];
  const took = (measured: readonly Measured[], id: string): readonly number[] =>
    measured.flatMap(({ timeline }) =>
      timeline.spans.filter((span) => span.id === id).map(({ milliseconds }) => milliseconds),
    );
  return [
    '# Where the time of a warm deploy goes',
    '',
    madeBy('npm run bench:deploy', checkout),
    `Medians of ${turns} deploys each, with the range in parentheses, taken in turns on one host of the sandbox: two builds that are on the host already, one after the other. The calls of ssh are the same steps with the same commands, each over a connection of its own.`,
    '',
    table(
      ['what', 'the engine', 'calls of ssh', 'ratio'],
      [
        row('all of it', ({ timeline }) => timeline.milliseconds, seconds),
        ...parts,
        row('– beyond those', ({ timeline }) => timeline.engineMilliseconds, seconds),
        row('connections', ({ connections }) => connections, numbers),
        row('commands', ({ timeline }) => timeline.commands, numbers),
      ],
    ),
    '',
    '## By step',
    '',
    table(
      ['step', 'the engine', 'calls of ssh'],
      ids.map((id) => [id.replace(/ .*@.*/, ''), seconds(took(engine, id)), seconds(took(calls, id))]),
    ),
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  await cogni('sandbox', 'down');
  await cogni('sandbox', 'up');
  const variables = tryReadUp(world)?.variables ?? {};
  await command(['npx', 'cdktf', 'deploy', 'preview', '--auto-approve'], variables);
  const tags = ['a', 'd'].map((letter) => `preview-${letter.repeat(40)}`) as [string, string];
  for (const tag of tags) {
    await cogni('sandbox', 'publish', tag);
    await command(['./cogni', 'deploy', 'preview', '--image-tag', tag], variables);
  }
  Object.assign(process.env, variables);
  const { engine = [], calls = [] } = await inTurns(turns, deploys(tags));
  await cogni('sandbox', 'down');
  const text = report(engine, calls);
  mkdirSync(join(checkout, 'docs', 'reports'), { recursive: true });
  writeFileSync(join(checkout, 'docs', 'reports', 'deploy-time.md'), text);
  process.stdout.write(text);
}

void main();
