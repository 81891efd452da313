import { Failure } from '../foundation/failure';
import type { Docker } from './docker';
import { emulatorLives } from './emulator-daemon';
import { tryRunningEngine } from './engine';
import { tryReadUp } from './up';
import { partName, type World } from './world';

/** One line of `cogni sandbox status`. */
export interface PartStatus {
  readonly part: string;
  readonly state: string;
  /** Whether it is the real thing or a double, and what of it is missing. */
  readonly what: string;
}

/** What there is of a sandbox, part by part, real or double. Starts and changes nothing. */
export async function status(world: World): Promise<readonly PartStatus[]> {
  const left = tryReadUp(world);
  if (left === undefined) return [{ part: 'sandbox', state: 'down', what: './cogni sandbox up' }];
  const engine = await tryRunningEngine();
  if (engine === undefined) return [{ part: 'engine', state: 'ended', what: './cogni sandbox up starts it' }];
  const { docker, origin } = engine;
  const address = docker.host === undefined ? '' : `, DOCKER_HOST=${docker.host}`;
  const containers = await containersOf(docker, world);
  const part = (name: string, what: string): PartStatus => ({
    part: name,
    state: containers.get(partName(world, name)) ?? 'missing',
    what,
  });
  const parts = ['dns', 'hub', 'ghcr', 'acme', 'models', 's3'];
  const hosts = [...containers].filter(([name]) => !parts.some((known) => name === partName(world, known)));
  return [
    { part: 'engine', state: 'running', what: `real Docker, ${origin}${address}` },
    { part: 'terraform', state: 'present', what: `real: ${left.terraform}` },
    {
      part: 'cherry provider',
      state: 'present',
      what:
        left.provider === 'registry'
          ? 'real, from its registry'
          : 'stand-in (docs/decisions/0004-stand-in-provider.md)',
    },
    { part: 'null provider', state: 'present', what: left.nullProvider },
    {
      part: 'cherry api',
      state: emulatorLives(world) ? 'running' : 'ended',
      what: 'double: the emulator (docs/emulator.md)',
    },
    part('dns', 'real: dnsmasq'),
    part('hub', 'real registry; stands for the public one, no login'),
    part('ghcr', 'real registry; stands for the private one, login'),
    part('acme', 'real ACME: Caddy; stands for the public certificate authority'),
    part('models', 'double: a stub; stands for the provider of the models'),
    part('s3', 'real S3: versitygw; stands for the object storage of archives'),
    ...hosts.map(([name, state]) => ({
      part: `host ${name}`,
      state,
      what: 'system container: real systemd, sshd, cloud-init and Docker; the kernel is this machine’s',
    })),
    {
      part: 'litellm',
      state: 'on hosts',
      what: 'real, from PyPI, without a database of its own (its client would download an engine)',
    },
    {
      part: 'alloy',
      state: 'off',
      what: 'not there: no package registry has it to build an image from (test/skips.json); hosts run without it',
    },
  ];
}

async function containersOf(docker: Docker, world: World): Promise<ReadonlyMap<string, string>> {
  const lines = await docker.docker([
    'container',
    'ls',
    '--all',
    '--format={{.Names}}\t{{.State}}',
    `--filter=label=${world.label}`,
  ]);
  return new Map(
    lines
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t') as [string, string]),
  );
}

export const statusText = (parts: readonly PartStatus[]): string => {
  const width = (of: (part: PartStatus) => string): number =>
    Math.max(...parts.map((each) => of(each).length));
  const first = width(({ part }) => part);
  const second = width(({ state }) => state);
  return parts
    .map(({ part, state, what }) => `${part.padEnd(first)}  ${state.padEnd(second)}  ${what}`)
    .join('\n');
};

/**
 * The engine of a sandbox that is up, for commands beside `up`. Starts and installs nothing.
 *
 * @throws Failure when the sandbox is not up, or its engine has ended
 */
export async function dockerOf(world: World, running = tryRunningEngine): Promise<Docker> {
  const next = './cogni sandbox up, then run this again';
  if (tryReadUp(world) === undefined) throw new Failure({ what: 'the sandbox is not up', next });
  const engine = await running();
  if (engine === undefined) throw new Failure({ what: 'the Docker engine of the sandbox has ended', next });
  return engine.docker;
}
