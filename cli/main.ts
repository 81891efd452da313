import { CommanderError } from 'commander';
import { ExitCode } from '../foundation/failure';
import { outliveReaders } from './closed-output';
import { printFailure, printResult, reportThrown } from './output';
import { cogniProgram } from './program';

/** The `cogni` command: runs one command line and gives its exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const program = cogniProgram();
  try {
    // The first word only: behind a command it may be a word for a program on a host.
    const [first] = argv.filter((word) => word !== '--json');
    if (first === '--version') {
      const { versionHere, versionText } = await import('./version.js');
      const version = await versionHere();
      printResult({ json: argv.includes('--json') }, version, versionText(version));
      return ExitCode.done;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return Number(process.exitCode ?? ExitCode.done);
  } catch (thrown) {
    const json = argv.includes('--json');
    if (!(thrown instanceof CommanderError)) return reportThrown(thrown, { json });
    if (thrown.exitCode === 0) return ExitCode.done;
    if (json) printFailure({ what: thrown.message, next: './cogni --help', exitCode: ExitCode.usage });
    return ExitCode.usage;
  }
}

outliveReaders();
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
