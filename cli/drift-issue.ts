import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDriftReport, type DriftReport } from '../deploy/drift/finding';
import { driftIssue, driftMarker, parseResults } from '../deploy/drift/issue';
import { ExitCode, Failure } from '../foundation/failure';
import { keepIssue, type KeptIssue } from '../workflows';
import { githubHere } from './github-here';

export interface DriftIssueAsked {
  /** Folder with a report of each environment that was looked at. */
  readonly folder: string;
  /** GitHub's context `needs`, as JSON. */
  readonly results: string;
  readonly repository?: string;
  readonly author?: string;
}

/** Opens, renews or closes the issue, and says why. @throws Failure for what is no report, and what GitHub does not take */
export async function keepDriftIssue(
  asked: DriftIssueAsked,
): Promise<{ readonly issue: KeptIssue | 'as it is'; readonly why: string }> {
  const results = parseResults(asked.results);
  if (results === undefined) {
    throw new Failure({
      what: '--results is not what GitHub says of the jobs before: {"<job>": {"result": "…"}, …}',
      next: 'hand in ${{ toJSON(needs) }} of the workflow',
      exitCode: ExitCode.usage,
    });
  }
  const wanted = driftIssue(results, reportsIn(asked.folder));
  if (wanted.state === 'as it is') return { issue: wanted.state, why: wanted.why };
  const issue = await keepIssue(await githubHere(asked.repository), {
    marker: driftMarker,
    wanted: wanted.state === 'open' ? { title: wanted.title, body: wanted.body } : undefined,
    closing: `A look has found nothing: ${wanted.state === 'closed' ? wanted.why : ''}.`,
    ...(asked.author === undefined ? {} : { author: asked.author }),
  });
  return {
    issue,
    why: wanted.state === 'closed' ? wanted.why : 'something differs, or could not be looked at',
  };
}

/** A job that could not look has left none; that it failed is in the results. */
function reportsIn(folder: string): readonly DriftReport[] {
  return namesIn(folder).map((name) => {
    const report = parseDriftReport(readFileSync(join(folder, name), 'utf8'));
    if (typeof report !== 'string') return report;
    throw new Failure({
      what: `${join(folder, name)} is no report of drift: ${report}`,
      next: 'make it with ./cogni drift <env> --report <file>',
    });
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch {
    return [];
  }
}
