import type { Members } from './expressions/evaluate';

/** What starts workflows, as much of it as ours look at. */
export type RepositoryEvent =
  | { readonly kind: 'push'; readonly branch: string; readonly before: string; readonly after: string }
  | {
      readonly kind: 'pull_request';
      readonly number: number;
      /** Branch that it is to be merged to. */
      readonly base: string;
      /** Full name of the repository that its branch is in: another one for a fork. */
      readonly from: string;
      readonly head: { readonly branch: string; readonly commit: string };
      /** The commit that GitHub makes of both, which the workflows run for. */
      readonly merge: string;
    }
  | {
      readonly kind: 'workflow_dispatch';
      /** Name of the file. */
      readonly file: string;
      readonly branch: string;
      readonly commit: string;
      readonly inputs: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'schedule'; readonly branch: string; readonly commit: string };

/** The commit whose files are taken, and which is checked out. */
export const commitOf = (event: RepositoryEvent): string =>
  event.kind === 'push' ? event.after : event.kind === 'pull_request' ? event.merge : event.commit;

/** Short name of what the commit was reached by; of a branch, that of the branch. */
export const refNameOf = (event: RepositoryEvent): string =>
  event.kind === 'pull_request' ? `${event.number}/merge` : event.branch;

const refOf = (event: RepositoryEvent): string =>
  event.kind === 'pull_request' ? `refs/pull/${event.number}/merge` : `refs/heads/${event.branch}`;

/** The payload, as the context `github.event` and the file of GITHUB_EVENT_PATH have it. */
function payloadOf(event: RepositoryEvent, repository: string): Members {
  const about = { repository: { full_name: repository } };
  switch (event.kind) {
    case 'push':
      return { ...about, ref: refOf(event), before: event.before, after: event.after };
    case 'pull_request':
      return {
        ...about,
        number: event.number,
        pull_request: {
          number: event.number,
          head: { ref: event.head.branch, sha: event.head.commit, repo: { full_name: event.from } },
          base: { ref: event.base, repo: { full_name: repository } },
        },
      };
    case 'workflow_dispatch':
      return { ...about, ref: refOf(event), inputs: event.inputs };
    case 'schedule':
      return { ...about };
  }
}

/** The context `github` of a run; the token is a job's own. */
export const githubContext = (
  event: RepositoryEvent,
  run: { readonly repository: string; readonly actor: string; readonly id: number },
): Members => ({
  actor: run.actor,
  base_ref: event.kind === 'pull_request' ? event.base : '',
  event: payloadOf(event, run.repository),
  event_name: event.kind,
  head_ref: event.kind === 'pull_request' ? event.head.branch : '',
  ref: refOf(event),
  ref_name: refNameOf(event),
  repository: run.repository,
  run_id: String(run.id),
  sha: commitOf(event),
});
