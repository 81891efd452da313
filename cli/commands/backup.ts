import { Option, type Command } from 'commander';
import { outputOptions } from '../output-options';

const codes =
  '\nExit codes: 0 done and good, 1 failed, or something is wrong with the backups, 3 the environment has no archive, 4 another backup is under way.\n';

export function registerBackup(program: Command): void {
  const backup = program
    .command('backup')
    .description('the backups of a database, off its host: made by themselves, and here at once')
    .addHelpText('after', '\nExample:\n  ./cogni backup list preview\n');

  backup
    .command('run', { isDefault: true })
    .description('make a backup at once and read it back; neither waits for a deploy nor holds one up')
    .argument('<env>', 'environment')
    .addOption(
      new Option(
        '--type <type>',
        'full: all of it, diff: what changed since a full one, incr: since the last one',
      )
        .choices(['full', 'diff', 'incr'])
        .default('incr'),
    )
    .option('--dry-run', 'print the step, with its remote command, and change nothing')
    .addHelpText(
      'after',
      `\nExamples:\n  ./cogni backup run preview --type full\n  ./cogni backup preview    ("run" may be left out)\n${codes}`,
    )
    .action(
      async (name: string, given: { type: 'full' | 'diff' | 'incr'; dryRun?: boolean }, command: Command) => {
        const { planBackup } = await import('../../deploy/backup/plan.js');
        const { carryOutBackups } = await import('../backups.js');
        await carryOutBackups(
          name,
          planBackup(name, given.type),
          given.dryRun ?? false,
          outputOptions(command),
        );
      },
    );

  backup
    .command('list')
    .description('every backup: whether it is good, how far it reaches, and what is missing')
    .argument('<env>', 'environment')
    .addHelpText('after', `\nExample:\n  ./cogni backup list preview --json\n${codes}`)
    .action(async (name: string, _given: object, command: Command) => {
      const { lookAtBackups, requireArchive } = await import('../../deploy/backup/report.js');
      const { onHost } = await import('../on-host.js');
      const { lastDrill } = await import('../../deploy/backup/last-drill.js');
      const { printReport } = await import('../backups.js');
      const { trustedSignersOf } = await import('../plan-target.js');
      const { report, drilled } = await onHost(name, async (transport, environment) => ({
        report: (await lookAtBackups(transport, name, requireArchive(name, environment.archive))).report,
        drilled: await lastDrill(transport, name, await trustedSignersOf(environment)),
      }));
      printReport(report, outputOptions(command), { drilled });
    });

  backup
    .command('copy')
    .description(
      'make a portable copy at once and read it back: dumps, certificates, ledger and records, by age',
    )
    .argument('<env>', 'environment')
    .option('--dry-run', 'print the step, with its remote command, and change nothing')
    .addHelpText('after', `\nExample:\n  ./cogni backup copy preview\n${codes}`)
    .action(async (name: string, given: { dryRun?: boolean }, command: Command) => {
      const { planCopy } = await import('../../deploy/backup/plan.js');
      const { carryOutBackups, requireCopies } = await import('../backups.js');
      requireCopies(name);
      await carryOutBackups(name, planCopy(name), given.dryRun ?? false, outputOptions(command));
    });

  backup
    .command('expire')
    .description(
      'remove from the bucket what no rule keeps, from a machine that is no host and with a key of its own',
    )
    .argument('<env>', 'environment')
    .option('--dry-run', 'say what would go, and remove nothing')
    .option('--without-lock <bucket>', 'remove although this bucket does not keep what is removed')
    .addHelpText(
      'after',
      [
        '',
        'Needs Docker, and ARCHIVE_EXPIRER_KEY, ARCHIVE_EXPIRER_SECRET and ARCHIVE_PASSPHRASE in the settings or this shell.',
        'What a kept backup stands on stays, and the newest that can be restored, whatever the rules are.',
        '',
        'Example:',
        '  ./cogni backup expire preview --dry-run',
        codes,
      ].join('\n'),
    )
    .action(async (name: string, given: { dryRun?: boolean; withoutLock?: string }, command: Command) => {
      const { expireHere, expireText } = await import('../expire-backups.js');
      const { printResult, progressOn } = await import('../output.js');
      const options = outputOptions(command);
      const dryRun = given.dryRun ?? false;
      const result = await expireHere(name, { dryRun, withoutLock: given.withoutLock }, progressOn(options));
      printResult(options, result, expireText(name, result, dryRun));
    });

  backup
    .command('verify')
    .description('read every backup and all log back; what is not whole any more does not count any longer')
    .argument('<env>', 'environment')
    .option('--dry-run', 'print the step, with its remote command, and change nothing')
    .addHelpText('after', `\nExample:\n  ./cogni backup verify preview\n${codes}`)
    .action(async (name: string, given: { dryRun?: boolean }, command: Command) => {
      const { planReadBack } = await import('../../deploy/backup/plan.js');
      const { carryOutBackups } = await import('../backups.js');
      await carryOutBackups(name, planReadBack(name), given.dryRun ?? false, outputOptions(command));
    });
}
