import { systemClock, type Clock } from '../../foundation/clock';
import { ExitCode, Failure } from '../../foundation/failure';
import type { Output } from '../../foundation/process';
import { archiveLabel, hostLayout } from '../../services';
import type { RemoteCommand, Transport } from '../transport';
import { listImages } from './commands';
import { fileCommands, readFiles, type FilesOnHost } from './files-on-host';
import { fullName } from './image-names';
import { layersIn, listLayers, type DiffIds } from './layers';
import { layout } from './layout';
import { isDigestReference, newerVersion, parseRecord, type ReleaseRecord } from './record';
import { unheldFolders } from './registry-login';
import { requireAnswered, requireDocker, requireFiles } from './required-answers';
import {
  readSurroundings,
  surroundingsCommands,
  type Surroundings,
  type SurroundingsAnswers,
} from './surroundings';

/** A container of the runtime, as Docker lists it. */
export interface RunningContainer {
  /** Compose service. */
  readonly service: string;
  /** `running`, `exited`, `restarting`, ... */
  readonly state: string;
  readonly health: 'healthy' | 'starting' | 'not healthy';
  /** What it was started from: by digest, where a deploy did it. */
  readonly image: string;
  /** Of a database that is archived: how (`archiveMark`). */
  readonly archive?: string;
}

/** What is on a host before a deploy, read without changing anything. */
export interface HostFacts extends Surroundings {
  /** The bootstrap has done all of it. */
  readonly bootstrapped: boolean;
  /** `starting`: it runs, and Docker has not yet asked how it is, as in the first seconds of a host. */
  readonly edge: 'healthy' | 'starting' | 'not healthy' | 'not running';
  /** Of Docker's engine: `linux/amd64`. */
  readonly platform: string;
  /** Bytes that are free where images go. */
  readonly freeBytes: number;
  /** The app that gets the requests, as the edge's file names it; undefined where there is no such file. */
  readonly upstream: string | undefined;
  /** The release that serves, as it was recorded. */
  readonly release: ReleaseRecord | undefined;
  readonly files: FilesOnHost;
  /**
   * What a deploy that was cut off has left there: copies of files, a registry login, a container, or the mark that logins of replaced
   * settings may still work.
   */
  readonly leftovers: boolean;
  /** Images by digest: `<repository>@sha256:…`. */
  readonly images: readonly string[];
  /** Layers of every image that is there. */
  readonly layers: readonly DiffIds[];
  readonly containers: readonly RunningContainer[];
}

const short = 20_000;

/** What lies at these places, or is a login that nobody holds, is of a deploy that was cut off. */
const leftBehind = [
  layout.runtime.next,
  layout.runtime.previous,
  layout.runtime.unsettled,
  `${layout.edge.upstream.folder}/${layout.edge.upstream.next}`,
  `${layout.edge.upstream.folder}/${layout.edge.upstream.previous}`,
];

const leftovers = [
  'find',
  layout.runtime.folder,
  layout.edge.upstream.folder,
  layout.memory,
  '-maxdepth',
  '1',
  '(',
  ...leftBehind.flatMap((path) => ['-path', path, '-o']),
  // One that is in use is of a run that pulls, and no sign of one that was cut off.
  ...['-not', '-path', `${layout.sourcecredLogin}*`],
  ...unheldFolders(layout.login),
  ...[')', '-print'],
] as const;

/** Asks Docker for the containers of a project; the one-off runs of jobs are left out. */
const containersOf = (project: string): RemoteCommand => ({
  argv: [
    'docker',
    'ps',
    '--all',
    '--no-trunc',
    `--filter=label=com.docker.compose.project=${project}`,
    '--filter=label=com.docker.compose.oneoff=False',
    '--format={{.Label "com.docker.compose.service"}}\t{{.State}}\t{{.Status}}\t{{.Image}}' +
      `\t{{.Label "${archiveLabel}"}}`,
  ],
  deadline: short,
});

/** The questions, by what they are about. All of them only read. */
export function surveyCommands(): Readonly<Record<Question, RemoteCommand>> {
  const { upstream } = layout.edge;
  return {
    bootstrap: { argv: ['test', '-e', layout.bootstrapOk], deadline: short },
    edge: containersOf(hostLayout.edge.project),
    containers: containersOf(hostLayout.runtime.project),
    platform: {
      argv: ['docker', 'version', '--format={{.Server.Os}}/{{.Server.Arch}}'],
      deadline: short,
    },
    disk: { argv: ['df', '--output=avail', '--block-size=1', '--', '/var/lib/docker'], deadline: short },
    upstream: { argv: ['cat', '--', `${upstream.folder}/${upstream.file}`], deadline: short },
    release: { argv: ['cat', '--', layout.deploy.current], deadline: short },
    link: { argv: ['readlink', '--', layout.deploy.current], deadline: short },
    ...fileCommands,
    leftovers: { argv: leftovers, deadline: short },
    images: listImages,
    layers: listLayers,
    ...surroundingsCommands,
  };
}

type Question =
  | keyof SurroundingsAnswers
  | 'bootstrap'
  | 'edge'
  | 'containers'
  | 'platform'
  | 'disk'
  | 'upstream'
  | 'release'
  | 'link'
  | 'hashes'
  | 'modes'
  | 'leftovers'
  | 'images'
  | 'layers';

/** Sessions at once on one connection; sshd allows ten (sshd_config(5), MaxSessions). */
const atOnce = 4;

/** Asked once more where they fail: a deploy that gets through meanwhile moves files from under them. */
const moved: ReadonlySet<Question> = new Set(['hashes', 'modes', 'records']);

/**
 * Reads the facts.
 *
 * @param signal aborted: no further question is asked, and its reason is thrown.
 * @param clock of this machine, which the host's is compared with
 * @throws Failure when Docker does not answer, or the record of the serving release cannot be read, nor the others or its files.
 */
export async function surveyHost(
  transport: Transport,
  environment: string,
  signal?: AbortSignal,
  clock: Clock = systemClock,
): Promise<HostFacts> {
  const waiting = Object.entries(surveyCommands()) as [Question, RemoteCommand][];
  const answers = {} as Record<Question, Output>;
  const clockAsked = { from: 0, to: 0 };
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [question, command] = next;
      signal?.throwIfAborted();
      const from = clock.now().getTime();
      const ask = (): Promise<Output> => transport.run(command, signal ? { signal } : {});
      const answer = await ask();
      answers[question] = moved.has(question) && answer.code === 1 ? await ask() : answer;
      if (question === 'clock') Object.assign(clockAsked, { from, to: clock.now().getTime() });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  // The first deploy may have recorded its release between the two.
  if ((answers.release.code === 0) !== (answers.link.code === 0)) {
    waiting.push(['release', surveyCommands().release], ['link', surveyCommands().link]);
    await worker();
  }
  // A question that was cut off has an answer of its own, which says nothing of the host.
  signal?.throwIfAborted();
  return readAnswers(answers, clockAsked, transport.describe(), environment);
}

/** @throws Failure as {@link surveyHost} does */
export function readAnswers(
  answers: Readonly<Record<Question, Output>>,
  clockAsked: { readonly from: number; readonly to: number },
  where: string,
  environment: string,
): HostFacts {
  requireDocker(answers, where, environment);
  requireFiles(answers, where, environment);
  const { upstream, leftovers, readers, edited } = answers;
  requireAnswered({ upstream, leftovers, readers, edited }, where, environment);
  const edge = containersIn(answers.edge.stdout).find(({ service }) => service === layout.edge.service);
  return {
    bootstrapped: answers.bootstrap.code === 0,
    edge: edge?.state !== 'running' ? 'not running' : edge.health,
    platform: answers.platform.stdout.trim(),
    freeBytes: Number(answers.disk.stdout.trim().split('\n').at(-1)),
    upstream: upstreamIn(upstream),
    release: releaseIn(answers, where, environment),
    files: readFiles(answers.hashes.stdout, answers.modes.stdout),
    leftovers: leftovers.stdout.trim() !== '' || readers.stdout.trim() !== '',
    images: answers.images.stdout.split('\n').filter(isDigestReference).map(fullName),
    layers: layersIn(answers.layers.stdout),
    containers: containersIn(answers.containers.stdout),
    ...readSurroundings(answers, clockAsked),
  };
}

/** The app that gets the requests, by the answer to the question of that name; undefined where there is no such file. */
export const upstreamIn = ({ code, stdout }: Output): string | undefined =>
  code === 0 ? stdout.trim() : undefined;

/**
 * The release that serves, as it was recorded; undefined where none does.
 *
 * @throws Failure where that cannot be told: the link to the record leads nowhere or is none, or the record cannot be read
 */
export function releaseIn(
  { release: { code, stdout, stderr }, link }: Readonly<Record<'release' | 'link', Output>>,
  where: string,
  environment: string,
): HostFacts['release'] {
  if ((code === 0) !== (link.code === 0)) {
    const { current, releases } = layout.deploy;
    throw new Failure({
      what:
        code === 0
          ? `${current} on ${where} should be a link to the record of the release that serves, and is a file of its own`
          : `${current} on ${where} is a link to ${link.stdout.trim()}, which cannot be read: ${stderr.trim() || 'without a word'}`,
      state: 'nothing was changed',
      next: `on the host, see that the record is there and that the deploy user can read it; where it is gone or is no link, name the one of ${releases} that serves (ln -sfn releases/<id>.json ${current}); where none is left, remove ${current}: the next deploy is then the first one there, which judges no migration. Then ./cogni status ${environment}`,
    });
  }
  if (code !== 0) return undefined;
  const record = parseRecord(stdout);
  if (typeof record !== 'string') return record;
  const newer = newerVersion(stdout);
  throw new Failure({
    what:
      newer === undefined
        ? `the record of the release that serves (${layout.deploy.current} on ${where}) cannot be read: ${record}`
        : `a newer ./cogni has deployed to ${environment}: ${layout.deploy.current} on ${where} is a record of format ${newer}, which this one does not know`,
    next:
      newer === undefined
        ? `look at that file on the host: it is what the last deploy to ${environment} wrote`
        : `update this checkout to the one that deployed last, then the same command`,
    exitCode: newer === undefined ? ExitCode.failed : ExitCode.refused,
  });
}

function containersIn(listing: string): RunningContainer[] {
  const lines = listing.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [service = '', state = '', status = '', image = '', archive = ''] = line.split('\t');
    const starting = status.includes('(health: starting)');
    const health = status.includes('(healthy)') ? 'healthy' : starting ? 'starting' : 'not healthy';
    return { service, state, health, image, ...(archive === '' ? {} : { archive }) };
  });
}
