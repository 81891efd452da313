import { Option, type Command } from 'commander';
import { outputOptions } from '../output-options';
import type { EnvironmentPurpose } from '../../stacks/purposes';
import type { SyncAsked } from '../sync-settings';
import { registerExport, registerImport } from './settings-export';

export function registerSettings(program: Command): void {
  const settings = program
    .command('settings')
    .description('the settings catalogue: what there is, what is missing')
    .addHelpText('after', '\nExample:\n  ./cogni settings check preview\n');
  registerList(settings);
  registerCheck(settings);
  registerGenerate(settings);
  registerDiff(settings);
  registerSync(settings);
  registerExport(settings);
  registerImport(settings);
  registerDocs(settings);
}

function registerList(settings: Command): void {
  settings
    .command('list')
    .description('every setting, with its kind, scope and meaning')
    .option('--env <env>', 'also say which of them are set in this environment')
    .addHelpText('after', '\nExample:\n  ./cogni settings list --env preview\n')
    .action(async ({ env }: { env?: string }, command: Command) => {
      const { listSettings, listText } = await import('../list-settings.js');
      const { printResult } = await import('../output.js');
      const rows = listSettings(env);
      printResult(outputOptions(command), rows, listText(rows));
    });
}

interface CheckAsked {
  readonly from?: string;
  readonly for?: EnvironmentPurpose;
  readonly pointers?: boolean;
}

function registerCheck(settings: Command): void {
  settings
    .command('check')
    .description('say everything that is missing, empty, malformed or out of place, without printing a value')
    .argument('<env>', 'environment')
    .option(
      '--from <source>',
      'a file, - for standard input, or environment for the variables of this shell (otherwise .cogni/<env>/settings.env and this shell)',
    )
    .addOption(
      new Option(
        '--for <purpose>',
        'what they are for, where a job has only those (otherwise everything that its record has)',
      ).choices(['provision', 'deploy', 'sourcecred']),
    )
    .option(
      '--pointers',
      'also what points at the host: DNS, the pinned key, and GitHub where GITHUB_TOKEN and GITHUB_REPOSITORY are set',
    )
    .addHelpText('after', '\nExample:\n  ./cogni settings check preview --from preview.env\n')
    .action(async (name: string, given: CheckAsked, command: Command) => {
      const { checkSettings, overruledNotes, purposesText } = await import('../check-settings.js');
      const { printResult } = await import('../output.js');
      const result = checkSettings(name, given.from, given.for);
      const text = [
        `the settings of ${name} are complete to ${purposesText(result.purposes)}: ${result.complete.join(', ')}`,
        ...overruledNotes(result.overruled),
      ].join('\n');
      if (!given.pointers) {
        printResult(outputOptions(command), result, text);
        return;
      }
      const { checkPointers } = await import('../stale-pointers.js');
      const { rowsAtGithub } = await import('../sync-settings.js');
      const pointers = await checkPointers(name, rowsAtGithub(name));
      const rest = pointers.notLooked.map((each) => `not looked at: ${each}`);
      printResult(
        outputOptions(command),
        { ...result, pointers },
        [text, `these point at its host: ${pointers.looked.join(', ')}`, ...rest].join('\n'),
      );
    });
}

function registerGenerate(settings: Command): void {
  settings
    .command('generate')
    .description(
      'make what can be made (passwords, keys) in .cogni/<env>/settings.env; never replaces a value',
    )
    .argument('<env>', 'environment')
    .option('--out <file>', 'a new file, mode 0600, or - for standard output, in place of that file')
    .option('--dry-run', 'say what would be made, and make nothing')
    .addHelpText('after', '\nExample:\n  ./cogni settings generate preview\n')
    .action(async (name: string, given: { out?: string; dryRun?: boolean }, command: Command) => {
      const { generateMissing, generationFor, generationText, writeNewSettings } =
        await import('../generate-settings.js');
      const { printResult } = await import('../output.js');
      const options = outputOptions(command);
      const named = (names: readonly string[]): string => names.join(', ') || 'nothing';
      const { out } = given;
      if (given.dryRun) {
        const { missing, inShell } = generationFor(name);
        const wouldMake = missing.map(([each]) => each);
        const said = generationText(`would make ${named(wouldMake)}`, inShell);
        printResult(options, { made: [], wouldMake, inShell }, said);
        return;
      }
      if (out === undefined) {
        const { file, made, inShell } = await generateMissing(name);
        const said =
          made.length > 0
            ? `made ${named(made)} in ${file}`
            : `nothing to make in ${file}: it lacks nothing that could be`;
        printResult(options, { file, made, inShell }, generationText(said, inShell));
        return;
      }
      const { missing, inShell } = generationFor(name);
      const names = missing.map(([each]) => each);
      if (out === '-') {
        const { renderDotEnv } = await import('../../services/index.js');
        const dotEnv = renderDotEnv(missing).reveal();
        printResult(options, { made: names, dotEnv, inShell }, dotEnv);
        return;
      }
      writeNewSettings(out, missing);
      const said = generationText(`made ${named(names)} in ${out}`, inShell);
      printResult(options, { file: out, made: names, inShell }, said);
    });
}

function registerDiff(settings: Command): void {
  settings
    .command('diff')
    .description('compare two sources name by name: equal, different, only in one; prints no value')
    .argument('<env>', 'environment')
    .option('--from <source>', 'first source: a file, - or environment (otherwise .cogni/<env>/settings.env)')
    .option(
      '--with <source>',
      'second source: a file, -, environment, or host for what the runtime has',
      'environment',
    )
    .addHelpText('after', '\nExample:\n  ./cogni settings diff preview --with host\n')
    .action(async (name: string, given: { from?: string; with: string }, command: Command) => {
      const { diffSettings, differencesText } = await import('../diff-settings.js');
      const { printResult } = await import('../output.js');
      const differences = await diffSettings(name, given.from, given.with);
      printResult(outputOptions(command), differences, differencesText(differences));
    });
}

function registerSync(settings: Command): void {
  settings
    .command('sync')
    .description("write settings, address and host key to GitHub's secrets and variables; prints no value")
    .argument('<env>', 'environment, which GitHub must have under the same name')
    .option('--settings <file>', 'file with settings, - for standard input (otherwise as for a deploy)')
    .option('--deploy-key <file>', 'private half of the deploy key for workflows; without it, theirs stays')
    .option('--repository <owner/name>', 'repository at GitHub (otherwise GITHUB_REPOSITORY)')
    .option('--no-host', 'leave address and host key as they are: the state is not read')
    .option('--shared', 'also what belongs to the whole repository, and so to every environment')
    .option(
      '--look',
      'for the nightly look at the host: the way there alone, to the GitHub environment <env>-look',
    )
    .option('--dry-run', 'say what would be done, and change nothing')
    .addHelpText('after', '\nExample:\n  ./cogni settings sync preview --dry-run\n')
    .action(async (name: string, given: SyncAsked, command: Command) => {
      const { githubHere } = await import('../github-here.js');
      const { ourNames, settingsToSync, syncCommand, syncText, unreadText } =
        await import('../sync-settings.js');
      const { lookEnvironmentOf, planSync, runSync } = await import('../../workflows/index.js');
      const { printResult } = await import('../output.js');
      const options = outputOptions(command);
      const { entries, unread } = await settingsToSync(name, given);
      const github = await githubHere(given.repository);
      const target = given.look ? lookEnvironmentOf(name) : name;
      const again = syncCommand(name, given);
      const plan = await planSync(github, target, entries, ourNames(), again);
      if (given.dryRun) {
        printResult(options, { ...plan, unread }, `${syncText(plan.rows)}${unreadText(unread)}`);
        return;
      }
      const written = await runSync(github, plan, entries, again);
      const text = written.length === 0 ? 'everything is as it should be' : `wrote ${written.join(', ')}`;
      printResult(options, { ...plan, written, unread }, `${text}${unreadText(unread)}`);
    });
}

function registerDocs(settings: Command): void {
  settings
    .command('docs')
    .description(
      "write what comes from the catalogue: infra/.env.schema.md, .env.example, docs/setup.md, the runner's schema",
    )
    .option('--check', 'write nothing, and fail when one is stale')
    .addHelpText('after', '\nExample:\n  ./cogni settings docs --check\n')
    .action(async ({ check }: { check?: boolean }, command: Command) => {
      const { requireFreshDocuments, settingsDocuments, writeDocuments } =
        await import('../settings-documents.js');
      const { printResult } = await import('../output.js');
      const documents = settingsDocuments().map(([path]) => path);
      if (check) requireFreshDocuments();
      const written = check ? [] : writeDocuments();
      const text =
        written.length > 0 ? `wrote ${written.join(', ')}` : 'every document says what the catalogue says';
      printResult(outputOptions(command), { documents, written }, text);
    });
}
