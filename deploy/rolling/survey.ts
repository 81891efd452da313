import { Failure } from '../../foundation/failure';
import type { Output } from '../../foundation/process';
import { hostLayout } from '../../services';
import type { RemoteCommand, Transport } from '../transport';
import { layout } from './layout';
import { parseRecord, type ReleaseRecord } from './record';

/** A container of the runtime, as Docker lists it. */
export interface RunningContainer {
  /** Compose service. */
  readonly service: string;
  /** `running`, `exited`, `restarting`, ... */
  readonly state: string;
  readonly healthy: boolean;
  /** What it was started from: by digest, where a deploy did it. */
  readonly image: string;
}

export interface FileOnHost {
  /** SHA-256, hex. */
  readonly hash: string;
  /** Permission bits. */
  readonly mode: number;
}

/** What is on a host before a deploy, read without changing anything. */
export interface HostFacts {
  /** The bootstrap has done all of it. */
  readonly bootstrapped: boolean;
  /** The edge runs, and is healthy. */
  readonly edge: 'healthy' | 'not healthy' | 'not running';
  /** Of Docker's engine: `linux/amd64`. */
  readonly platform: string;
  /** Bytes that are free where images go. */
  readonly freeBytes: number;
  /** The app that gets the requests, as the edge's file names it; undefined where there is no such file. */
  readonly upstream: string | undefined;
  /** The release that serves, as it was recorded. */
  readonly release: ReleaseRecord | undefined;
  /** Files of the runtime, by path below its folder. */
  readonly files: Readonly<Record<string, FileOnHost>>;
  readonly containers: readonly RunningContainer[];
}

const short = 20_000;

/** Every file of the runtime but the copies that a deploy makes. */
const filesOfRuntime = [
  'find',
  layout.runtime.folder,
  '-type',
  'f',
  '-not',
  '-path',
  `${layout.runtime.next}/*`,
  '-not',
  '-path',
  `${layout.runtime.previous}/*`,
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
    '--format={{.Label "com.docker.compose.service"}}\t{{.State}}\t{{.Status}}\t{{.Image}}',
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
    hashes: { argv: [...filesOfRuntime, '-exec', 'sha256sum', '--', '{}', '+'], deadline: short },
    modes: { argv: [...filesOfRuntime, '-printf', '%m %p\\n'], deadline: short },
  };
}

type Question =
  'bootstrap' | 'edge' | 'containers' | 'platform' | 'disk' | 'upstream' | 'release' | 'hashes' | 'modes';

/** Sessions at once on one connection; sshd allows ten (sshd_config(5), MaxSessions). */
const atOnce = 4;

/**
 * Reads the facts.
 *
 * @param signal aborted: no further question is asked, and its reason is thrown.
 * @throws Failure when Docker does not answer, or the record of the serving release cannot be read.
 */
export async function surveyHost(
  transport: Transport,
  environment: string,
  signal?: AbortSignal,
): Promise<HostFacts> {
  const waiting = Object.entries(surveyCommands()) as [Question, RemoteCommand][];
  const answers = {} as Record<Question, Output>;
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [question, command] = next;
      signal?.throwIfAborted();
      answers[question] = await transport.run(command, signal ? { signal } : {});
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  // A question that was cut off has an answer of its own, which says nothing of the host.
  signal?.throwIfAborted();
  return readAnswers(answers, transport.describe(), environment);
}

/** @throws Failure as {@link surveyHost} does */
export function readAnswers(
  answers: Readonly<Record<Question, Output>>,
  where: string,
  environment: string,
): HostFacts {
  requireDocker(answers, where, environment);
  const edge = containersIn(answers.edge.stdout).find(({ service }) => service === layout.edge.service);
  return {
    bootstrapped: answers.bootstrap.code === 0,
    edge: edge?.state !== 'running' ? 'not running' : edge.healthy ? 'healthy' : 'not healthy',
    platform: answers.platform.stdout.trim(),
    freeBytes: Number(answers.disk.stdout.trim().split('\n').at(-1)),
    upstream: answers.upstream.code === 0 ? answers.upstream.stdout.trim() : undefined,
    release: releaseIn(answers.release, where, environment),
    files: filesIn(answers.hashes.stdout, answers.modes.stdout),
    containers: containersIn(answers.containers.stdout),
  };
}

function requireDocker(
  answers: Readonly<Record<Question, Output>>,
  where: string,
  environment: string,
): void {
  const failed = (['platform', 'edge', 'containers', 'disk'] as const).filter(
    (question) => answers[question].code !== 0,
  );
  if (failed.length === 0) return;
  throw new Failure({
    what: `${where} could not be looked at: Docker or its disk does not answer as it should`,
    faults: failed.map((question) => {
      const { code, stderr } = answers[question];
      return `${question}: exit code ${code ?? 'none'}, ${stderr.trim() || 'without a word'}`;
    }),
    next: `./cogni host check ${environment}`,
  });
}

function releaseIn({ code, stdout }: Output, where: string, environment: string): HostFacts['release'] {
  if (code !== 0) return undefined;
  const record = parseRecord(stdout);
  if (typeof record !== 'string') return record;
  throw new Failure({
    what: `the record of the release that serves (${layout.deploy.current} on ${where}) cannot be read: ${record}`,
    next: `a newer ./cogni may have written it: use that one for ${environment}, or look at the file`,
  });
}

function containersIn(listing: string): RunningContainer[] {
  const lines = listing.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [service = '', state = '', status = '', image = ''] = line.split('\t');
    return { service, state, healthy: status.includes('(healthy)'), image };
  });
}

function filesIn(hashes: string, modes: string): Record<string, FileOnHost> {
  const folder = `${hostLayout.runtime.folder}/`;
  const modeOf = new Map(
    modes.split('\n').map((line) => {
      const blank = line.indexOf(' ');
      return [line.slice(blank + 1), Number.parseInt(line.slice(0, blank), 8)] as const;
    }),
  );
  return Object.fromEntries(
    [...hashes.matchAll(/^([0-9a-f]{64}) [ *](.+)$/gm)].flatMap(([, hash = '', path = '']) => {
      const mode = modeOf.get(path);
      return mode === undefined ? [] : [[path.replace(folder, ''), { hash, mode }]];
    }),
  );
}
