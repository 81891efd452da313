import { commandFailure, type Output } from '../../foundation/process';
import type { RemoteCommand, Transport } from '../transport';
import type { ComparedProject } from './compare';

/** A file as it is on a host. */
export interface HostFileState {
  readonly mode: number;
  /** Undefined where it could not be read, is too long, or is not text. */
  readonly content?: string;
  /** Why there is no content. */
  readonly unread?: string;
}

/** A container of a project, as Docker lists it. */
export interface HostContainer {
  readonly service: string;
  /** `running`, `exited`, … */
  readonly state: string;
  /** What it was made from. */
  readonly image: string;
  /** Compose's hash of the service that it was made from. */
  readonly configHash: string;
}

export interface ProjectState {
  /** By path below the project's folder; without `.env`, what a deploy keeps beside the files, and the project's state. */
  readonly files: Readonly<Record<string, HostFileState>>;
  /**
   * Names in `.env`, never values; undefined where there is no such file. What may be a part of a value rather than a name is
   * here as `(line 7)`.
   */
  readonly settings: readonly string[] | undefined;
  /** Mode of that file; undefined where there is none. */
  readonly settingsMode?: number;
  readonly containers: readonly HostContainer[];
  /**
   * Compose's hash of each service as rendered, worked out by the host's own Compose with the host's own `.env`; or
   * why it could not be.
   */
  readonly rendered: Readonly<Record<string, string>> | { readonly unknown: string };
}

const deadline = 30_000;

/** What a deploy keeps in a project's folder for itself. */
const keptByDeploys = ['.next', '.previous'];

/**
 * Prints the files of a folder as JSON. Of `.env` it reads the names alone, and another file that is called after it, or lies
 * in a folder that is (`.env.next`, `old.env`, `.env.d/app`), it does not open: no value in them leaves the host. Every word is
 * fixed; the folder and the paths below it to leave out are arguments.
 */
const reader = `
import json, os, re, sys
top, *skipped = sys.argv[1:]
limit = 1 << 20
files, settings, mode = {}, None, None
def read(path, status):
    if status.st_size > limit:
        return {'unread': 'is longer than 1 MiB'}
    try:
        with open(path, 'rb') as file:
            return {'content': file.read().decode('utf-8')}
    except UnicodeDecodeError:
        return {'unread': 'is not text'}
    except OSError as error:
        return {'unread': error.strerror}
def name_in(line):
    # As isShownName (services/settings) has it: others may be a line of a secret.
    found = re.match(r'\\s*(?:export\\s+)?((?=[A-Z0-9]{1,12}\\s*=|[A-Z0-9]*_)[A-Z][A-Z0-9_]{0,39})\\s*=', line)
    return found and found.group(1)
for folder, folders, names in os.walk(top):
    def below(name):
        return os.path.relpath(os.path.join(folder, name), top)
    folders[:] = [name for name in folders if below(name) not in skipped]
    for name in names:
        path, relative = os.path.join(folder, name), below(name)
        if relative in skipped:
            continue
        status = os.lstat(path)
        if relative == '.env':
            mode = status.st_mode & 0o777
            try:
                with open(path, encoding='utf-8', errors='replace') as file:
                    lines = [(number, line) for number, line in enumerate(file, 1) if '=' in line and not line.startswith('#')]
                settings = sorted({name_in(line) or f'(line {number})' for number, line in lines})
            except OSError:
                settings = []
            continue
        entry = {'mode': status.st_mode & 0o777}
        if os.path.islink(path):
            entry['unread'] = 'is a link'
        elif '.env' in relative:
            entry['unread'] = 'may hold settings, whose values stay on the host'
        else:
            entry.update(read(path, status))
        files[relative] = entry
print(json.dumps({'files': files, 'settings': settings, 'settingsMode': mode}))
`;

/** What is asked about one project; all of it only reads. */
export function stateCommands(project: ComparedProject): {
  readonly files: RemoteCommand;
  readonly containers: RemoteCommand;
} {
  return {
    files: {
      argv: ['python3', '-c', reader, project.folder, ...keptByDeploys, ...(project.state ?? [])],
      deadline,
    },
    containers: {
      argv: [
        'docker',
        'ps',
        '--all',
        '--no-trunc',
        `--filter=label=com.docker.compose.project=${project.name}`,
        '--filter=label=com.docker.compose.oneoff=False',
        '--format={{.Label "com.docker.compose.service"}}\t{{.State}}\t{{.Image}}\t{{.Label "com.docker.compose.config-hash"}}',
      ],
      deadline,
    },
  };
}

/** Asks the host's Compose what it would hash the rendered services to. The file goes in by standard input. */
export function hashCommand(project: ComparedProject, hasSettings: boolean): RemoteCommand {
  const compose = project.files.find(({ path }) => path === 'compose.yaml');
  return {
    argv: [
      'docker',
      'compose',
      `--project-name=${project.name}`,
      `--project-directory=${project.folder}`,
      ...(hasSettings ? [`--env-file=${project.folder}/.env`] : []),
      '--file=-',
      'config',
      '--hash=*',
    ],
    stdin: compose?.content ?? '',
    deadline,
  };
}

/** @throws Failure when the host cannot be asked at all: its Docker or Python does not answer */
export async function readProjectState(
  transport: Transport,
  project: ComparedProject,
  again: string,
): Promise<ProjectState> {
  const ask = async (command: RemoteCommand): Promise<Output> => {
    const output = await transport.run(command);
    if (output.code === 0) return output;
    throw commandFailure({ ...command, argv: [command.argv[0]] }, output, {
      what: `${project.name} on ${transport.describe()} could not be looked at`,
      state: 'nothing was changed',
      next: `mend what it says, then ${again}`,
    });
  };
  const commands = stateCommands(project);
  const [files, containers] = await Promise.all([ask(commands.files), ask(commands.containers)]);
  const read = JSON.parse(files.stdout) as {
    readonly files: ProjectState['files'];
    readonly settings: readonly string[] | null;
    readonly settingsMode?: number | null;
  };
  return {
    files: read.files,
    settings: read.settings ?? undefined,
    ...(typeof read.settingsMode === 'number' ? { settingsMode: read.settingsMode } : {}),
    containers: containersIn(containers.stdout),
    rendered: project.files.length === 0 ? {} : await hashesOf(transport, project, read.settings !== null),
  };
}

/** Compose's hash of each service of a project, worked out by the host, or why it could not be. */
export async function hashesOf(
  transport: Transport,
  project: ComparedProject,
  hasSettings: boolean,
): Promise<ProjectState['rendered']> {
  const output = await transport.run(hashCommand(project, hasSettings));
  return output.code === 0 ? hashesIn(output.stdout) : { unknown: lastLine(output) };
}

const containersIn = (listing: string): HostContainer[] =>
  listing
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [service = '', state = '', image = '', configHash = ''] = line.split('\t');
      return { service, state, image, configHash };
    })
    .sort((one, other) => (one.service < other.service ? -1 : 1));

const hashesIn = (listing: string): Record<string, string> =>
  Object.fromEntries(
    [...listing.matchAll(/^(\S+) ([0-9a-f]{64})$/gm)].map(
      ([, name = '', hash = '']) => [name, hash] as const,
    ),
  );

const lastLine = ({ stderr, timedOut }: Output): string =>
  timedOut ? 'Compose did not answer in time' : (stderr.trim().split('\n').at(-1) ?? '') || 'no reason given';
