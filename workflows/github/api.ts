import { systemClock, type Clock } from '../../foundation/clock';
import { Failure, messageOf } from '../../foundation/failure';
import type { Secret } from '../../foundation/secret';

/** One question to GitHub's REST API: a route as its description writes it, and the values for its parameters and body. */
export type Github = (route: string, parameters?: Readonly<Record<string, unknown>>) => Promise<unknown>;

export interface GithubProps {
  /** `owner/name` */
  readonly repository: string;
  readonly token: Secret;
  /** @default https://api.github.com */
  readonly url?: string;
  /** Milliseconds for each answer. @default 20,000 */
  readonly deadline?: number;
  readonly clock?: Clock;
}

/** GitHub answered, and not as it should. */
export class GithubError extends Error {
  override readonly name = 'GithubError';

  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Milliseconds for each answer. */
const answerDeadline = 20_000;
/** The pauses before another try. */
const pauses = [1_000, 4_000];
/** The longest that a limit is waited for, in milliseconds. */
const longestWait = 60_000;

/** The version of the API that is spoken (GitHub documentation, "API Versions"). */
const apiVersion = '2022-11-28';

/**
 * The API, asked for one repository. What fails for a moment is asked again: every request here may be made twice. A limit
 * that ends within a minute is waited for.
 *
 * @throws Failure when the repository is not named as owner/name
 */
export async function githubApi(props: GithubProps): Promise<Github> {
  const { clock = systemClock, token, url, deadline = answerDeadline } = props;
  const [owner, repo, ...rest] = props.repository.split('/');
  if (!owner || !repo || rest.length > 0 || /[^\w./-]/.test(props.repository)) {
    throw new Failure({
      what: `"${props.repository}" is not a repository of GitHub`,
      next: 'name it as owner/name, by --repository or GITHUB_REPOSITORY',
    });
  }
  const { Octokit } = await import('@octokit/core');
  const octokit = new Octokit({
    auth: token.reveal(),
    ...(url === undefined ? {} : { baseUrl: url.replace(/\/$/, '') }),
    // What it would print is said by whoever asked.
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
  });
  return async (route, parameters = {}) => {
    for (let attempt = 0; ; attempt += 1) {
      const signal = AbortSignal.timeout(deadline);
      try {
        const answer: { readonly data: unknown } = await octokit.request(route, {
          owner,
          repo,
          ...parameters,
          headers: { 'x-github-api-version': apiVersion },
          request: { signal },
        });
        return answer.data;
      } catch (thrown) {
        const pause = isLimit(thrown) ? waitFor(thrown, clock) : pauses[attempt];
        if (attempt >= pauses.length || pause === undefined || !isPassing(thrown))
          throw asError(thrown, signal.aborted ? deadline : undefined);
        await clock.sleep(pause);
      }
    }
  };
}

const nothing = (): void => undefined;

interface Answered {
  readonly status?: number;
  readonly response?: {
    readonly headers?: Readonly<Record<string, string | undefined>>;
    readonly data?: { readonly message?: string };
  };
}

/** Limits, faults of the server, and no answer at all. */
function isPassing(thrown: unknown): boolean {
  const { status, response } = thrown as Answered;
  if (response === undefined) return true;
  return status === 429 || (status ?? 0) >= 500 || isLimit(thrown);
}

/** Milliseconds until a limit ends, if it is near; undefined otherwise (GitHub documentation, "Rate limits"). */
function waitFor(thrown: unknown, clock: Clock): number | undefined {
  const wait = limitEnds(thrown, clock);
  return wait <= longestWait ? wait : undefined;
}

function isLimit(thrown: unknown): boolean {
  const { status, response } = thrown as Answered;
  const headers = response?.headers ?? {};
  return (
    (status === 403 || status === 429) &&
    (headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0')
  );
}

function limitEnds(thrown: unknown, clock: Clock): number {
  const headers = (thrown as Answered).response?.headers ?? {};
  const after = Number(headers['retry-after']);
  if (Number.isFinite(after)) return after * 1000;
  return Math.max(0, Number(headers['x-ratelimit-reset']) * 1000 - clock.now().getTime());
}

/** @param late milliseconds that were waited for in vain */
function asError(thrown: unknown, late: number | undefined): GithubError {
  const { status = 0, response } = thrown as Answered;
  if (response === undefined) {
    return new GithubError(
      0,
      late === undefined
        ? `GitHub could not be asked: ${messageOf(thrown)}`
        : `GitHub did not answer within ${late / 1000} s`,
    );
  }
  if (isLimit(thrown)) {
    const reset = Number(response.headers?.['x-ratelimit-reset']);
    const until = Number.isFinite(reset) ? ` until ${new Date(reset * 1000).toISOString()}` : '';
    return new GithubError(status, `GitHub limits the rate of requests${until} (${status})`);
  }
  return new GithubError(status, `GitHub answered ${status}: ${response.data?.message ?? 'nothing more'}`);
}
