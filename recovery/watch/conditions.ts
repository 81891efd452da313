/**
 * What a watch can find wrong with a host, and how long it looks before it says so.
 *
 * A host that does not answer is said to be lost after 43 s: with a look every 5 s that itself takes at most 6 s, that is
 * within a minute, and a reboot or a cut of the network of up to 30 s alarms nobody. What cannot be mistaken (another
 * key, other data) is said at the second look in a row.
 */
export interface Condition {
  readonly id: ConditionId;
  readonly severity: 'critical' | 'warning';
  /** Milliseconds that it must have been seen without a break. */
  readonly after: number;
  /** Looks in a row that must have seen it. */
  readonly looks: number;
  /** Looks in a row that must not see it any more, before it counts as over. */
  readonly clearLooks: number;
  /** What explains it, for at most {@link longestExcuse}: then nothing is wrong yet. */
  readonly excusedBy: readonly Excuse[];
  readonly summary: string;
  /** `<env>` is the environment. */
  readonly next: string;
}

export const conditionIds = [
  'host',
  'identity',
  'data',
  'database',
  'site',
  'lock',
  'backup',
  'certificate',
  'disk',
] as const;
export type ConditionId = (typeof conditionIds)[number];

/** `deploy`: a run holds the lock of the host. `maintenance`: somebody has switched it on. */
export type Excuse = 'deploy' | 'maintenance';

/** Milliseconds: a run that holds the lock for longer explains nothing any more. */
export const longestExcuse = 30 * 60_000;

/** Milliseconds that a run may hold the lock of deploys before that itself is told: a large database takes its time to be restored. */
export const longestLock = 2 * 60 * 60_000;

const check = './cogni host check <env>';

export const conditions: readonly Condition[] = [
  {
    id: 'host',
    severity: 'critical',
    after: 43_000,
    looks: 3,
    clearLooks: 2,
    excusedBy: [],
    summary: 'the host does not answer',
    next: check,
  },
  {
    id: 'identity',
    severity: 'critical',
    after: 0,
    looks: 2,
    clearLooks: 2,
    excusedBy: [],
    summary: 'another machine, or another disk, answers in its place',
    next: check,
  },
  {
    id: 'data',
    severity: 'critical',
    after: 0,
    looks: 2,
    clearLooks: 2,
    excusedBy: [],
    summary: 'the database does not hold the data that the host was marked with',
    next: check,
  },
  {
    id: 'database',
    severity: 'critical',
    after: 43_000,
    looks: 3,
    clearLooks: 2,
    excusedBy: ['deploy', 'maintenance'],
    summary: 'the database does not answer',
    next: './cogni status <env>',
  },
  {
    id: 'site',
    severity: 'critical',
    after: 43_000,
    looks: 3,
    clearLooks: 2,
    excusedBy: ['deploy', 'maintenance'],
    summary: 'the site does not answer as it should',
    next: './cogni verify <env>',
  },
  {
    id: 'lock',
    severity: 'warning',
    after: 0,
    looks: 3,
    clearLooks: 1,
    excusedBy: [],
    summary: 'a deploy or a restore has been under way for hours',
    next: './cogni lock status <env>',
  },
  {
    id: 'backup',
    severity: 'warning',
    after: 0,
    looks: 2,
    clearLooks: 1,
    excusedBy: [],
    summary: 'something is wrong with the backups',
    next: './cogni backup list <env>',
  },
  {
    id: 'certificate',
    severity: 'warning',
    after: 0,
    looks: 2,
    clearLooks: 1,
    excusedBy: [],
    summary: 'the certificate of the site ends soon',
    next: './cogni logs <env> edge',
  },
  {
    id: 'disk',
    severity: 'warning',
    after: 0,
    looks: 3,
    clearLooks: 3,
    excusedBy: [],
    summary: 'the disk is almost full',
    next: './cogni exec <env> postgres -- df -h, then docs/operations.md',
  },
];
