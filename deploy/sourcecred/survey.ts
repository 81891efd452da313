import { Failure } from '../../foundation/failure';
import type { Output } from '../../foundation/process';
import { sourcecred } from '../../services/sourcecred/sourcecred';
import { quick } from '../rolling/commands';
import type { RemoteCommand, Transport } from '../transport';
import { applyCommand, place, type SourcecredRequest } from './request';

/** What is there of SourceCred, read without changing anything. */
export interface SourcecredFacts {
  /** Its folder is there and can be written to. */
  readonly folder: boolean;
  /** Path below the folder to SHA-256, hex. */
  readonly hashes: Readonly<Record<string, string>>;
  /** Of its container; undefined where there is none. */
  readonly container: { readonly healthy: boolean; readonly running: boolean } | undefined;
}

/** SHA-256 of every file but those that wait; sorted, and asked again under the lock. */
export const hashesCommand: RemoteCommand = {
  argv: [
    'find',
    place.folder,
    ...['-type', 'f', '-not', '-name', '.compose.next.yaml', '-not', '-name', '.env.next'],
    ...['-exec', 'sha256sum', '--', '{}', '+'],
  ],
  deadline: quick,
};

const writable: RemoteCommand = { argv: ['test', '-w', place.folder], deadline: quick };

const container: RemoteCommand = {
  argv: [
    ...['docker', 'ps', '--all', '--no-trunc'],
    `--filter=label=com.docker.compose.project=${place.project}`,
    `--filter=label=com.docker.compose.service=${sourcecred.service}`,
    '--filter=label=com.docker.compose.oneoff=False',
    '--format={{.State}}\t{{.Status}}',
  ] as unknown as RemoteCommand['argv'],
  deadline: quick,
};

/** @throws Failure when Docker does not answer */
export async function surveySourcecred(
  transport: Transport,
  request: Pick<SourcecredRequest, 'environment'>,
): Promise<SourcecredFacts> {
  const [folder, hashes, containers] = await Promise.all([
    transport.run(writable),
    transport.run(hashesCommand),
    transport.run(container),
  ]);
  const [state, status = ''] = answerOf(containers, request).trim().split('\n')[0]?.split('\t') ?? [];
  return {
    folder: folder.code === 0,
    hashes: parseHashes(hashes.stdout),
    container: state ? { running: state === 'running', healthy: status.includes('(healthy)') } : undefined,
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
