import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../foundation/clock';
import { refusal, type Api, type ApiAnswer, type ApiCall } from './api';
import { meet, type Fault } from './faults';
import type { Connection } from './proxy';
import { shownBody, type RequestLog } from './request-log';
import type { Store } from './store';
import type { Tokens } from './tokens';
import { Refused } from './validation';

/** Bytes of a request body that are read. */
const bodyLimit = 1024 * 1024;

export interface ServerProps {
  readonly api: Api;
  readonly store: Store;
  readonly tokens: Tokens;
  readonly requests: RequestLog;
  /** For delays; real time. */
  readonly clock: Clock;
  /** Milliseconds on the emulator's clock. */
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/**
 * HTTP around the API: reads the call, lets an injected fault have its way with it, sends the answer, writes the log.
 */
export async function serve(
  props: ServerProps,
  request: IncomingMessage,
  response: ServerResponse,
  connection: Connection,
): Promise<void> {
  const started = props.clock.monotonic();
  const url = new URL(request.url ?? '/', 'http://api');
  const method = request.method ?? 'GET';
  const body = await tryReadBody(request);
  const { authorization } = request.headers;
  const call: ApiCall = {
    method,
    path: url.pathname,
    query: url.searchParams,
    authorization,
    body: body ?? '',
  };
  const fault = meetFault(props.store, call);
  const answer =
    body === undefined
      ? refusal(new Refused('bodyTooLarge', `At most ${bodyLimit} bytes.`))
      : await answerUnder(props, call, fault);
  const logged = props.requests.add({
    at: new Date(props.now()).toISOString(),
    method,
    path: request.url ?? '/',
    authorization: props.tokens.redacted(authorization),
    userAgent: request.headers['user-agent'],
    connection: request.headers.connection,
    body: shownBody(call.body),
    status: typeof answer === 'string' ? undefined : answer.status,
    milliseconds: Math.round(props.clock.monotonic() - started),
    fault: fault?.id,
  });
  const outcome = typeof answer === 'string' ? answer : `${answer.status}${messageIn(answer)}`;
  const met = fault ? ` (fault ${fault.id}: ${fault.then.kind})` : '';
  props.log(
    `${method} ${logged.path} ${logged.authorization}: ${outcome} in ${logged.milliseconds} ms${met}`,
  );
  if (answer === 'reset') connection.reset();
  else if (answer !== 'silence') send(response, answer);
}

/** The answer to a call, or what happens to its connection instead. */
async function answerUnder(
  { api, clock }: ServerProps,
  call: ApiCall,
  fault: Fault | undefined,
): Promise<ApiAnswer | 'reset' | 'silence'> {
  if (!fault) return api.answer(call);
  const { then } = fault;
  switch (then.kind) {
    case 'reset':
    case 'silence':
      return then.kind;
    case 'lose-answer':
      await api.answer(call);
      return 'reset';
    case 'delay':
      await clock.sleep(then.milliseconds);
      return api.answer(call);
    case 'answer':
      if (then.committed) await api.answer(call);
      return { status: then.status, headers: then.headers, body: then.body };
    case 'alter': {
      const answer = await api.answer(call);
      if (typeof answer.body !== 'object' || answer.body === null || Array.isArray(answer.body))
        return answer;
      const altered = Object.entries({ ...answer.body, ...then.set }).filter(
        ([name]) => !then.remove.includes(name),
      );
      return { ...answer, body: Object.fromEntries(altered) };
    }
  }
}

function meetFault(store: Store, call: ApiCall): Fault | undefined {
  const { faults, met } = meet(store.state.faults, call);
  store.change((state) => (faults === state.faults ? state : { ...state, faults }));
  return met;
}

function send(response: ServerResponse, { status, headers, body }: ApiAnswer): void {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json';
  response.writeHead(status, {
    ...(text ? { 'Content-Type': type } : {}),
    ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(text) }),
    ...headers,
  });
  response.end(text);
}

/** The whole body, or undefined when it is larger than we keep. Read to its end all the same, so that it can be answered. */
async function tryReadBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= bodyLimit) chunks.push(chunk);
  }
  return size > bodyLimit ? undefined : Buffer.concat(chunks).toString();
}

const messageIn = ({ status, body }: ApiAnswer): string =>
  status >= 300 && typeof body === 'object' && body !== null && 'message' in body
    ? ` "${String(body.message)}"`
    : '';
