import { Failure } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
// These parts alone: the others take longer to load than a comment takes.
import { renderNoReport } from '../review/report/no-report';
import type { Github } from '../workflows/github/api';
import { keepComment } from '../workflows/github/comment';
import { checkoutState } from './checkout-state';
import { checkout } from './context';

/** Where a report is kept. */
export interface ReportPlace {
  /** Number. */
  readonly pullRequest: number;
  /** Account whose comment is renewed. @default github-actions[bot] */
  readonly author?: string;
  /** Stack whose report it is: where there is none, that is what the comment says. @default - the comment stays as it is */
  readonly stack?: string;
}

/**
 * Keeps the report that `cogni plan --comment` has written as one comment on a pull request.
 *
 * @param github is asked for once there is something to be kept
 * @throws Failure when there is no report, also where the comment says so by then: what stood there was of another commit
 */
export async function keepReport(
  file: string,
  { pullRequest: pull, author, stack }: ReportPlace,
  github: () => Promise<Github>,
): Promise<'made' | 'renewed' | 'same'> {
  const report = tryReadFile(file);
  const instead = async (): Promise<string | undefined> =>
    stack === undefined ? undefined : renderNoReport(stack, (await checkoutState(checkout))?.commit);
  const body = report ?? (await instead());
  if (body === undefined) {
    throw new Failure({ what: `there is no file ${file}`, next: './cogni plan <env> --comment <file>' });
  }
  const kept = await keepComment(await github(), { pull, body, ...(author === undefined ? {} : { author }) });
  if (report !== undefined) return kept;
  throw new Failure({
    what: `there is no report of ${stack ?? ''}: no file ${file}`,
    state: 'the comment on the pull request says so, in the place of what stood there',
    next: `read why it was not planned, in the log of the job that plans ${stack ?? ''}`,
  });
}
