import { ExitCode, Failure } from '../foundation/failure';
import { renderExampleFile } from '../services';
import {
  changelogFile,
  documentsText,
  judgeDocuments,
  judgeRelease,
  noCommit,
  openPoints,
  releaseText,
  repositoryAt,
  trailerName,
  type DocumentsReport,
  type ReleaseFiles,
  type ReleaseReport,
  type Repository,
} from '../workflows';
import { checkout } from './context';
import { keepSummary } from './step-summary';

export interface ChangeAsked {
  /** Commit that the change is held against. */
  readonly base: string;
  /** File that the report is appended to: `$GITHUB_STEP_SUMMARY`. */
  readonly summary?: string;
}

interface Printed<Result> {
  readonly result: Result;
  readonly text: string;
}

/**
 * Whether every change to deployment behaviour changes its page too.
 *
 * @throws Failure (refused) that names each page that is missing, and how to say that none is concerned
 */
export async function checkDocuments(
  { base, head, summary }: ChangeAsked & { readonly head: string },
  repository: Repository = repositoryAt(checkout),
): Promise<Printed<DocumentsReport>> {
  const change = await repository.change(await repository.commitOf(base), await repository.commitOf(head));
  const result = judgeDocuments(change);
  const text = documentsText(result);
  keepSummary(summary, 'Documents of this change', text);
  const missing = result.topics.filter(({ outcome }) => outcome.kind === 'missing');
  if (missing.length === 0) return { result, text };
  throw new Failure({
    what: 'a change to how deployments behave changes its page in the same pull request',
    faults: missing.map(
      ({ topic, changed, documents }) =>
        `${topic} (${changed.length} changed, ${changed[0] ?? ''} first): none of ${documents.join(', ')}`,
    ),
    next: `change the page; or, where what it says stays true, say why in a commit: git commit --amend --trailer "${trailerName}: ${missing[0]?.topic ?? ''}: <why>"`,
    exitCode: ExitCode.refused,
    output: text,
  });
}

/**
 * The release checklist, as far as it stands in files: of the commit that is checked out, against the one that is named.
 *
 * @throws Failure (refused) that names every point that is not done, and what to do
 */
export async function checkRelease(
  { base, summary }: ChangeAsked,
  repository: Repository = repositoryAt(checkout),
): Promise<Printed<ReleaseReport>> {
  const head = await repository.commitOf('HEAD');
  const before = noCommit.test(base) ? undefined : await repository.commitOf(base);
  const result = judgeRelease({
    before: before === undefined ? undefined : await filesOf(repository, before),
    after: await filesOf(repository, head),
    renderedExample: renderExampleFile(),
  });
  const text = releaseText(result);
  keepSummary(summary, 'Release checklist', text);
  const open = openPoints(result);
  if (open.length === 0) return { result, text };
  throw new Failure({
    what: `${head.slice(0, 12)} is no release: its checklist is not done`,
    faults: open,
    next: 'do and commit that, then run this again',
    exitCode: ExitCode.refused,
  });
}

async function filesOf(repository: Repository, commit: string): Promise<ReleaseFiles> {
  const [packageJson, changelog, exampleFile] = await Promise.all(
    ['package.json', changelogFile, '.env.example'].map((path) => repository.fileOf(commit, path)),
  );
  return { packageJson, changelog, exampleFile };
}
