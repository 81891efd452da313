import type { Output } from '../../foundation/process';
import { runtimeServices, app } from '../../services';
import { abandonedReaders } from '../migrations/pending';
import type { RemoteCommand } from '../transport';
import { jobContainer } from './commands';
import { layout } from './layout';
import { askRecords, parseRecords, unreadableRecords, type UnreadableRecord } from './releases';
import type { ReleaseRecord } from './record';

/** What a deploy meets on a host besides what runs there: its clock, its disk, and what others have done to it. */
export interface Surroundings {
  /**
   * Milliseconds by which the host's clock is ahead of this machine's; what the question itself took is not counted.
   * undefined where it could not be read.
   */
  readonly clockAhead: number | undefined;
  /** Inodes that are free where images go; undefined for a file system that has no table of them. */
  readonly freeInodes: number | undefined;
  /** Folders that a deploy writes to and cannot. */
  readonly unwritable: readonly string[];
  /** The file system that images go to is mounted read-only. */
  readonly imagesReadOnly: boolean;
  /** Containers that have a name of ours and were made neither by our Compose project nor by a deploy. */
  readonly strangers: readonly { readonly name: string; readonly image: string }[];
  /** The settings were written to after the release was recorded. */
  readonly settingsEdited: boolean;
  /** Every release that was recorded here, the newest first. */
  readonly recorded: readonly ReleaseRecord[];
  /** Records that are there besides, and say nothing to this program. */
  readonly unreadable: readonly UnreadableRecord[];
}

const short = 20_000;

/** What the bootstrap made for a deploy to write to. */
const written = [layout.deploy.folder, layout.runtime.folder, layout.edge.upstream.folder];

/** The questions. All of them only read. */
export const surroundingsCommands = {
  clock: { argv: ['date', '+%s.%N'], deadline: short },
  inodes: { argv: ['df', '--output=itotal,iavail', '--', '/var/lib/docker'], deadline: short },
  // access(2) tells the deploy user's rights and a read-only file system in one.
  writable: { argv: ['find', ...written, '-maxdepth', '0', '-writable'], deadline: short },
  mount: {
    argv: ['findmnt', '--noheadings', '--output=OPTIONS', '--target', '/var/lib/docker'],
    deadline: short,
  },
  names: {
    argv: [
      'docker',
      'ps',
      '--all',
      '--no-trunc',
      `--filter=name=^/?${layout.runtime.project}-`,
      '--format={{.Names}}\t{{.Label "com.docker.compose.project"}}\t{{.Image}}',
    ],
    deadline: short,
  },
  readers: abandonedReaders,
  // The link is made when a release is recorded, after its settings took their place.
  edited: {
    argv: [
      'find',
      `${layout.runtime.folder}/${layout.runtime.settings}`,
      '-maxdepth',
      '0',
      '-newer',
      layout.deploy.current,
    ],
    deadline: short,
  },
  records: askRecords,
} as const satisfies Readonly<Record<string, RemoteCommand>>;

export type SurroundingsAnswers = Readonly<Record<keyof typeof surroundingsCommands, Output>>;

/** @param asked when the clock was asked for, and when its answer was here, in milliseconds since 1970 */
export function readSurroundings(
  answers: SurroundingsAnswers,
  asked: { readonly from: number; readonly to: number },
): Surroundings {
  const writable = new Set(answers.writable.stdout.split('\n'));
  return {
    clockAhead: aheadOf(Number.parseFloat(answers.clock.stdout) * 1000, asked),
    freeInodes: inodesIn(answers.inodes.stdout),
    unwritable: written.filter((folder) => !writable.has(folder)),
    imagesReadOnly: answers.mount.stdout.trim().split(',').includes('ro'),
    strangers: strangersIn(answers.names.stdout),
    settingsEdited: answers.edited.code === 0 && answers.edited.stdout.trim() !== '',
    recorded: parseRecords(answers.records.stdout).sort((a, b) => (a.id < b.id ? 1 : -1)),
    unreadable: unreadableRecords(answers.records.stdout),
  };
}

/** The host looked at its clock at some moment between the two; only what that cannot explain counts. */
function aheadOf(there: number, { from, to }: { from: number; to: number }): number | undefined {
  if (!Number.isFinite(there)) return undefined;
  return there < from ? there - from : there > to ? there - to : 0;
}

/** btrfs and its like make inodes as they are needed, and say that there are none in all. */
function inodesIn(text: string): number | undefined {
  const [total, free] = (text.trim().split('\n').at(-1) ?? '').trim().split(/\s+/).map(Number);
  return total && free !== undefined && Number.isFinite(free) ? free : undefined;
}

/** Names that Compose, or the deploy, gives to containers of ours (Compose: `<project>-<service>-<number>`). */
const ourNames: ReadonlySet<string> = new Set([
  ...[
    app.slots.a.service,
    app.slots.b.service,
    runtimeServices.postgres,
    runtimeServices.litellm,
    runtimeServices.alloy,
    runtimeServices.backup,
    runtimeServices.copies,
  ].map((service) => `${layout.runtime.project}-${service}-1`),
  jobContainer(runtimeServices.provision),
  jobContainer(runtimeServices.migrate),
]);

const strangersIn = (listing: string): Surroundings['strangers'] =>
  listing
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([name = '', project]) => ourNames.has(name) && project !== layout.runtime.project)
    .map(([name = '', , image = '']) => ({ name, image }));
