import { Failure } from '../../foundation/failure';
import { GithubError, type Github } from './api';
import { markerOf } from './marker';

export interface IssueProps {
  /** First line of the body, a comment of HTML: by it an issue of ours is known, also where somebody has written above it. */
  readonly marker: string;
  /** Undefined: there is no reason for one, and an open one is closed. */
  readonly wanted: { readonly title: string; readonly body: string } | undefined;
  /** Said when it is closed. */
  readonly closing: string;
  /** Account whose issues are ours. @default github-actions[bot] */
  readonly author?: string;
}

/** What became of the issue. */
export type KeptIssue = 'opened' | 'renewed' | 'same' | 'closed' | 'none';

interface Issue {
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly user: { readonly login: string } | null;
  /** GitHub lists pull requests as issues too. */
  readonly pull_request?: unknown;
}

const perPage = 100;

/**
 * Keeps one open issue of ours for as long as there is a reason for it. What has changed in it is said in a comment: nobody is told of
 * a description that was edited. An issue of somebody else is never touched, marker or not; one that a person closed is opened anew,
 * as another one, while the reason stays.
 *
 * @throws Failure when GitHub does not take it
 */
export async function keepIssue(
  github: Github,
  { marker, wanted, closing, author = 'github-actions[bot]' }: IssueProps,
): Promise<KeptIssue> {
  try {
    // A request whose answer was lost is made again: there may be two.
    const [ours, ...others] = await find(github, marker, author);
    for (const { number } of others) await close(github, number, 'There is another one about the same.');
    if (wanted === undefined) {
      if (ours === undefined) return 'none';
      await close(github, ours.number, closing);
      return 'closed';
    }
    if (ours === undefined) {
      await github('POST /repos/{owner}/{repo}/issues', { ...wanted });
      return 'opened';
    }
    if (ours.title === wanted.title && ours.body === wanted.body) return 'same';
    await github('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number: ours.number,
      ...wanted,
    });
    await comment(github, ours.number, 'What was found has changed: the description says what it is now.');
    return 'renewed';
  } catch (thrown) {
    if (!(thrown instanceof GithubError)) throw thrown;
    throw new Failure({
      what: `the issue could not be kept: ${thrown.message}`,
      state: 'an open one may be of an earlier look',
      next:
        thrown.status === 403
          ? 'give the job the right "issues: write"'
          : thrown.status === 410
            ? 'switch issues on in the settings of the repository'
            : 'run the same command again',
    });
  }
}

async function comment(github: Github, number: number, body: string): Promise<void> {
  await github('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { issue_number: number, body });
}

async function close(github: Github, number: number, why: string): Promise<void> {
  await comment(github, number, why);
  await github('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
    ...{ issue_number: number, state: 'closed', state_reason: 'completed' },
  });
}

/** Those that are open, the oldest first. */
async function find(github: Github, marker: string, author: string): Promise<readonly Issue[]> {
  const found: Issue[] = [];
  for (let page = 1; ; page += 1) {
    const issues = (await github('GET /repos/{owner}/{repo}/issues', {
      ...{ state: 'open', sort: 'created', direction: 'asc' },
      ...{ per_page: perPage, page },
    })) as readonly Issue[];
    found.push(
      ...issues.filter(
        ({ body, user, pull_request: pull }) =>
          pull === undefined && user?.login === author && markerOf(body) === marker,
      ),
    );
    if (issues.length < perPage) return found;
  }
}
