import { randomBytes } from 'node:crypto';
import type { Output } from '../../../foundation/process';
import { systemClock } from '../../../foundation/clock';
import { dockerAt } from '../../../sandbox/docker';

/** The engine that the tests run in: the one that DOCKER_HOST names, else the client's own. */
export const docker = dockerAt(process.env['DOCKER_HOST']);

/** Building from nothing takes minutes; what is in the cache is there at once. */
export const buildDeadline = 25 * 60_000;

/** Containers of one test file, on a network of their own: whatever it makes carries one label and is found by it. */
export class Scratch {
  readonly label = `dev.cogni.test=${randomBytes(4).toString('hex')}`;
  #network: Promise<string> | undefined;

  name(what: string): string {
    return `cogni-test-${this.label.slice(-8)}-${what}`;
  }

  /** Starts a container in the background. @returns its name */
  async start(what: string, args: readonly string[]): Promise<string> {
    const name = this.name(what);
    await docker.docker(await this.runArguments(name, args));
    return name;
  }

  /** Runs a container to its end. `code` is its exit code; `stdout` holds both streams. */
  async once(args: readonly string[], deadline = 40_000): Promise<Output> {
    const name = this.name(randomBytes(3).toString('hex'));
    const started = await docker.tryDocker(await this.runArguments(name, args));
    if (started.code !== 0) return started;
    const waited = await docker.tryDocker(['wait', name], { deadline });
    const logs = await docker.tryDocker(['logs', name]);
    await docker.tryDocker(['rm', '--force', '--volumes', name]);
    return {
      ...waited,
      code: waited.code === 0 ? Number(waited.stdout) : null,
      stdout: logs.stdout + logs.stderr,
    };
  }

  /** The name of its network. */
  network(): Promise<string> {
    this.#network ??= (async () => {
      const name = this.name('network');
      await docker.docker(['network', 'create', `--label=${this.label}`, name]);
      return name;
    })();
    return this.#network;
  }

  private async runArguments(name: string, args: readonly string[]): Promise<readonly string[]> {
    const network = args.some((arg) => arg.startsWith('--network='))
      ? []
      : [`--network=${await this.network()}`];
    return ['run', '--detach', `--name=${name}`, `--label=${this.label}`, ...network, ...args];
  }

  async removeAll(): Promise<void> {
    const filter = `--filter=label=${this.label}`;
    for (const [list, remove] of [
      [
        ['ps', '--all'],
        ['rm', '--force', '--volumes'],
      ],
      [
        ['network', 'ls'],
        ['network', 'rm'],
      ],
      [
        ['volume', 'ls'],
        ['volume', 'rm', '--force'],
      ],
    ] as const) {
      const ids = (await docker.docker([...list, '--quiet', filter])).split('\n').filter(Boolean);
      if (ids.length > 0) await docker.docker([...remove, ...ids]);
    }
  }
}

/** Runs a program in a running container. */
export const exec = (container: string, ...argv: readonly string[]): Promise<Output> =>
  docker.tryDocker(['exec', container, ...argv]);

/** Asks again until it is so, for at most so many seconds; what it threw last is why it failed. */
export async function eventually<T>(ask: () => Promise<T>, seconds = 30): Promise<T> {
  const until = systemClock.monotonic() + seconds * 1000;
  for (;;) {
    try {
      return await ask();
    } catch (cause) {
      if (systemClock.monotonic() >= until) throw cause;
      await systemClock.sleep(100);
    }
  }
}

/** As much of an image's configuration as a contract speaks of (Docker Engine API, ImageInspect). */
export interface ImageConfig {
  readonly Cmd: readonly string[] | null;
  readonly Entrypoint: readonly string[] | null;
  readonly Env: readonly string[];
  readonly ExposedPorts: Readonly<Record<string, object>> | null;
  readonly Healthcheck?: { readonly Test: readonly string[] };
  readonly StopSignal?: string;
  readonly User: string;
  readonly Volumes: Readonly<Record<string, object>> | null;
  readonly WorkingDir: string;
}

/** The configuration with everything in it that the engine leaves out where it is empty. */
export async function imageConfig(reference: string): Promise<ImageConfig> {
  const config = await docker.docker(['image', 'inspect', '--format={{json .Config}}', reference]);
  const empty = {
    Cmd: null,
    Entrypoint: null,
    Env: [],
    ExposedPorts: null,
    User: '',
    Volumes: null,
    WorkingDir: '',
  };
  return { ...empty, ...(JSON.parse(config) as Partial<ImageConfig>) };
}

/** Address of a container on the one network it is on. */
export async function addressOf(container: string): Promise<string> {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  return (await docker.docker(['inspect', `--format=${format}`, container])).trim();
}
