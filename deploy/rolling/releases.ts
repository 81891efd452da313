import { basename } from 'node:path';
import { Failure } from '../../foundation/failure';
import type { JournalledRun } from '../journal/reader';
import type { RemoteCommand, Transport } from '../transport';
import { listImages } from './commands';
import { layout } from './layout';
import { newerVersion, parseRecord, type ReleaseRecord } from './record';
import { requireFiles } from './required-answers';

/** A release that the host has recorded. */
export interface RecordedRelease {
  readonly record: ReleaseRecord;
  /** It is what serves, as far as it is recorded. */
  readonly serving: boolean;
  /** The images of the application that it needs are on the host: going back to it asks no registry. */
  readonly onHost: boolean;
}

/** What a host has recorded. */
export interface RecordedReleases {
  /** Every release that passed its gate, the newest first. */
  readonly releases: readonly RecordedRelease[];
  readonly unreadable: readonly UnreadableRecord[];
}

/** A record that nobody can go back to from here. */
export interface UnreadableRecord {
  /** Of the release, as the name of its file has it. */
  readonly id: string;
  /** `newer`: a newer program wrote it; `damaged`: it was cut short or edited. */
  readonly is: 'newer' | 'damaged';
}

const short = 20_000;

/**
 * Prints every record, each behind a line with its name (tail(1), `-v`), which begins a line whatever the file before it ends with: one
 * that was cut short takes no other with it. The empty file comes first where find(1) begins another tail, so that this holds there as well.
 */
export const askRecords: RemoteCommand = {
  argv: [
    ...(['find', layout.deploy.releases, '-type', 'f', '-name', '*.json'] as const),
    ...(['-exec', 'tail', '-v', '-c', '+1', '--', '/dev/null', '{}', '+'] as const),
  ],
  deadline: short,
};

/** Only reads. */
const commands = {
  records: askRecords,
  current: { argv: ['cat', '--', layout.deploy.current], deadline: short },
  images: listImages,
} as const satisfies Readonly<Record<string, RemoteCommand>>;

/**
 * The releases of this host.
 *
 * @throws Failure when Docker does not answer, or the records do not
 */
export async function readReleases(transport: Transport, environment: string): Promise<RecordedReleases> {
  const [records, current, images] = await Promise.all([
    transport.run(commands.records),
    transport.run(commands.current),
    transport.run(commands.images),
  ]);
  if (images.code !== 0) {
    throw new Failure({
      what: `${transport.describe()}: Docker does not say which images it has: ${images.stderr.trim() || 'without a word'}`,
      next: `./cogni host check ${environment}`,
    });
  }
  requireFiles({ release: current, records }, transport.describe(), environment);
  const there = new Set(images.stdout.split('\n'));
  const serving = parseRecord(current.stdout);
  return {
    releases: parseRecords(records.stdout)
      .sort((a, b) => (a.id < b.id ? 1 : -1))
      .map((record) => ({
        record,
        serving: typeof serving !== 'string' && serving.id === record.id,
        onHost: there.has(record.images.app),
      })),
    unreadable: unreadableRecords(records.stdout),
  };
}

/** At the names that tail(1) prints, and behind each record (`renderRecord` ends it with a line of its brace alone). */
const oneByOne = (text: string): string[] => text.split(/^==> .* <==$|(?<=^\}\n)/m);

/** What {@link askRecords} printed. One that cannot be read (a newer program's, or cut short) is left out: nobody can go back to it here. */
export const parseRecords = (text: string): ReleaseRecord[] =>
  oneByOne(text)
    .map(parseRecord)
    .filter((record) => typeof record !== 'string');

/** The files among them that hold no record that can be read here. */
export function unreadableRecords(text: string): UnreadableRecord[] {
  // Text before the first name, then names and texts in turns.
  const [, ...parts] = text.split(/^==> (.*) <==$/m);
  return parts.flatMap((path, index): UnreadableRecord[] => {
    const record = parts[index + 1] ?? '';
    if (index % 2 === 1 || path === '/dev/null' || typeof parseRecord(record) !== 'string') return [];
    const is = newerVersion(record) === undefined ? 'damaged' : 'newer';
    return [{ id: basename(path, '.json'), is }];
  });
}

/** What to do about a record that cannot be read. */
export const unreadableNote = ({ id, is }: UnreadableRecord): string =>
  is === 'newer'
    ? `a newer ./cogni has recorded ${id}, which this one cannot read: update this checkout to the one that deployed last`
    : `the record of ${id} is cut short or edited, as a full disk or a power failure leaves it, and nobody can go back to it: ${layout.deploy.releases}/${id}.json on the host can be removed`;

/**
 * The release to go back to.
 *
 * @param to id of a release, or its tag, of which the newest is meant: what serves, where it has that tag. Without it the
 *   newest before the serving one that is another build
 * @throws Failure that lists what there is
 */
export function chooseRelease(
  releases: readonly RecordedRelease[],
  to: string | undefined,
  environment: string,
): ReleaseRecord {
  const serving = servingOf(releases);
  const others = releases
    .map(({ record }) => record)
    .filter((record) => record.images.app !== serving?.images.app || record.id === to);
  const chosen =
    to === undefined
      ? others.find((record) => serving !== undefined && record.id < serving.id)
      : // A rollback that was cut off behind its record is ended by the same words.
        [...(serving ? [serving] : []), ...others].find((record) => record.id === to || record.tag === to);
  if (chosen) return chosen;
  throw new Failure({
    what:
      to === undefined
        ? `there is no release on ${environment} to go back to from ${serving?.tag ?? 'nothing'}`
        : `${environment} has recorded no release ${JSON.stringify(to)}`,
    faults: others.map(({ id }) => `recorded: ${id}`),
    state: 'nothing was changed',
    next: `./cogni releases ${environment}`,
  });
}

const servingOf = (releases: readonly RecordedRelease[]): ReleaseRecord | undefined =>
  releases.find((release) => release.serving)?.record;

/**
 * What serves, where the rollback that recorded it was cut off behind that record, and no run has ended its work since.
 * "The newest before the one that serves" is then the release that it went back from.
 */
export function cutOffRollback(
  releases: readonly RecordedRelease[],
  runs: readonly JournalledRun[],
): ReleaseRecord | undefined {
  const serving = servingOf(releases);
  const recordedBy = runs.find(({ run }) => run === serving?.run);
  if (serving === undefined || recordedBy?.begun?.command !== 'rollback') return undefined;
  const ended = runs.some(
    (run) =>
      run.begun?.release === serving.id &&
      (run.ended?.result === 'deployed' || run.ended?.result === 'unchanged'),
  );
  return ended ? undefined : serving;
}

/** Who let a migration pass that the version before could not survive: of a release, or of a run that did not get to one. */
export interface BreakingWord {
  /** Id of the release, recorded or not. */
  readonly release: string;
  readonly by: ReleaseRecord['by'];
  /** The run went on to a release. */
  readonly deployed: boolean;
}

/**
 * What broke the database for a release, as far as a person's word let it pass: releases later than it, up to what
 * serves, and runs that failed once their migration had begun. Also those that were gone back from: nothing has taken
 * their migrations back.
 */
export function brokenSince(
  releases: readonly Pick<RecordedRelease, 'record'>[],
  runs: readonly JournalledRun[],
  to: ReleaseRecord,
): readonly BreakingWord[] {
  const recorded = releases
    .map(({ record }) => record)
    .filter((record) => record.breakingMigration && record.id > to.id)
    .map(({ id, by }): BreakingWord => ({ release: id, by, deployed: true }));
  const failed = runs.flatMap(({ begun, steps, at }): BreakingWord[] => {
    const migrated = steps.some(({ step }) => step === 'migrate');
    if (!begun?.accepted?.breakingMigration || begun.command !== 'deploy' || !migrated || at <= to.at)
      return [];
    const release = begun.release ?? begun.title;
    if (releases.some(({ record }) => record.id === release)) return [];
    return [{ release, by: begun.by, deployed: false }];
  });
  return [...recorded, ...failed];
}
