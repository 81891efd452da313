import { planJson, planText, type Timeline } from '../deploy';
import { parseTarget } from '../deploy/backup/choose';
import { planBackup } from '../deploy/backup/plan';
import { requireArchive } from '../deploy/backup/report';
import { runBackups } from '../deploy/backup/run';
import { systemClock } from '../foundation/clock';
import { ExitCode, Failure } from '../foundation/failure';
import type { Progress } from '../foundation/progress';
import { archiveKeys } from '../recovery/drill/containers';
import type { RestoreSite } from '../recovery/restore/request';
import {
  changeRestored,
  planOfChange,
  planOfRestore,
  restore,
  type Considered,
  type RestoreHost,
  type RestoreResult,
} from '../recovery/restore/run';
import { isRestoreId } from '../recovery/restore/volume';
import { readSettings } from '../services';
import type { Archive } from '../services';
import { environmentFolder, findEnvironment } from '../stacks/here';
import { dataArchiveOf } from '../stacks/rehearsal';
import { settingsNeededFor } from '../stacks/runtime';
import { join } from 'node:path';
import { cancelledBySignals } from './cancel';
import { findHost } from './host-access';
import { operator } from './operator';
import { receivingHostOf } from './receiver';
import { printResult, progressOn, type OutputOptions } from './output';
import { settingsSource } from './settings-source';
import { showTimeline } from './show-timeline';

export interface RestoreOptions {
  readonly to?: string;
  readonly undo?: string;
  readonly forget?: string;
  readonly replace?: string;
  readonly withoutBackup?: string;
  readonly withoutReceiver?: string;
  readonly settings?: string;
  readonly dryRun?: boolean;
}

/** Restores, takes a restore back, or removes what one keeps, and prints what came of it. */
export async function carryOutRestore(
  name: string,
  given: RestoreOptions,
  options: OutputOptions,
): Promise<void> {
  const wanted = wantedOf(name, given);
  const { site, host, keys, archive } = await restoreSiteOf(name, given);
  const progress = progressOn(options);
  let timeline: Timeline | undefined;
  const adapters = {
    progress,
    signal: cancelledBySignals(),
    onTimeline: (seen: Timeline) => (timeline = seen),
  };
  const shown = (considered: Considered): void => {
    const { plan, faults } = considered;
    const refused = faults.map((fault) => `  - ${fault}\n`).join('');
    printResult(
      options,
      { ...(planJson(plan) as object), refusedFor: faults },
      `${planText(plan)}${faults.length === 0 ? '' : `\nAs it is, this is refused:\n${refused}`}`,
    );
  };
  if (wanted.what !== 'to') {
    const request = { ...site, id: wanted.id };
    if (given.dryRun) return shown(await planOfChange(wanted.what, request, host, adapters));
    const result = await changeRestored(wanted.what, request, host, adapters);
    const text =
      wanted.what === 'undo'
        ? `the restore ${wanted.id} of ${name} is taken back; what it had brought is kept (--forget ${wanted.id})`
        : `nothing is kept of the restore ${wanted.id} of ${name} any more`;
    const backup =
      wanted.what === 'undo' && result.backsUp ? await backUpAnew(name, host, archive, progress) : '';
    printResult(options, result, text + backup);
    if (wanted.what === 'undo') reportServing(name, result);
    return;
  }
  const request = {
    ...site,
    keys,
    target: wanted.target,
    ...(given.withoutBackup === undefined ? {} : { withoutBackup: given.withoutBackup }),
    ...(given.withoutReceiver === undefined ? {} : { withoutReceiver: given.withoutReceiver }),
  };
  if (given.dryRun) return shown(await planOfRestore(request, host, adapters));
  const result = await restore(request, host, adapters).finally(() => {
    const picture = join(environmentFolder(name), 'restore.svg');
    if (timeline !== undefined) showTimeline(timeline, options, progress, { timeline: picture });
  });
  const backup = result.backsUp ? await backUpAnew(name, host, archive, progress) : '';
  const kept = result.keeps
    ? `; the data of before are kept\n  take it back:  ./cogni restore ${name} --undo ${result.id} --replace ${site.machine}@${result.id}\n  free the disk: ./cogni restore ${name} --forget ${result.id} --replace ${site.machine}@${result.id}`
    : `; there were no data before: ./cogni deploy ${name} --image-tag <tag>`;
  printResult(options, result, `${name} is restored (${result.id})${reachText(result)}${kept}${backup}`);
  if (result.keeps) reportServing(name, result);
}

/** How far it reaches, where a receiver of the log was asked, or log is missing. */
export function reachText({
  received,
  archived,
  hole,
}: Pick<RestoreResult, 'received' | 'archived' | 'hole'>): string {
  const missing =
    hole === undefined
      ? ''
      : `; log is missing between ${hole.after} and ${hole.before}: it ends there, and nothing leads to what was committed later`;
  if (received === undefined) return missing;
  const archive = archived === undefined ? '' : `; log of the archive until ${archived.toISOString()}`;
  const { pieces, until } = received;
  const more =
    pieces === 0
      ? ', and the receiver has no more'
      : until === undefined
        ? `, and beyond it with ${pieces} pieces of the receiver that it lacked`
        : `, with the receiver until ${until.toISOString()} (${pieces} pieces)`;
  return `${archive}${more}${missing}`;
}

type Wanted =
  | { readonly what: 'to'; readonly target: ReturnType<typeof parseTarget> }
  | { readonly what: 'undo' | 'forget'; readonly id: string };

/** @throws Failure (wrong usage) unless exactly one of them is asked for */
function wantedOf(
  name: string,
  { to, undo, forget, withoutBackup, withoutReceiver }: RestoreOptions,
): Wanted {
  const wrong = (what: string): Failure =>
    new Failure({ what, next: './cogni restore --help', exitCode: ExitCode.usage });
  if ([to, undo, forget].filter((one) => one !== undefined).length !== 1) {
    throw wrong(`say one of --to, --undo and --forget for ${name}`);
  }
  if (withoutReceiver !== undefined && to !== 'newest')
    throw wrong('--without-receiver goes with --to newest alone');
  if (to !== undefined) return { what: 'to', target: parseTarget(to, systemClock.now()) };
  if (withoutBackup !== undefined) throw wrong('--without-backup goes with --to alone');
  const id = undo ?? forget ?? '';
  if (!isRestoreId(id)) throw wrong(`"${id}" is no restore: they are named as 20261121T123000Z`);
  return { what: undo === undefined ? 'forget' : 'undo', id };
}

/** Where a restore of an environment happens, and with which keys: its record, its settings, and this machine. */
export async function restoreSiteOf(
  name: string,
  given: Pick<RestoreOptions, 'settings' | 'replace' | 'to' | 'withoutReceiver'>,
): Promise<{
  readonly site: RestoreSite;
  readonly host: RestoreHost;
  readonly keys: ReturnType<typeof archiveKeys>;
  readonly archive: Archive;
}> {
  const environment = findEnvironment(name);
  const archive = requireArchive(name, dataArchiveOf(environment));
  const settings = readSettings(
    { ...settingsSource(name, given.settings), DOMAIN: environment.domain },
    'deploy',
    settingsNeededFor(environment),
  );
  const extraCa = process.env['COGNI_CA'];
  const dnsServer = process.env['COGNI_DNS'];
  return {
    site: {
      environment: name,
      domain: environment.domain,
      machine: environment.host.name,
      place: {
        environment: name,
        archive,
        administrator: settings.plain('POSTGRES_ROOT_USER'),
        authorities: '/etc/ssl/certs/ca-certificates.crt',
      },
      by: operator(),
      at: systemClock.now(),
      ...(given.replace === undefined ? {} : { replace: given.replace }),
    },
    host: {
      host: await findHost(environment),
      // A rehearsal shows what the archive gives back: the receiver is the living host's.
      ...(environment.rehearses === undefined &&
      archive.receiver !== undefined &&
      given.to === 'newest' &&
      given.withoutReceiver === undefined
        ? { receiver: await receivingHostOf(name) }
        : {}),
      ...(extraCa ? { extraCa } : {}),
      ...(dnsServer ? { dnsServer } : {}),
    },
    keys: archiveKeys(
      settings.plain('ARCHIVE_KEY'),
      settings.secret('ARCHIVE_SECRET'),
      settings.secret('ARCHIVE_PASSPHRASE'),
    ),
    archive,
  };
}

/** A new timeline begins with a backup of its own. That it fails takes nothing away from what was restored. */
async function backUpAnew(
  environment: string,
  { host }: RestoreHost,
  archive: Archive,
  progress: Progress,
): Promise<string> {
  const again = `./cogni backup ${environment} --type full`;
  try {
    await runBackups({ environment, host, archive, by: operator() }, planBackup(environment, 'full'), {
      progress,
    });
    return '';
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return `\n  a full backup of it is still to be made (${thrown.what}): ${again}`;
  }
}

function reportServing(name: string, { serves, run }: Pick<RestoreResult, 'serves' | 'run'>): void {
  if (serves) return;
  throw new Failure({
    what: `the database of ${name} is the one that was wanted, and the applications do not serve with it`,
    state: 'maintenance is on where this command had switched it on',
    next: `./cogni journal ${name} (run ${run}) and ./cogni logs ${name} app; where the release does not fit these data, ./cogni maintenance off ${name} and a deploy of the one that does, or take it back`,
    exitCode: ExitCode.degraded,
  });
}
