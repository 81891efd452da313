import { carryOutPlan, type CarriedOut, type Errand } from '../../deploy/carry-out';
import {
  watchedAdapters,
  withHost,
  type DeployAdapters,
  type WatchedAdapters,
} from '../../deploy/rolling/deploy';
import { waitForCompose } from '../../deploy/rolling/change-services';
import { connect as connectOverSsh, type SshHost } from '../../deploy/ssh';
import type { Plan } from '../../deploy/step';
import type { Transport } from '../../deploy/transport';
import type { Timeline } from '../../deploy/watch';
import { ExitCode, Failure } from '../../foundation/failure';
import { silent } from '../../foundation/progress';
import { Secret } from '../../foundation/secret';
import { redactor } from '../../deploy/redact';
import { planRestore, restoreFaults, type RestorePlan } from './plan';
import { fetchReceived, type ReceivedLog } from './received';
import {
  restoreCommand,
  replaceWord,
  type RestoreRequest,
  type RestoreSite,
  type UndoRequest,
} from './request';
import { surveyHostData, surveyRestore, wayOf, type HostFacts, type RestoreFacts } from './survey';
import { wayFrom, type LogWay } from './way';
import { forgetFaults, planForget, planUndo, undoFaults } from './undo';

/** Where the host is, and how its site is asked from outside. */
export interface RestoreHost {
  readonly host: SshHost;
  /** Where the log is received, which may have more of it than the archive. @default - nowhere */
  readonly receiver?: SshHost;
  /** As of a deploy (`DeployRequest`). */
  readonly extraCa?: string;
  readonly dnsServer?: string;
}

export interface RestoreResult {
  readonly id: string;
  /** The data of before are on the disk, and can be put back. */
  readonly keeps: boolean;
  /** Label of the backup that the copy was begun from. */
  readonly backup: string;
  /** Pieces of log that came from the receiver, and when the last was written, where they are the end of it; undefined where it was not asked. */
  readonly received?: { readonly pieces: number; readonly until: Date | undefined };
  /** Up to when the archive's own log leads without a hole, by its arrival there; undefined where it was not asked, or has none. */
  readonly archived?: Date;
  /** Log is missing between these, with the receiver's as well: what is behind it did not come back. */
  readonly hole?: LogWay['hole'];
  /** The applications answer; false where they do not get ready with these data, or nothing was ever deployed. */
  readonly serves: boolean;
  /** What makes backups runs again, on another timeline. */
  readonly backsUp: boolean;
  readonly timeline: Timeline;
  readonly run: string;
  readonly journalProblem?: string;
}

/** A plan, and what speaks against carrying it out. */
export interface Considered<P extends Plan = Plan> {
  readonly plan: P;
  readonly faults: readonly string[];
}

/**
 * Restores the database of a host ({@link planRestore}).
 *
 * @throws Failure when the host or the archive does not answer; when no good backup leads to the target, or a word is missing (exit code 3); when a
 *   deploy is under way (4); and when a step failed and was taken back (1) or could not be (5)
 */
export async function restore(
  request: RestoreRequest,
  site: RestoreHost,
  adapters: DeployAdapters = {},
): Promise<RestoreResult> {
  const watched = watchedAdapters(adapters);
  return withHost(site.host, watched, async (transport) => {
    const { plan, faults, facts } = await consider(request, site, transport, watched);
    const data = request.replace === undefined ? { ...request, replace: replaceWord(request) } : request;
    refuse(faults, `${request.environment} is not restored`, restoreCommand(data));
    const { id, keeps } = plan;
    return {
      id,
      keeps,
      ...gainedBy(facts),
      ...(await carryOut(plan, request, site, transport, watched, Object.values(request.keys))),
    };
  });
}

/** What {@link restore} would do now, for `--dry-run`: it looks at host and archive, and changes nothing. */
export const planOfRestore = (
  request: RestoreRequest,
  site: RestoreHost,
  adapters: DeployAdapters = {},
): Promise<Considered<RestorePlan>> =>
  withHost(site.host, adapters, (transport) => consider(request, site, transport, adapters));

/** Takes a restore back, or removes what it keeps. */
export async function changeRestored(
  what: 'undo' | 'forget',
  request: UndoRequest,
  site: RestoreHost,
  adapters: DeployAdapters = {},
): Promise<Omit<RestoreResult, 'keeps' | 'backup'>> {
  const watched = watchedAdapters(adapters);
  return withHost(site.host, watched, async (transport) => {
    const { environment, machine, id } = request;
    const facts = await look(request, transport, changeCommand(what, request), watched);
    const { plan, faults } = considered(what, request, facts);
    const command = `./cogni restore ${environment} --${what} ${id} --replace ${machine}@${id}`;
    refuse(
      faults,
      `the restore ${id} of ${environment} is not ${what === 'undo' ? 'taken back' : 'forgotten'}`,
      command,
    );
    return { id, ...(await carryOut(plan, request, site, transport, watched)) };
  });
}

/** What {@link changeRestored} would do now, for `--dry-run`. */
export const planOfChange = (
  what: 'undo' | 'forget',
  request: UndoRequest,
  { host }: RestoreHost,
  adapters: DeployAdapters = {},
): Promise<Considered> =>
  withHost(host, adapters, async (transport) =>
    considered(what, request, await look(request, transport, changeCommand(what, request), adapters)),
  );

const changeCommand = (what: 'undo' | 'forget', { environment, id, replace }: UndoRequest): string =>
  [
    `./cogni restore ${environment} --${what} ${id}`,
    ...(replace === undefined ? [] : [`--replace ${replace}`]),
  ].join(' ');

const considered = (what: 'undo' | 'forget', request: UndoRequest, facts: HostFacts): Considered =>
  what === 'undo'
    ? { plan: planUndo(request, facts), faults: undoFaults(request, facts) }
    : { plan: planForget(request, facts), faults: forgetFaults(request, facts) };

const look = (
  request: RestoreSite,
  transport: Transport,
  next: string,
  adapters: DeployAdapters,
): Promise<HostFacts> => {
  const { progress = silent } = adapters;
  const survey = async (): Promise<HostFacts> => {
    await waitForCompose(transport, next, adapters);
    return surveyHostData(transport, request);
  };
  return progress.step('look at the host', survey, {
    why: 'what runs, and what lies on the disk of the database',
    describe: ({ volume }) => (volume.kept.length === 0 ? '' : `keeps ${volume.kept.join(', ')}`),
  });
};

async function consider(
  request: RestoreRequest,
  { receiver }: RestoreHost,
  transport: Transport,
  adapters: DeployAdapters,
): Promise<Considered<RestorePlan> & { readonly facts: RestoreFacts }> {
  const { progress = silent } = adapters;
  const looked = await progress.step(
    'look at the host and the archive',
    async () => {
      await waitForCompose(transport, restoreCommand(request), adapters);
      return surveyRestore(transport, request);
    },
    {
      why: 'where a restore that was cut off stands, and which backup leads to the target',
      describe: ({ standing, archive }: RestoreFacts) => archive?.chosen.backup.label ?? standing,
    },
  );
  const received = await receivedBeyond(request, receiver, looked, adapters);
  const facts = { ...looked, ...(received && { received }) };
  return { plan: planRestore(request, facts), faults: restoreFaults(request, facts), facts };
}

/** Only the newest moment is beyond the archive: all others were reached by it before the command was given. */
async function receivedBeyond(
  { environment, target, withoutReceiver }: RestoreRequest,
  receiver: SshHost | undefined,
  { archive }: RestoreFacts,
  { progress = silent, connect = connectOverSsh, signal }: DeployAdapters,
): Promise<ReceivedLog | undefined> {
  if (
    receiver === undefined ||
    archive === undefined ||
    target.kind !== 'end' ||
    withoutReceiver !== undefined
  )
    return undefined;
  return progress.step(
    'fetch from the receiver what the archive does not have',
    () => fetchReceived(() => connect(receiver, signal ? { signal } : {}), environment, wayFrom(archive)),
    {
      why: 'what was committed last is there alone',
      describe: (log) =>
        log.kind === 'log' ? `${log.pieces.length} pieces` : `it cannot be asked: ${log.why}`,
    },
  );
}

function gainedBy(facts: RestoreFacts): Pick<RestoreResult, 'backup' | 'received' | 'archived' | 'hole'> {
  const { received, archive, volume } = facts;
  const hole = wayOf(facts)?.hole;
  return {
    backup: archive?.chosen.backup.label ?? volume.order?.backup ?? '',
    ...(received?.kind === 'log'
      ? { received: { pieces: received.pieces.length, until: received.until } }
      : {}),
    ...(archive?.newestLog ? { archived: archive.newestLog } : {}),
    ...(hole ? { hole } : {}),
  };
}

function refuse(faults: readonly string[], what: string, command: string): void {
  if (faults.length === 0) return;
  throw new Failure({
    what,
    faults,
    state: 'nothing was changed',
    next: `${command}, where that is what is wanted; --dry-run prints the steps`,
    exitCode: ExitCode.refused,
  });
}

async function carryOut(
  plan: Plan,
  { environment, by }: RestoreSite,
  { extraCa, dnsServer }: RestoreHost,
  transport: Transport,
  watched: WatchedAdapters,
  keys: readonly (Secret | string)[] = [],
): Promise<Omit<RestoreResult, 'id' | 'keeps' | 'backup'>> {
  const errand: Errand = {
    command: 'restore',
    environment,
    by,
    result: 'restored',
    ...(extraCa ? { extraCa } : {}),
    ...(dnsServer ? { dnsServer } : {}),
    redact: redactor(keys.filter((value): value is Secret => value instanceof Secret)),
  };
  try {
    const done: CarriedOut = await carryOutPlan(plan, errand, transport, watched);
    const { run, problems, journalProblem } = done;
    const serves = plan.steps.some(({ id }) => id === 'serve') && !problems.includes('serve');
    return {
      run,
      serves,
      backsUp: plan.steps.some(({ id }) => id === 'keep') && !problems.includes('keep'),
      timeline: watched.watch.timeline(plan),
      ...(journalProblem === undefined ? {} : { journalProblem }),
    };
  } finally {
    watched.onTimeline?.(watched.watch.timeline(plan));
  }
}
