import { commandFailure, run, type Command, type Output, type Run } from '../foundation/process';
import type { Sensitive } from '../foundation/secret';

/** Milliseconds that a docker command may take when the caller names no deadline: enough for all but builds. */
const usualDeadline = 60_000;

export interface DockerOptions {
  /** Written to the client's standard input: a build context, a file to load, a password for `login --password-stdin`. */
  readonly stdin?: Sensitive;
  /** Milliseconds. @default 60 000 */
  readonly deadline?: number;
  /** Added to the client's environment, for instance `DOCKER_CONFIG` of a login that must not touch the user's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** One Docker engine, spoken to through the `docker` client. */
export interface Docker {
  /** Value for `DOCKER_HOST`; undefined where the client finds its engine by itself (context, default socket). */
  readonly host: string | undefined;
  /**
   * Runs `docker <args>` and gives its standard output as it came, with the final newline.
   * @throws Failure with the command's output when it does not end with exit code 0.
   */
  docker(args: readonly string[], options?: DockerOptions): Promise<string>;
  /** Runs `docker <args>` and reports how it ended. Throws only when there is no `docker` program. */
  tryDocker(args: readonly string[], options?: DockerOptions): Promise<Output>;
}

/**
 * The engine behind an address such as `unix:///run/docker.sock`.
 *
 * @param host undefined leaves the choice to the client, as on the user's own command line.
 * @param runner what runs the client; a test hands in its own.
 */
export function dockerAt(host: string | undefined, runner: Run = run): Docker {
  const command = (args: readonly string[], options: DockerOptions): Command => ({
    argv: ['docker', ...args],
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    env: { ...environmentOf(host), ...options.env },
    deadline: options.deadline ?? usualDeadline,
  });
  return {
    host,
    async docker(args, options = {}) {
      const asked = command(args, options);
      const output = await runner(asked);
      if (output.code === 0) return output.stdout;
      throw commandFailure(asked, output);
    },
    tryDocker: (args, options = {}) => runner(command(args, options)),
  };
}

/** The client as a person types it to reach an engine: `docker -H <address>` where plain `docker` would ask another one. */
export const dockerFor = ({ host }: Pick<Docker, 'host'>): string =>
  host === undefined ? 'docker' : `docker -H ${host}`;

/** The client must not take TLS settings or a context that the user chose for another engine to ours. */
function environmentOf(host: string | undefined): Record<string, string | undefined> {
  if (host === undefined || host === process.env['DOCKER_HOST']) return {};
  return {
    DOCKER_HOST: host,
    DOCKER_CONTEXT: undefined,
    DOCKER_TLS_VERIFY: undefined,
    DOCKER_CERT_PATH: undefined,
  };
}
