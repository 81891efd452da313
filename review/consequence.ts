import type { Holding } from './rules/rule';
import type { Verdict } from './verdict';

/** What is known of a host from elsewhere; the plan says none of it. */
export interface HostFacts {
  /** Volumes with data on its disk. */
  readonly volumes?: readonly string[];
  /** Databases on its disk. */
  readonly databases?: readonly string[];
  /** Time (ISO 8601) of the newest backup that was read back and found whole; null when it is known that there is none. */
  readonly newestVerifiedBackup?: string | null;
  /** Commands to run before it is lost, in order. */
  readonly runFirst?: readonly string[];
  /** Commands to run afterwards. */
  readonly runAfter?: readonly string[];
}

/** What a verdict means for what people care about. */
export interface Consequence {
  readonly lost: readonly string[];
  readonly stays: readonly string[];
  /** What to do before it is applied. */
  readonly first: readonly string[];
}

const none: Consequence = { lost: [], stays: [], first: [] };

/**
 * @param facts of the host, where it holds a disk
 * @param now milliseconds since 1970
 */
export function consequenceOf(
  verdict: Verdict,
  holds: Holding | undefined,
  facts: HostFacts | undefined,
  now: number,
): Consequence {
  switch (verdict) {
    case 'WIPE':
      return {
        lost: [...contents(facts), 'the SSH host keys, so that the pinned ones no longer fit'],
        stays: [
          'the server and its id',
          'its primary address (a private one may change)',
          'floating addresses',
        ],
        first: [
          ...backupFirst(facts, now),
          'if it is not meant: set allow_reinstall = false, or ignore the attribute (lifecycle.ignore_changes)',
          ...(facts?.runAfter ?? []).map((command) => `afterwards: ${command}`),
        ],
      };
    case 'DOOMED':
      return {
        lost: ['nothing by this; what is applied before it fails stays applied'],
        stays: holds === 'disk' ? ['the disk'] : [],
        first: [
          holds === 'disk'
            ? 'do not approve it: take the change back, or decide for or against the reinstall in the configuration'
            : 'do not approve it: take the change back, or do first what keeps it from failing',
        ],
      };
    case 'REPLACE':
    case 'DESTROY':
      return gone(verdict, holds, facts, now);
    case 'ARMED':
      return {
        lost: ['nothing now'],
        stays: ['the disk'],
        first: [
          'keep it on only for the one change that is meant to reinstall, and switch it off in the next',
        ],
      };
    case 'IMPORT-WIPE':
      return {
        lost: ['nothing now'],
        stays: ['the disk'],
        first: ['keep those attributes under lifecycle.ignore_changes for as long as the host lives'],
      };
    case 'REVIEW':
      return { ...none, first: ['find out what it does before it is applied'] };
    case 'UPDATE':
    case 'CREATE':
    case 'NO-OP':
      return none;
  }
}

function gone(
  verdict: 'REPLACE' | 'DESTROY',
  holds: Holding | undefined,
  facts: HostFacts | undefined,
  now: number,
): Consequence {
  const replaced = verdict === 'REPLACE';
  switch (holds) {
    case 'disk':
      return {
        lost: [
          ...contents(facts),
          'its primary address, and with it DNS records that name it',
          'its id and its SSH host keys',
        ],
        stays: ['floating addresses, as resources of their own'],
        first: [
          ...backupFirst(facts, now),
          ...(replaced ? ['plan for the time without a host, and for DNS'] : []),
          ...(facts?.runAfter ?? []).map((command) => `afterwards: ${command}`),
        ],
      };
    case 'address':
      return {
        lost: ['the address itself: it goes back to the provider, and a new one is another one'],
        stays: ['the servers behind it'],
        first: ['point DNS elsewhere and wait for its time to live'],
      };
    case 'access':
      return {
        lost: ['the key at the provider; a server that names it may plan a reinstall'],
        stays: ['what living servers have in authorized_keys'],
        first: ['see that no server names it'],
      };
    case 'account':
      return {
        lost: ['the project and everything in it'],
        stays: [],
        first: ['see that nothing is left in the project'],
      };
    case 'nothing':
      return none;
    case undefined:
      return { lost: ['whatever it holds: that is not known'], stays: [], first: ['find out what it holds'] };
  }
}

function contents(facts: HostFacts | undefined): readonly string[] {
  const known = [
    ...(facts?.databases ?? []).map((name) => `database ${name}`),
    ...(facts?.volumes ?? []).map((name) => `volume ${name}`),
  ];
  return known.length === 0
    ? ['everything on its disk (which volumes and databases is not known here)']
    : ['everything on its disk', ...known];
}

function backupFirst(facts: HostFacts | undefined, now: number): readonly string[] {
  const newest = facts?.newestVerifiedBackup;
  const age = newest === undefined || newest === null ? Number.NaN : now - Date.parse(newest);
  const said =
    newest === null
      ? 'there is no verified backup: make one, and prove that it can be restored'
      : Number.isNaN(age) || age < 0
        ? 'whether there is a backup is not known here: make one, and prove that it can be restored'
        : `the newest verified backup is ${ageText(age)} old: what came later would be lost with it`;
  return [said, ...(facts?.runFirst ?? [])];
}

function ageText(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
