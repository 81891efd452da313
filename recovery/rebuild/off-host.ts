import type { PgbackrestAway } from '../../deploy/backup/away';
import { choose, reachOf, type Chosen, type Target } from '../../deploy/backup/choose';
import type { JudgedCopy, SentRecords } from '../../deploy/backup/copies';
import { lookAway } from '../../deploy/backup/look-away';
import type { ArchivedRun } from '../../deploy/backup/segment';
import { standingOf } from '../../deploy/backup/standing';
import { Failure, messageOf } from '../../foundation/failure';
import type { Archive } from '../../services';
import type { CopiedRecords } from './copy';

/** What is known off the host, and everything of it that is missing. */
export interface OffHostFacts {
  readonly chosen: Chosen | undefined;
  /** Which log the archive has, where a backup was chosen. */
  readonly archived?: readonly ArchivedRun[];
  /** The last moment that the data come back to; undefined where that is not known. */
  readonly reaches: Date | undefined;
  /** Why the newest backup is none that guards let pass; undefined where it is fresh, and all is well with it. */
  readonly stale?: string;
  /** The newest portable copy that is whole, and still what was copied. */
  readonly copy: JudgedCopy | undefined;
  readonly records: CopiedRecords | undefined;
  /** Where these were read: the copy, or what the last deploy has sent by itself. */
  readonly recordsFrom?: RecordsPlace;
  readonly faults: readonly string[];
  readonly notes: readonly string[];
}

/** A folder beside the portable copies, or one of them, that has the records of the host. */
export interface RecordsPlace {
  readonly name: string;
  /** When they were sent. */
  readonly at: Date;
}

export interface OffHostQuestions {
  readonly environment: string;
  readonly archive: Archive;
  readonly target: Target;
  readonly pgbackrest: PgbackrestAway;
  /** Reads the records out of a copy; undefined where no private key was named. */
  readonly records: ((copy: string) => Promise<CopiedRecords>) | undefined;
  /** Reads back the parts of a copy that a rebuild brings to a host. @throws where one is not what was copied */
  readonly check: (copy: string, parts: readonly string[]) => Promise<void>;
  /** A person does without what the copies hold. */
  readonly withoutFiles: boolean;
  readonly now: Date;
  readonly again: string;
}

/** Asks everything that is off the host, and changes nothing. What cannot be had is a fault, told with all others. */
export async function lookOffHost(questions: OffHostQuestions): Promise<OffHostFacts> {
  const { environment, archive, target, pgbackrest, now, again } = questions;
  let look: Awaited<ReturnType<typeof lookAway>>;
  try {
    look = await lookAway({ environment, archive, pgbackrest }, now, again);
  } catch (thrown) {
    return { ...nothing, faults: [faultOf(thrown)] };
  }
  const { judgement, runs, copied, records: sent } = look;
  let chosen: Chosen | undefined;
  const faults: string[] = [];
  try {
    chosen = choose(judgement, runs, target, environment);
  } catch (thrown) {
    faults.push(faultOf(thrown));
  }
  // The database is not asked, since its host is what is given up.
  const alarms = judgement.alarms.filter((alarm) => !alarm.includes('did not answer'));
  const standing = standingOf({ newestGood: judgement.newestGood, alarms }, archive, now);
  const { copy, notes } = await soundCopy(questions, copied?.copies ?? []);
  const read = await readRecords(questions, copied !== undefined, copy, notes, sent);
  return {
    chosen,
    ...(chosen === undefined ? {} : { archived: runs }),
    reaches: chosen && reachOf(chosen),
    ...(standing.kind === 'verified' ? {} : { stale: standing.why }),
    copy,
    records: read.records,
    ...(read.recordsFrom ? { recordsFrom: read.recordsFrom } : {}),
    faults: [...faults, ...read.faults],
    notes: [
      ...alarms.map((alarm) => `archive: ${alarm}`),
      ...(copy === undefined ? [] : notes.map((note) => `${note}: an older one is taken`)),
      ...read.notes,
    ],
  };
}

/** So many copies are read back at most until one is what was copied. */
const mostChecked = 3;

/** The newest copy that is still what was copied: what the storage has spoilt would be found when the old host is given up already. */
async function soundCopy(
  { withoutFiles, check }: OffHostQuestions,
  copies: readonly JudgedCopy[],
): Promise<{ readonly copy: JudgedCopy | undefined; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  if (withoutFiles) return { copy: undefined, notes };
  for (const copy of copies.filter(({ whole }) => whole).slice(0, mostChecked)) {
    try {
      await check(copy.name, copy.parts);
      return { copy, notes };
    } catch (thrown) {
      notes.push(faultOf(thrown));
    }
  }
  return { copy: undefined, notes };
}

const nothing: OffHostFacts = {
  chosen: undefined,
  reaches: undefined,
  copy: undefined,
  records: undefined,
  faults: [],
  notes: [],
};

async function readRecords(
  { withoutFiles, records, environment }: OffHostQuestions,
  areMade: boolean,
  copy: JudgedCopy | undefined,
  unsound: readonly string[],
  sent: readonly SentRecords[],
): Promise<Pick<OffHostFacts, 'records' | 'recordsFrom' | 'faults' | 'notes'>> {
  const none = { records: undefined, notes: [] };
  const way = `to go on without certificates, ledger and records of ${environment}: --without-files and --image-tag <tag>`;
  if (withoutFiles) {
    return {
      ...none,
      faults: [],
      notes: ['certificates are asked for anew, ledger and records begin anew (--without-files)'],
    };
  }
  if (copy === undefined) {
    const what = !areMade
      ? `no portable copies are made of ${environment}`
      : unsound.length > 0
        ? `no portable copy can be used: ${unsound.join('; ')}`
        : 'there is no portable copy that was read back';
    return { ...none, faults: [`${what}; ${way}`] };
  }
  if (records === undefined) {
    return {
      ...none,
      faults: [
        `the copy ${copy.name} opens with the private key of one of its recipients alone: --identity <file>; ${way}`,
      ],
    };
  }
  const places: readonly RecordsPlace[] = [
    ...sent.filter(({ whole, at }) => whole && at > copy.at),
    { name: copy.name, at: copy.at },
  ];
  const notes: string[] = [];
  let fault = '';
  for (const place of places) {
    try {
      const { name, at } = place;
      return { records: await records(name), recordsFrom: { name, at }, faults: [], notes };
    } catch (thrown) {
      fault = faultOf(thrown);
      notes.push(
        `the records in ${place.name} cannot be read (${fault}): those before them may be of an earlier release`,
      );
    }
  }
  return { ...none, faults: [`${fault}; ${way}`] };
}

/** What a failure says, on one line, with what its program printed last. */
export function faultOf(thrown: unknown): string {
  if (!(thrown instanceof Failure)) return messageOf(thrown);
  const lines = thrown.output
    .split('\n')
    .map((line) => line.trim())
    // What Docker advises below its own error says nothing of it.
    .filter((line) => line !== '' && !line.includes('docker run --help'));
  const said = lines.at(-1) ?? '';
  return [thrown.what, ...thrown.faults, said].filter(Boolean).join(': ');
}
