import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { parseTarget } from '../deploy/backup/choose';
import { requireArchive } from '../deploy/backup/report';
import { planJson, planText, readReleases, timelineSvg } from '../deploy';
import { migrationsOfImage, parseMigrationsOfImage } from '../deploy/migrations/of-image';
import { defaultMigrationsFolder } from '../deploy/migrations/pending';
import { systemClock } from '../foundation/clock';
import { messageOf } from '../foundation/failure';
import { writeAtomically } from '../foundation/files';
import { withFileLock } from '../foundation/file-lock';
import type { Output } from '../foundation/process';
import { archiveSecrets } from '../recovery/drill/containers';
import type { WantedMigrations } from '../recovery/drill/found';
import { reportText } from '../deploy/backup/drill-report';
import {
  drill,
  drillPlan,
  type DrillAdapters,
  type DrillRequest,
  type DrillResult,
} from '../recovery/drill/run';
import { readSettings } from '../services';
import { environmentFolder, findEnvironment } from '../stacks/here';
import { settingsNeededFor } from '../stacks/runtime';
import { cancelledBySignals } from './cancel';
import { onHost } from './on-host';
import { operator } from './operator';
import { printResult, progressOn, type OutputOptions } from './output';
import { planKeysOf } from './plan-target';
import { settingsSource } from './settings-source';
import { showTimeline } from './show-timeline';

export interface DrillOptions {
  readonly to?: string;
  readonly ask?: string;
  readonly image?: string;
  readonly network?: string;
  readonly settings?: string;
  readonly dryRun?: boolean;
}

/** Drills, prints what was found, and keeps report and picture in the environment's folder. */
export async function carryOutDrill(
  name: string,
  given: DrillOptions,
  options: OutputOptions,
): Promise<void> {
  const adapters = { progress: progressOn(options), signal: cancelledBySignals() };
  if (given.dryRun) {
    const plan = await drillPlan(await requestOf(name, given), adapters);
    printResult(options, planJson(plan), planText(plan));
    return;
  }
  const { report, timeline, answer, failure, file } = await drillHere(name, given, adapters);
  showTimeline(timeline, options, adapters.progress);
  const text = `${answer}${reportText(report)}  report: ${file}.json, picture: ${file}.svg\n`;
  printResult(
    options,
    { ...report, ...(given.ask === undefined ? {} : { answer }), file: `${file}.json` },
    text,
  );
  if (failure !== undefined) throw failure;
}

/** Drills, and keeps report and picture in the environment's folder. @returns `file`: their name without its ending */
export async function drillHere(
  name: string,
  given: DrillOptions,
  adapters: DrillAdapters,
): Promise<DrillResult & { readonly file: string }> {
  const request = await requestOf(name, given);
  const result = await withFileLock(
    join(environmentFolder(name), 'drill.lock'),
    { purpose: `a drill of ${name}` },
    () => drill(request, adapters),
  );
  const file = join(environmentFolder(name), 'drills', result.report.begun.replaceAll(/[-:]|\.\d+/g, ''));
  writeAtomically(`${file}.json`, result.signed, 0o644);
  writeAtomically(`${file}.svg`, timelineSvg(result.timeline), 0o644);
  return { ...result, file };
}

/** Another checkout, and another sandbox, has another folder: what drills of the same environment are called on one engine differs by it. */
const checkoutOf = (name: string): string =>
  createHash('sha256').update(environmentFolder(name)).digest('hex').slice(0, 8);

async function requestOf(name: string, given: DrillOptions): Promise<DrillRequest> {
  const environment = findEnvironment(name);
  const archive = requireArchive(name, environment.archive);
  const settings = readSettings(
    { ...settingsSource(name, given.settings), DOMAIN: environment.domain },
    'deploy',
    settingsNeededFor(environment),
  );
  const { signer } = await planKeysOf(environment, given.settings);
  const authorities = process.env['COGNI_CA'];
  const dns = process.env['COGNI_DNS'];
  return {
    place: {
      environment: name,
      checkout: checkoutOf(name),
      archive,
      administrator: settings.plain('POSTGRES_ROOT_USER'),
      ...(given.image === undefined ? {} : { image: given.image }),
      ...(given.network === undefined ? {} : { network: given.network }),
      ...(authorities ? { authorities: resolve(authorities) } : {}),
      ...(dns ? { dns } : {}),
    },
    target: given.to === undefined ? { kind: 'end' } : parseTarget(given.to, systemClock.now()),
    database: settings.plain('APP_DB_NAME'),
    ...(given.ask === undefined ? {} : { ask: given.ask }),
    secrets: archiveSecrets(
      settings.plain('ARCHIVE_KEY'),
      settings.secret('ARCHIVE_SECRET'),
      settings.secret('ARCHIVE_PASSPHRASE'),
    ),
    by: operator(),
    signer,
    wanted: () => wantedMigrations(name, environment.migrationsFolder ?? defaultMigrationsFolder),
  };
}

/** The host is asked for this alone; one that is lost keeps nobody from proving its backups. */
export async function wantedMigrations(name: string, folder: string): Promise<WantedMigrations> {
  try {
    return await onHost(name, async (transport) => {
      const { releases } = await readReleases(transport, name);
      const serving = releases.find((release) => release.serving)?.record;
      if (serving === undefined) return { unknown: 'no release serves' };
      const ask = (image: string): Promise<Output> =>
        transport.run(migrationsOfImage(`cogni-drill-${name}-${checkoutOf(name)}-migrations`, folder, image));
      const output = await ask(serving.images.migrator);
      if (output.code !== 0) {
        const why = output.stderr.trim();
        return { unknown: `the image of ${serving.tag} does not show its migrations: ${why}` };
      }
      const others = new Set<string>();
      const images = new Set(
        releases.filter(({ onHost: isThere }) => isThere).map(({ record }) => record.images.migrator),
      );
      images.delete(serving.images.migrator);
      for (const image of images) {
        // Its migrator may be gone where its application is not.
        const { code, stdout } = await ask(image);
        if (code === 0) for (const hash of Object.values(parseMigrationsOfImage(stdout))) others.add(hash);
      }
      return { release: serving.tag, files: parseMigrationsOfImage(output.stdout), others: [...others] };
    });
  } catch (thrown) {
    return {
      unknown: `the host does not say which release serves: ${messageOf(thrown).split('\n')[0] ?? ''}`,
    };
  }
}
