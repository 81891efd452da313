import { ExitCode, Failure } from '../foundation/failure';
import { reportThrown } from './output';

/**
 * What becomes of a command whose output nobody reads any more (`./cogni logs preview | head`), or cannot be written.
 *
 * Progress goes to standard error: with its reader gone, what is being done to a host is done to its end all the same. Results go to standard
 * output: with nobody to read them nothing is left to do, and a result that is lost on a full disk is a failure.
 */
export function outliveReaders(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'EPIPE') process.exit();
    const lost = new Failure({
      what: `the output cannot be written: ${thrown.message}`,
      state: 'what the command did is done, and what it printed is not whole',
      next: 'make room where its output goes, then run the command again',
    });
    process.exit(reportThrown(lost, { json: false }) || ExitCode.failed);
  });
}
