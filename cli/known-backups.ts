import { connect } from '../deploy/ssh';
import { lookAtBackups } from '../deploy/backup/report';
import { standingOf } from '../deploy/backup/standing';
import type { Transport } from '../deploy/transport';
import { systemClock, type Clock } from '../foundation/clock';
import { Failure, messageOf } from '../foundation/failure';
import type { BackupGuard, BackupStanding } from '../infra/plan/words';
import type { Environment } from '../stacks/environment';
import { findHost } from './host-access';

/** What is known here of the backups of an environment. */
export interface KnownBackups {
  readonly standing: BackupStanding;
  /** When the newest one that can be restored was made; null where there is none, undefined where that is not known. */
  readonly newest: Date | null | undefined;
}

export interface LookAdapters {
  /** Opens the way to the host. @default over SSH */
  readonly open?: (
    environment: Environment,
    signal: AbortSignal,
  ) => Promise<Pick<Transport, 'run' | 'close'>>;
  readonly clock?: Pick<Clock, 'now'>;
  /** Ends the look when it has taken too long. @default 30 s */
  readonly signal?: AbortSignal;
}

/** Milliseconds for all of it: who reviews a plan waits for no host that does not answer. */
const deadline = 30_000;

/**
 * Asks the archive of an environment, through its host, for the newest backup that was read back. What cannot be asked stays
 * unknown: a machine that reviews plans need not reach the host, nor have the key to it.
 */
export async function backupsOf(
  environment: Environment,
  adapters: LookAdapters = {},
): Promise<KnownBackups> {
  const { archive, name } = environment;
  if (archive === undefined) {
    return {
      standing: { kind: 'none', why: `${name} has no archive: nothing of it is backed up` },
      newest: null,
    };
  }
  const { open = openHost, clock = systemClock, signal = AbortSignal.timeout(deadline) } = adapters;
  let transport: Pick<Transport, 'run' | 'close'> | undefined;
  try {
    const opened = (transport = await open(environment, signal));
    const asked: Pick<Transport, 'run'> = { run: (command) => opened.run(command, { signal }) };
    const { report } = await lookAtBackups(asked, name, archive, clock);
    const { newest, ...standing } = standingOf(report, archive, clock.now());
    return { standing, newest: newest?.at ?? null };
  } catch (thrown) {
    const what = thrown instanceof Failure ? thrown.what : messageOf(thrown);
    return {
      standing: {
        kind: 'unknown',
        why: signal.aborted
          ? `the archive could not be asked in time (${what})`
          : `this machine cannot ask: ${what}`,
      },
      newest: undefined,
    };
  } finally {
    await transport?.close();
  }
}

const openHost = async (environment: Environment, signal: AbortSignal): Promise<Transport> =>
  connect(await findHost(environment), { signal });

/** The guard of an environment's host. Of another host nothing is known here. */
export const backupGuardOf =
  (environment: Environment, adapters: LookAdapters = {}): BackupGuard =>
  async (host) =>
    host === environment.host.name
      ? (await backupsOf(environment, adapters)).standing
      : { kind: 'unknown', why: `it is not the host of ${environment.name}` };
