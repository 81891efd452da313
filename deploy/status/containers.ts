import { z } from 'zod';
import { commandFailure, type Output } from '../../foundation/process';
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

/** How Docker says that a container has gone since it was listed; every other line is another fault. */
const gone = /no such (container|object)/i;

/** Ended otherwise than well, for no other reason than that containers have gone meanwhile. */
const hasOnlyMissed = ({ code, timedOut, stderr }: Output): boolean => {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return code !== null && !timedOut && lines.length > 0 && lines.every((line) => gone.test(line));
};

/**
 * The containers of the given Compose projects, sorted by project and service. One that goes while they are looked at is
 * left out.
 *
 * @throws Failure when Docker does not answer, or not about all of them: containers live on while their engine is started
 *   anew, and what was not seen is never taken for missing
 */
export async function readContainers(
  transport: Transport,
  environment: string,
  projects: readonly string[],
): Promise<readonly Container[]> {
  const ask = async (
    command: RemoteCommand,
    what: string,
    isAnswer: (output: Output) => boolean = () => false,
  ): Promise<string> => {
    const output = await transport.run(command);
    if (output.code === 0 || isAnswer(output)) return output.stdout;
    throw commandFailure(
      { ...command, argv: [command.argv[0]] },
      { ...output, stdout: '' },
      {
        what: `${transport.describe()}: ${what}`,
        state: 'nothing was changed',
        next: `./cogni host check ${environment}`,
      },
    );
  };
  const listed = await ask(list, 'Docker does not say which containers it has');
  const ids = listed.split(/\s+/).filter((id) => id !== '');
  if (ids.length === 0) return [];
  const said = await ask(inspect(ids), 'Docker does not say how its containers are', hasOnlyMissed);
  return parseContainers(said)
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
