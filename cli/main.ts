import { CommanderError } from 'commander';
import { ExitCode } from '../foundation/failure';
import { reportThrown } from './output';
import { cogniProgram } from './program';

/** The `cogni` command: runs one command line and gives its exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const program = cogniProgram();
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return Number(process.exitCode ?? ExitCode.done);
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? ExitCode.done : ExitCode.usage;
    return reportThrown(thrown, { json: program.opts<{ json?: boolean }>().json ?? false });
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
