import { CommanderError } from 'commander';
import { ExitCode } from '../foundation/failure';
import { outliveReaders } from './closed-output';
import { printResult, reportThrown } from './output';
import { asksForJson, usageFailure } from './output-options';
import { cogniProgram } from './program';

/** The `cogni` command: runs one command line and gives its exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const program = cogniProgram();
  const json = asksForJson(argv);
  try {
    // The first word only: behind a command it may be a word for a program on a host.
    const [first] = argv.filter((word) => word !== '--json');
    if (first === '--version') {
      const { versionHere, versionText } = await import('./version.js');
      const version = await versionHere();
      printResult({ json }, version, versionText(version));
      return ExitCode.done;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return Number(process.exitCode ?? ExitCode.done);
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) return reportThrown(thrown, { json });
    if (thrown.exitCode === 0) return ExitCode.done;
    // Without --json the parser has said it already.
    return json ? reportThrown(usageFailure(thrown, argv), { json }) : ExitCode.usage;
  }
}

outliveReaders();
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
