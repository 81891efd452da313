import { messageOf } from '../../foundation/failure';
import type { Pools } from './addresses';
import type { Jobs } from './jobs';
import { afterTime } from './lifecycle';
import { routed, type Outcome } from './routes';
import type { State } from './state';
import type { Store } from './store';
import type { Tokens } from './tokens';
import { refuseIf, Refused } from './validation';

/** A call as it comes in. */
export interface ApiCall {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON; undefined = no body. */
  readonly body: unknown;
}

export interface ApiProps {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly tokens: Tokens;
  readonly pools: Pools;
  /** Milliseconds on the emulator's clock. */
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/** The API without HTTP: a call in, an answer out. */
export class Api {
  readonly #props: ApiProps;
  /** Times of the calls of the last second, for the rate limit. */
  #recent: readonly number[] = [];

  constructor(props: ApiProps) {
    this.#props = props;
  }

  /**
   * Takes effect, waits for the machines where the call is answered only then, and answers. What it answers is the
   * record as the call left it: a server that was just ordered is `pending` there, and `active` in the first poll.
   */
  async answer(call: ApiCall): Promise<ApiAnswer> {
    const { store, jobs, log } = this.#props;
    try {
      const outcome = this.#takeEffect(call);
      const awaited = jobs.startAll().filter((job) => job.awaited);
      await Promise.all(awaited.map((job) => jobs.settled(job.server)));
      store.change((state) => afterTime(state, this.#props.now()));
      return {
        status: outcome.status,
        headers: outcome.total === undefined ? {} : { 'X-Total-Count': String(outcome.total) },
        body: outcome.body,
      };
    } catch (thrown) {
      if (thrown instanceof Refused) return refusal(thrown);
      log(`${call.method} ${call.path}: fault of the emulator itself: ${messageOf(thrown)}`);
      return errorAnswer(500, 'Something went wrong.');
    }
  }

  /** One synchronous step: nothing comes between looking at the state and changing it. */
  #takeEffect(call: ApiCall): Outcome {
    const { store } = this.#props;
    const now = this.#props.now();
    const state = store.change((before) => afterTime(before, now));
    const outcome = this.#outcomeOf(call, state, now);
    store.change(() => outcome.state);
    return outcome;
  }

  #outcomeOf(call: ApiCall, state: State, now: number): Outcome {
    const { tokens, pools } = this.#props;
    this.#countAgainstLimit(state.settings.rateLimit, now);
    const { handler, id } = routed(call.method, call.path);
    const caller = tokens.tryFind(call.authorization, state.tokens);
    if (!caller || caller.access === 'revoked') throw new Refused('unknownToken');
    refuseIf(caller.access === 'read-only' && call.method !== 'GET', 'readOnlyToken');
    return handler({ state, now, pools, caller, id, query: call.query, body: parsed(call.body) });
  }

  #countAgainstLimit(limit: number | null, now: number): void {
    const recent = limit === null ? [] : this.#recent.filter((time) => time > now - 1000);
    this.#recent = recent;
    if (limit === null) return;
    refuseIf(recent.length >= limit, 'rateLimited');
    this.#recent = [...recent, now];
  }
}

/** An error in the only shape that clients of the API can read. */
const errorAnswer = (
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ApiAnswer => ({ status, headers, body: { code: status, message } });

export const refusal = (refused: Refused): ApiAnswer =>
  errorAnswer(refused.status, refused.message, refused.rule === 'rateLimited' ? { 'Retry-After': '1' } : {});

function parsed(body: string): unknown {
  if (body.trim() === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    throw new Refused('badParameters', 'The body is not JSON.');
  }
}
