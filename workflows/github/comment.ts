import { Failure } from '../../foundation/failure';
import { GithubError, type Github } from './api';
import { markerOf } from './marker';

export interface CommentProps {
  /** Number of the pull request. */
  readonly pull: number;
  /** Markdown. Its first line is a hidden marker, `<!-- … -->`: one comment with it is kept, and renewed. */
  readonly body: string;
  /** Account whose comments are ours. @default github-actions[bot] */
  readonly author?: string;
}

/** The longest comment that GitHub takes, in characters (answer 422 beyond it). */
const longest = 65_536;
const perPage = 100;

interface Comment {
  readonly id: number;
  readonly body?: string;
  readonly user: { readonly login: string } | null;
}

/**
 * Keeps one comment of ours on a pull request, whatever was written into it by hand, above its first line too: the first one with the
 * marker is renewed, and a new one is made only where there is none. A comment of somebody else is never touched, marker or not.
 *
 * @throws Failure when the text has no marker or is too long, or GitHub does not take it
 */
export async function keepComment(
  github: Github,
  { pull, body, author = 'github-actions[bot]' }: CommentProps,
): Promise<'made' | 'renewed' | 'same'> {
  const marker = /^<!-- [^\n]+ -->(?=\n)/.exec(body)?.[0];
  const faults = [
    ...(marker === undefined ? ['its first line is not a marker: <!-- … -->'] : []),
    ...(body.length > longest ? [`it has ${body.length} characters, and GitHub takes ${longest}`] : []),
  ];
  if (marker === undefined || faults.length > 0) {
    throw new Failure({
      what: 'the text cannot be kept as a comment',
      faults,
      next: 'make it with ./cogni plan <env> --comment <file>, or ./cogni review <plan.json> --comment <file>',
    });
  }
  try {
    const isOurs = ({ user, body: text }: Comment): boolean =>
      user?.login === author && markerOf(text) === marker;
    const [ours, ...others] = (await commentsOn(github, pull)).filter(isOurs);
    // A request whose answer was lost is made again: there may be two, of which one would go on saying what is no longer true.
    for (const { id } of others)
      await github('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', { comment_id: id });
    if (ours === undefined) {
      await github('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { issue_number: pull, body });
      return 'made';
    }
    if (ours.body === body) return 'same';
    await github('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', { comment_id: ours.id, body });
    return 'renewed';
  } catch (thrown) {
    if (!(thrown instanceof GithubError)) throw thrown;
    throw new Failure({
      what: `the comment on pull request ${pull} could not be kept: ${thrown.message}`,
      state: 'the comment is as it was before, and may be of an older commit',
      next:
        thrown.status === 403
          ? 'give the job the right "pull-requests: write"'
          : 'run the same command again',
    });
  }
}

async function commentsOn(github: Github, pull: number): Promise<readonly Comment[]> {
  const all: Comment[] = [];
  for (let page = 1; ; page += 1) {
    const comments = (await github('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      issue_number: pull,
      per_page: perPage,
      page,
    })) as readonly Comment[];
    all.push(...comments);
    if (comments.length < perPage) return all;
  }
}
