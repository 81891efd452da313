import { CommanderError } from 'commander';
import { ExitCode } from '../foundation/failure';
import { printFailure, reportThrown } from './output';
import { cogniProgram } from './program';

/** The `cogni` command: runs one command line and gives its exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const program = cogniProgram();
  try {
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

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
