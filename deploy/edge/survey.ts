import { createHash } from 'node:crypto';
import { Failure } from '../../foundation/failure';
import type { Output } from '../../foundation/process';
import { parseMaintenance, askMaintenance } from '../maintenance';
import { quick } from '../rolling/commands';
import { layout } from '../rolling/layout';
import { requireAnswered } from '../rolling/required-answers';
import type { RemoteCommand, Transport } from '../transport';
import { edgeFiles, inContainer, renderedFile, type EdgeRequest } from './request';
import { servesWhat, theSame } from './serves';

/** What is there of an edge, read without changing anything. */
export interface EdgeFacts {
  /** Its container runs. */
  readonly running: boolean;
  /** Docker's id of the container; undefined where there is none. */
  readonly container: string | undefined;
  /** SHA-256 of its files, hex; undefined where there is none. */
  readonly hashes: { readonly compose: string | undefined; readonly caddyfile: string | undefined };
  /**
   * Whether the running Caddy serves what its file says; else where they differ, as after a change that was cut off, or
   * one by hand. Undefined where it cannot be asked.
   */
  readonly serves: string | undefined;
  /** Compose's hash of what the container was made from; undefined where there is none. */
  readonly madeFrom: string | undefined;
  /** The same of what is rendered, and its image by digest. */
  readonly rendered: { readonly hash: string; readonly image: string };
  /** What the file of the active upstream says. */
  readonly upstream: string | undefined;
  readonly maintenance: boolean;
}

/** SHA-256 of the two files; asked again under the lock. */
export const hashesCommand: RemoteCommand = {
  argv: ['sha256sum', '--', edgeFiles.compose.file, edgeFiles.caddyfile.file],
  deadline: quick,
};

export const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

/** Asks Compose on the host about what is rendered, which is not written anywhere. */
const ofRendered = (request: EdgeRequest, ...question: string[]): RemoteCommand => ({
  argv: [
    ...['docker', 'compose', `--project-name=${layout.edge.project}`],
    ...[`--project-directory=${layout.edge.folder}`, '--file=-', 'config', ...question],
  ] as unknown as RemoteCommand['argv'],
  stdin: renderedFile(request, edgeFiles.compose).content,
  deadline: quick,
});

/** State, what it was made from and id; asked again before what a run has left is removed. */
export const containerCommand: RemoteCommand = {
  argv: [
    'docker',
    'ps',
    '--all',
    '--no-trunc',
    `--filter=label=com.docker.compose.project=${layout.edge.project}`,
    `--filter=label=com.docker.compose.service=${layout.edge.service}`,
    '--filter=label=com.docker.compose.oneoff=False',
    '--format={{.State}}\t{{.Label "com.docker.compose.config-hash"}}\t{{.ID}}',
  ],
  deadline: quick,
};

/**
 * @throws Failure when Docker or Compose does not answer, or does not take what is rendered
 */
export async function surveyEdge(transport: Transport, request: EdgeRequest): Promise<EdgeFacts> {
  const { folder, file } = layout.edge.upstream;
  const answered = async (command: RemoteCommand, what: string): Promise<string> =>
    answerOf(await transport.run(command), what, request);
  const [containers, hash, images, hashes, active, maintenance] = await Promise.all([
    answered(containerCommand, 'Docker does not say whether the edge runs'),
    answered(
      ofRendered(request, '--hash', layout.edge.service),
      'Docker Compose does not take what is rendered',
    ),
    answered(ofRendered(request, '--images'), 'Docker Compose does not take what is rendered'),
    transport.run(hashesCommand),
    transport.run({ argv: ['cat', '--', `${folder}/${file}`], deadline: quick }),
    transport.run(askMaintenance),
  ]);
  requireAnswered({ hashes, active, maintenance }, transport.describe(), request.environment);
  const [state, madeFrom, id] = (containers.split('\n')[0] ?? '').split('\t');
  const running = state === 'running';
  const serves = running ? await transport.run(servesWhat(inContainer(edgeFiles.caddyfile.file))) : undefined;
  const hashOf = (path: string): string | undefined =>
    hashes.stdout
      .split('\n')
      .find((line) => line.endsWith(`  ${path}`))
      ?.split(' ')[0];
  return {
    running,
    container: id,
    hashes: { compose: hashOf(edgeFiles.compose.file), caddyfile: hashOf(edgeFiles.caddyfile.file) },
    serves: serves?.code === 0 ? serves.stdout.trim() : undefined,
    madeFrom: madeFrom === '' ? undefined : madeFrom,
    rendered: { hash: hash.trim().split(' ').at(-1) ?? '', image: images.trim().split('\n')[0] ?? '' },
    upstream: active.code === 0 ? active.stdout.trim() : undefined,
    maintenance: maintenance.code === 0 && parseMaintenance(maintenance.stdout).state === 'on',
  };
}

function answerOf({ code, stdout, stderr }: Output, what: string, { environment }: EdgeRequest): string {
  if (code === 0) return stdout;
  throw new Failure({
    what: `${what}: ${stderr.trim() || `exit code ${code ?? 'none'}`}`,
    state: 'nothing was changed',
    next: `./cogni host check ${environment}`,
  });
}

/** What of the edge is not as it is rendered. */
export interface EdgeDifference {
  readonly compose: boolean;
  readonly caddyfile: boolean;
  /** The container is made from something else, or there is none that runs. */
  readonly container: boolean;
  /** The running Caddy serves something else than its file says. */
  readonly loaded: boolean;
}

/** What follows from the facts. Pure. */
export function differenceOf(request: EdgeRequest, facts: EdgeFacts): EdgeDifference {
  const differs = (which: 'compose' | 'caddyfile'): boolean =>
    facts.hashes[which] !== sha256(renderedFile(request, edgeFiles[which]).content);
  return {
    compose: differs('compose'),
    caddyfile: differs('caddyfile'),
    container: !facts.running || facts.madeFrom !== facts.rendered.hash,
    loaded: facts.running && facts.serves !== theSame,
  };
}

/**
 * It runs, and nobody knows whether it serves what its file says: Caddy did not answer, or does not take that file. A change of the
 * edge loads the file then, so {@link differenceOf} counts it in; a report must not tell it as a difference. Pure.
 */
export const isUnansweredByCaddy = ({ running, serves }: EdgeFacts): boolean =>
  running && serves === undefined;
