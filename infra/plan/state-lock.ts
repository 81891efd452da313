import { byHand } from './by-hand';
import { backendOf } from './stack-backend';
import type { TerraformAt } from './terraform-run';

/** Who holds the lock of a state, as Terraform says it. */
export interface HeldLock {
  readonly id: string;
  /** `user@machine`. */
  readonly who: string;
  /** ISO 8601. */
  readonly since: string;
  /** `plan`, `apply`. */
  readonly doing: string;
}

/** Whether Terraform ended because the state is locked. */
export const isLocked = (said: string): boolean => /Error acquiring the state lock/i.test(said);

/** Reads the "Lock Info" of Terraform and OpenTofu; undefined where it is not there, or not whole. */
export function heldLockIn(said: string): HeldLock | undefined {
  const field = (name: string): string | undefined =>
    new RegExp(`^\\W*${name}:[ \\t]+(\\S.*)$`, 'm').exec(said)?.[1]?.trim();
  const [id, who, created, operation] = ['ID', 'Who', 'Created', 'Operation'].map(field);
  if (id === undefined || !/^[\w-]+$/.test(id)) return undefined;
  return {
    id,
    who: who ?? 'somebody',
    since: created?.replace(/^(\S+) (\d+:\d+:\d+)(?:\.\d+)? .*$/, '$1T$2Z') ?? 'a time that is not known',
    doing: (operation ?? '').replace('OperationType', '').toLowerCase() || 'something',
  };
}

export interface LockAdvice {
  readonly what: string;
  readonly next: string;
}

/**
 * What to say of a locked state: who holds it, and how it is freed when nobody does any more.
 *
 * A lock of PostgreSQL is a connection's and ends with it; Terraform shows the one that was refused in the place of the one
 * that holds, and can free neither (Terraform 1.11, `internal/backend/remote-state/pg`).
 */
export function lockAdvice(at: Pick<TerraformAt, 'folder' | 'env'>, said: string): LockAdvice {
  const wait = 'wait until it has ended, then run this again';
  if (backendOf(at.folder) === 'pg') {
    return {
      what: 'another run holds the lock of the state, by its connection to the database',
      next: `${wait}. Whose it is, should it not end: psql "$PG_CONN_STR" -c "SELECT pid, client_addr, backend_start FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE locktype = 'advisory'"; when its machine is gone, SELECT pg_terminate_backend(<pid>) ends it`,
    };
  }
  const held = heldLockIn(said);
  if (held === undefined)
    return { what: 'another run holds the lock of the state', next: `${wait}; who holds it is said above` };
  const { id, who, since, doing } = held;
  return {
    what: `another run holds the lock of the state: ${who}, since ${since} (${doing})`,
    next: `${wait}. Only if it is certain that it does not run any more (it was killed, or its machine is gone): ${byHand(at, 'force-unlock', id)}`,
  };
}
