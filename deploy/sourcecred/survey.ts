import { Failure } from '../../foundation/failure';
import type { Output } from '../../foundation/process';
import { sourcecred } from '../../services/sourcecred/sourcecred';
import { quick } from '../rolling/commands';
import { layout } from '../rolling/layout';
import { unheldFolders } from '../rolling/registry-login';
import type { RemoteCommand, Transport } from '../transport';
import { applyCommand, composeOn, place, type SourcecredRequest } from './request';

/** What is there of SourceCred, read without changing anything. */
export interface SourcecredFacts {
  /** Its folder is there and can be written to. */
  readonly folder: boolean;
  /** Path below the folder to SHA-256, hex. */
  readonly hashes: Readonly<Record<string, string>>;
  /** Paths of what runs leave that are cut off: files that wait, copies, a login in memory. */
  readonly left: readonly string[];
  /** Compose's hash of what its files there make; undefined where one is missing, or Compose does not take them. */
  readonly made: string | undefined;
  /** Of its container; undefined where there is none. */
  readonly container: SourcecredContainer | undefined;
}

export interface SourcecredContainer {
  /** Docker's, in full. */
  readonly id: string;
  readonly healthy: boolean;
  readonly running: boolean;
  /** Compose's hash of what it was made from; undefined where somebody made it without Compose. */
  readonly madeFrom: string | undefined;
}

const waiting = [place.next, place.previous].flatMap(Object.values<string>);

/** SHA-256 of every file but those that wait or are copies; sorted, and asked again under the lock. */
export const hashesCommand: RemoteCommand = {
  argv: [
    'find',
    place.folder,
    ...['-type', 'f'],
    ...waiting.flatMap((file) => ['-not', '-path', file]),
    ...['-exec', 'sha256sum', '--', '{}', '+'],
  ],
  deadline: quick,
};

/** A folder that is missing holds nothing. */
const leftCommand: RemoteCommand = {
  argv: [
    ...(['find', place.folder, layout.memory, '-maxdepth', '1', '('] as const),
    ...waiting.flatMap((file) => ['-path', file, '-o']),
    ...unheldFolders(place.logins),
    ...[')', '-print'],
  ],
  deadline: quick,
};

const writable: RemoteCommand = { argv: ['test', '-w', place.folder], deadline: quick };

const askContainer = (format: string): RemoteCommand => ({
  argv: [
    ...(['docker', 'ps', '--all', '--no-trunc'] as const),
    `--filter=label=com.docker.compose.project=${place.project}`,
    `--filter=label=com.docker.compose.service=${sourcecred.service}`,
    '--filter=label=com.docker.compose.oneoff=False',
    `--format=${format}`,
  ],
  deadline: quick,
});

const madeFromLabel = '{{.Label "com.docker.compose.config-hash"}}';

const container = askContainer(`{{.ID}}\t{{.State}}\t{{.Status}}\t${madeFromLabel}`);

/** Which container there is, without how long it has been up; asked again before what a run has left is removed. */
export const sameContainer = askContainer(`{{.ID}}\t{{.State}}\t${madeFromLabel}`);

/** Of the files as they are: asked of what is rendered, it would need the settings on standard input as well. */
const hashOfFiles: RemoteCommand = {
  argv: [...composeOn(place), 'config', '--hash', sourcecred.service],
  deadline: quick,
};

/** @throws Failure when Docker does not answer */
export async function surveySourcecred(
  transport: Transport,
  request: Pick<SourcecredRequest, 'environment'>,
): Promise<SourcecredFacts> {
  const [folder, hashes, left, containers, made] = await Promise.all([
    transport.run(writable),
    transport.run(hashesCommand),
    transport.run(leftCommand),
    transport.run(container),
    transport.run(hashOfFiles),
  ]);
  return {
    folder: folder.code === 0,
    hashes: parseHashes(hashes.stdout),
    left: left.stdout.split('\n').filter(Boolean).sort(),
    made: made.code === 0 ? made.stdout.trim().split(' ').at(-1) : undefined,
    container: parseContainer(answerOf(containers, request)),
  };
}

/** Its container is made from the files as they are there, by Compose. Pure. */
export const isMadeFromFiles = ({ made, container }: SourcecredFacts): boolean =>
  made !== undefined && container?.madeFrom === made;

function parseContainer(text: string): SourcecredContainer | undefined {
  const [id, state, status = '', madeFrom = ''] = text.split('\n')[0]?.split('\t') ?? [];
  if (!id) return undefined;
  return {
    id,
    running: state === 'running',
    healthy: status.includes('(healthy)'),
    madeFrom: madeFrom === '' ? undefined : madeFrom,
  };
}

/** Of what sha256sum(1) prints. */
export const parseHashes = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split('\n')
      .map((line) => /^([0-9a-f]{64}) {2}(.+)$/.exec(line))
      .flatMap((match) =>
        match?.[2]?.startsWith(`${place.folder}/`)
          ? [[match[2].slice(place.folder.length + 1), match[1] ?? ''] as const]
          : [],
      ),
  );

function answerOf(
  { code, stdout, stderr }: Output,
  { environment }: Pick<SourcecredRequest, 'environment'>,
): string {
  if (code === 0) return stdout;
  throw new Failure({
    what: `Docker does not say whether SourceCred runs: ${stderr.trim() || `exit code ${code ?? 'none'}`}`,
    state: 'nothing was changed',
    next: `./cogni host check ${environment}, then ${applyCommand({ environment })}`,
  });
}
