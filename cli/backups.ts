import { lastDrillText, type LastDrill } from '../deploy/backup/last-drill';
import { requireArchive, type BackupReport } from '../deploy/backup/report';
import { runBackups } from '../deploy/backup/run';
import { planJson, planText } from '../deploy';
import type { Plan } from '../deploy/step';
import { systemClock } from '../foundation/clock';
import { ExitCode, Failure } from '../foundation/failure';
import { findEnvironment } from '../stacks/here';
import { backupText } from './backup-text';
import { cancelledBySignals } from './cancel';
import { findHost } from './host-access';
import { operator } from './operator';
import { printResult, progressOn, type OutputOptions } from './output';

/** @throws Failure (exit code 3) for an environment of which no portable copies are made */
export function requireCopies(name: string): void {
  if (requireArchive(name, findEnvironment(name).archive).copies !== undefined) return;
  throw new Failure({
    what: `no portable copies are made of ${name}`,
    next: `give the archive in its record recipients (stacks/environments.ts, archive.copies; docs/backup.md), then ./cogni deploy ${name} --image-tag <tag>`,
    exitCode: ExitCode.refused,
  });
}

/** Prints a plan of backups, or carries it out and prints what the archive is like then. */
export async function carryOutBackups(
  name: string,
  plan: Plan,
  dryRun: boolean,
  options: OutputOptions,
): Promise<void> {
  const environment = findEnvironment(name);
  const archive = requireArchive(name, environment.archive);
  if (dryRun) {
    printResult(options, planJson(plan), planText(plan));
    return;
  }
  const host = await findHost(environment);
  const adapters = { progress: progressOn(options), signal: cancelledBySignals() };
  printReport(
    await runBackups({ environment: name, host, archive, by: operator() }, plan, adapters),
    options,
  );
}

/** Ends with 1 when something is wrong with the backups, so that whoever asks in a schedule hears of it. */
export function printReport(
  report: BackupReport,
  options: OutputOptions,
  asked?: { readonly drilled: LastDrill | string | undefined },
): void {
  const drill = asked === undefined ? '' : lastDrillText(asked.drilled, report.environment);
  printResult(
    options,
    asked === undefined ? report : { ...report, lastDrill: asked.drilled ?? null },
    backupText(report, systemClock.now()) + drill,
  );
  if (report.alarms.length > 0) process.exitCode = ExitCode.failed;
}
