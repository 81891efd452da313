import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { awayCommand, type AwayProps } from '../../deploy/backup/away';
import { recordsPart } from '../../deploy/backup/copies';
import type { RemoteCommand, Transport } from '../../deploy/transport';
import { Failure } from '../../foundation/failure';
import { run, type Run } from '../../foundation/process';
import type { Progress } from '../../foundation/progress';
import type { Secret } from '../../foundation/secret';
import {
  checkParts,
  copiedParts,
  hasRecord,
  openPart,
  openRecords,
  parseCopiedRecords,
  pullForParts,
  servesAlready,
  type CopiedPart,
  type CopiedRecords,
} from './copy';

/** A portable copy, and what opens it. */
export interface CopyKey {
  readonly away: Omit<AwayProps, 'runProgram'>;
  /** Name of the copy. */
  readonly copy: string;
  /** Folder beside the copies that the records of the host are taken from. @default the copy */
  readonly records?: string;
  /** Private halves, as age-keygen writes them: they stay on this machine. */
  readonly identities: readonly Secret[];
}

/** A part of a copy in clear, as it comes, and how its program ended. */
export interface OpenedPart {
  readonly content: Readable;
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>;
}

/** Opens a part in a folder of the storage; a test hands in its own. */
export type OpenPart = (key: CopyKey, folder: string, file: string) => OpenedPart;

/** Milliseconds for one part. */
const longest = 2 * 60 * 60_000;

const placeOf = ({ copy, records = copy }: CopyKey, file: string): string =>
  file === recordsPart ? records : copy;

const keyFile = ({ identities }: CopyKey) => identities.flatMap((each) => [each, '\n']);

/** Milliseconds that the program may take to end once nobody takes anything from it any more. */
const ending = 30_000;

/** The program's own process: what it prints is binary, and goes on piece by piece. */
export const openHere: OpenPart = (key, folder, file) => opened(key, folder, file, ending);

/** @param within milliseconds in which it ends by itself when its output is closed; then it is ended */
export function opened(key: CopyKey, folder: string, file: string, within: number): OpenedPart {
  const { argv, env } = awayCommand(key.away, 'copies', openPart(folder, file), { interactive: true });
  const [docker, ...words] = argv;
  const child = spawn(docker, words, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said = (said + chunk).slice(-4_000)));
  let killer: NodeJS.Timeout | undefined;
  child.stdout.once('close', () => {
    killer = setTimeout(() => endGroup(child.pid), within);
  });
  child.once('close', () => clearTimeout(killer));
  child.stdin.on('error', () => undefined);
  child.stdin.end(key.identities.map((each) => `${each.reveal()}\n`).join(''));
  return {
    content: child.stdout,
    ended: new Promise((resolve) => {
      child.once('error', ({ message }) => resolve({ code: null, said: message }));
      child.once('close', (code) => resolve({ code, said: said.trim() }));
    }),
  };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/**
 * The records of the host, out of a copy.
 *
 * @throws Failure when the storage does not answer, a part is not what was copied, or the key is another one
 */
export async function readCopiedRecords(key: CopyKey, runProgram: Run = run): Promise<CopiedRecords> {
  const command = awayCommand(key.away, 'copies', openRecords(key.copy), { interactive: true });
  const { code, stdout, stderr } = await runProgram({ ...command, stdin: keyFile(key) });
  if (code === 0) return parseCopiedRecords(stdout);
  throw new Failure({
    what: `the records in the copy ${key.copy} cannot be read`,
    output: stderr.trim(),
    next: 'name the key of one of its recipients (--identity), or the build by --image-tag and --without-files',
  });
}

/**
 * Reads back the parts of a copy that a host gets, without opening them.
 *
 * @throws Failure when one is not what was copied, or the storage does not answer
 */
export async function checkCopiedParts(
  away: Omit<AwayProps, 'runProgram'>,
  copy: string,
  parts: readonly string[],
  runProgram: Run = run,
): Promise<void> {
  const wanted = copiedParts(away.archive.image, parts).map(({ file }) => file);
  const { code, stderr } = await runProgram({
    ...awayCommand(away, 'copies', checkParts(copy, wanted)),
    stdin: '',
  });
  if (code === 0) return;
  throw new Failure({
    what: `the copy ${copy} cannot be used`,
    output: stderr.trim(),
    next: 'see that this machine reaches the storage; what was copied is in an older version of the object, as long as its lock lasts',
  });
}

/** Whether the files of a copy are on the host; what was found, where they are. */
export async function filesAreThere(transport: Transport, release: string): Promise<string | undefined> {
  if ((await transport.run(servesAlready)).code === 0) return 'a release serves there already';
  return (await transport.run(hasRecord(release))).code === 0
    ? `the record of ${release} is there`
    : undefined;
}

/** Pulls the image in which files are unpacked and the database is restored: all else on the host is quick only with it. */
export const pullArchiveImage = (transport: Transport, image: string): Promise<void> =>
  must(transport, pullForParts(image), `pull ${image}`);

/**
 * Brings the files of a copy to a host on which nothing serves: each part streams through this machine, in clear only in memory, and takes
 * its place once all of it is there. Begun again, it begins anew.
 *
 * @throws Failure when a part is not what was copied, or the host does not take it
 */
export async function bringFiles(
  transport: Transport,
  image: string,
  key: CopyKey,
  parts: readonly string[],
  progress: Progress,
  open: OpenPart = openHere,
): Promise<string> {
  const wanted = copiedParts(image, parts);
  await pullArchiveImage(transport, image);
  for (const part of wanted) {
    for (const command of part.before) await must(transport, command, `make room for the ${part.what}`);
    await progress.step(`bring back: ${part.what}`, () => stream(transport, key, part, open));
    for (const command of part.place) await must(transport, command, `put the ${part.what} in their place`);
  }
  return wanted.map(({ what }) => what).join(', ');
}

async function stream(
  transport: Transport,
  key: CopyKey,
  { file, what, receive }: CopiedPart,
  open: OpenPart,
): Promise<void> {
  const folder = placeOf(key, file);
  const { content, ended } = open(key, folder, file);
  let said = '';
  const late = AbortSignal.timeout(longest);
  const code = await transport.attach(
    { argv: receive },
    { stdin: content, signal: late, onOutput: (chunk) => (said = (said + chunk).slice(-4_000)) },
  );
  // Who takes nothing more must not leave the other one writing for ever.
  content.destroy();
  const sent = await ended;
  if (sent.code === 0 && code === 0 && !late.aborted) return;
  throw new Failure({
    what: late.aborted
      ? `the ${what} did not come within ${longest / 60_000} min`
      : sent.code === 0
        ? `${transport.describe()} did not take the ${what}: exit code ${code}`
        : `the ${what} could not be read from ${folder}`,
    output: [sent.code === 0 ? '' : sent.said, said.trim()].filter(Boolean).join('\n'),
    state: 'what lies beside their place on the host does not count',
    next:
      sent.code === 0
        ? 'see that the disk of the host has room'
        : 'see that this machine reaches the storage, and that --identity is the key of one of the recipients',
  });
}

async function must(transport: Transport, command: RemoteCommand, what: string): Promise<void> {
  const { code, stdout, stderr } = await transport.run(command);
  if (code === 0) return;
  throw new Failure({
    what: `${transport.describe()}: could not ${what} (exit code ${code ?? 'none'})`,
    output: `${stdout}${stderr}`.trim(),
    state: 'what lies beside their place on the host does not count; the edge may be stopped',
    next: 'see that Docker on the host is well (docker ps)',
  });
}
