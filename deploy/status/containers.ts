import { z } from 'zod';
import { Failure } from '../../foundation/failure';
import type { RemoteCommand, Transport } from '../transport';

/** What Docker says of a container of a Compose project. */
const containerSchema = z.object({
  name: z.string(),
  project: z.string(),
  service: z.string(),
  /** A single run of a job, not a service that stays. */
  oneOff: z.string().transform((text) => text === 'True'),
  /** `running`, `exited`, `restarting`, ... */
  state: z.string(),
  /** `healthy`, `unhealthy`, `starting`; null without a health check. */
  health: z.string().nullable(),
  /** UTC; of the last start. */
  startedAt: z.string(),
  /** UTC; year 1 while it runs. */
  finishedAt: z.string(),
  exitCode: z.number(),
  /** Starts anew after it had ended by itself. */
  restarts: z.number(),
  /** What it was started from, as named then. */
  image: z.string(),
});

export type Container = Readonly<z.infer<typeof containerSchema>>;

/** The fields that are needed and no others: variables, which hold secrets, never leave the host. */
const fields: Readonly<Record<keyof Container, string>> = {
  name: '{{json (slice .Name 1)}}',
  project: '{{json (index .Config.Labels "com.docker.compose.project")}}',
  service: '{{json (index .Config.Labels "com.docker.compose.service")}}',
  oneOff: '{{json (index .Config.Labels "com.docker.compose.oneoff")}}',
  state: '{{json .State.Status}}',
  health: '{{with .State.Health}}{{json .Status}}{{else}}null{{end}}',
  startedAt: '{{json .State.StartedAt}}',
  finishedAt: '{{json .State.FinishedAt}}',
  exitCode: '{{json .State.ExitCode}}',
  restarts: '{{json .RestartCount}}',
  image: '{{json .Config.Image}}',
};
const format = `{${Object.entries(fields)
  .map(([name, value]) => `"${name}":${value}`)
  .join(',')}}`;

const deadline = 20_000;

const list: RemoteCommand = {
  argv: ['docker', 'ps', '--all', '--quiet', '--no-trunc', '--filter=label=com.docker.compose.project'],
  deadline,
};

const inspect = (ids: readonly string[]): RemoteCommand => ({
  argv: ['docker', 'inspect', '--type=container', `--format=${format}`, ...ids],
  deadline,
});

/**
 * The containers of the given Compose projects, sorted by project and service.
 *
 * @throws Failure when Docker does not answer
 */
export async function readContainers(
  transport: Transport,
  environment: string,
  projects: readonly string[],
): Promise<readonly Container[]> {
  const listed = await transport.run(list);
  const ids = listed.stdout.split(/\s+/).filter((id) => id !== '');
  // One that ends meanwhile is left out, and is no reason to fail.
  const inspected = ids.length === 0 ? undefined : await transport.run(inspect(ids));
  if (listed.code !== 0) {
    throw new Failure({
      what: `${transport.describe()}: Docker does not say which containers it has: ${listed.stderr.trim() || `exit code ${listed.code ?? 'none'}`}`,
      next: `./cogni host check ${environment}`,
    });
  }
  return parseContainers(inspected?.stdout ?? '')
    .filter(({ project }) => projects.includes(project))
    .sort(
      (one, other) =>
        projects.indexOf(one.project) - projects.indexOf(other.project) || (one.name < other.name ? -1 : 1),
    );
}

export const parseContainers = (text: string): Container[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => containerSchema.parse(JSON.parse(line)));
