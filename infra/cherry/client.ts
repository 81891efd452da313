import { z } from 'zod';
import type { Clock } from '../../foundation/clock';
import { messageOf } from '../../foundation/failure';
import type { Https, HttpsAnswer } from '../../foundation/https';
import type { Secret } from '../../foundation/secret';

/**
 * The part of the Cherry Servers API (v1) that is asked before a plan and after a failed apply. It only reads; what is changed of a
 * server that is given up is apart ({@link CherryChanges}).
 *
 * Source of paths and shapes: the API's clients (cherrygo 3.9, its Python SDK) and its documentation, 2026-11; fields that
 * are not needed are not looked at, so that new ones change nothing.
 */
export interface CherryApi {
  /** Projects of every team that the token may see. */
  readonly projects: () => Promise<readonly Project[]>;
  /** A plan by its slug; undefined when there is none of that name. */
  readonly plan: (slug: string) => Promise<Plan | undefined>;
  readonly plans: () => Promise<readonly { readonly slug: string }[]>;
  /** Images that a plan can be installed with. */
  readonly images: (plan: string) => Promise<readonly Image[]>;
  readonly keys: () => Promise<readonly Key[]>;
  readonly servers: (project: number) => Promise<readonly Server[]>;
  /** Every address of a project, floating ones and those of its servers. */
  readonly addresses: (project: number) => Promise<readonly Address[]>;
}

const project = z.object({ id: z.number(), name: z.string().default('') });
const plan = z.object({
  slug: z.string(),
  pricing: z
    .array(
      z.object({
        unit: z.string().nullish(),
        price: z.number().nullish(),
        currency: z.string().nullish(),
        taxed: z.boolean().nullish(),
      }),
    )
    .nullish(),
  available_regions: z
    .array(
      z.object({
        slug: z.string().optional(),
        name: z.string().optional(),
        stock_qty: z.number().default(0),
      }),
    )
    .nullish(),
});
const image = z.object({ name: z.string(), slug: z.string() });
const key = z.object({
  id: z.number(),
  label: z.string(),
  key: z.string(),
  fingerprint: z.string().default(''),
});
const server = z.object({
  id: z.number(),
  name: z.string().nullish(),
  hostname: z.string().nullish(),
  state: z.string().default('unknown'),
  /** Of its deployment: `deployed`, `deploying`, `failed deployment`. */
  status: z.string().nullish(),
  /** Name of the image, not its slug. */
  image: z.string().nullish(),
  plan: z.object({ slug: z.string().nullish() }).nullish(),
  region: z.object({ slug: z.string().nullish() }).nullish(),
  created_at: z.string().nullish(),
  tags: z.record(z.string(), z.unknown()).nullish(),
  ip_addresses: z.array(z.object({ address: z.string(), type: z.string() })).nullish(),
  /** Only how many there are is looked at. */
  ssh_keys: z.array(z.unknown()).nullish(),
});
const address = z.object({
  id: z.string(),
  address: z.string().default(''),
  type: z.string().nullish(),
  /** The server that it leads to. */
  targeted_to: z.object({ id: z.number() }).nullish(),
});

export type Project = z.infer<typeof project>;
export type Plan = z.infer<typeof plan>;
export type Image = z.infer<typeof image>;
export type Key = z.infer<typeof key>;
export type Server = z.infer<typeof server>;
export type Address = z.infer<typeof address>;

/**
 * What is changed of a server that is given up. Each is asked once: what an answer that did not come has done is looked up, not
 * guessed.
 */
export interface CherryChanges {
  /** Ends the power of a server; its disk stays. */
  readonly powerOff: (server: number) => Promise<void>;
  /** Changes the record of a server, and nothing of the machine. */
  readonly rename: (
    server: number,
    to: { readonly name: string; readonly tags: Readonly<Record<string, string>> },
  ) => Promise<void>;
  /** Takes a floating address from whatever server has it. */
  readonly detach: (address: string) => Promise<void>;
}

/** Why the API gave no answer that can be used. */
export type ApiTrouble =
  'token' | 'forbidden' | 'missing' | 'limited' | 'refused' | 'broken' | 'foreign' | 'silent';

/** No usable answer. The message is a whole sentence for people, without the token. */
export class CherryApiError extends Error {
  override readonly name = 'CherryApiError';
  constructor(
    readonly trouble: ApiTrouble,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface CherryApiProps {
  readonly https: Https;
  readonly token: Secret;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for one answer. @default 20 seconds */
  readonly deadline?: number;
  /** @default 'https://api.cherryservers.com' */
  readonly base?: string;
}

/** How often a question is asked again that only reads, and milliseconds to wait before that. */
const pauses = [1_000, 3_000] as const;
/** Milliseconds: a longer Retry-After is not waited for. */
const longestPause = 15_000;

export function cherryApi(props: CherryApiProps): CherryApi {
  const read = <T>(path: string, shape: z.ZodType<T>): Promise<T> => ask(props, path, shape);
  return {
    projects: async () => {
      const teams = await read('/teams', z.array(z.object({ id: z.number() })));
      const found: Project[] = [];
      // One after the other: more than four requests a second may be refused.
      for (const { id } of teams) found.push(...(await read(`/teams/${id}/projects`, z.array(project))));
      return found;
    },
    plan: async (slug) => {
      try {
        return await read(`/plans/${encodeURIComponent(slug)}`, plan);
      } catch (thrown) {
        if (thrown instanceof CherryApiError && ['missing', 'refused'].includes(thrown.trouble))
          return undefined;
        throw thrown;
      }
    },
    plans: () => read('/plans', z.array(z.object({ slug: z.string() }))),
    images: (slug) => read(`/plans/${encodeURIComponent(slug)}/images`, z.array(image)),
    keys: () => read('/ssh-keys', z.array(key)),
    servers: (id) => read(`/projects/${id}/servers`, z.array(server)),
    addresses: (id) => read(`/projects/${id}/ips`, z.array(address)),
  };
}

export function cherryChanges(props: CherryApiProps): CherryChanges {
  const change = async (method: 'POST' | 'PUT', path: string, body: object): Promise<void> => {
    const answer = await send(props, path, { method, body: JSON.stringify(body) }).catch(
      (thrown: unknown) => {
        if (props.signal?.aborted) throw thrown;
        throw silent(path, thrown, method);
      },
    );
    if (answer.status >= 300) throw errorOf(path, answer);
  };
  return {
    powerOff: (id) => change('POST', `/servers/${id}/actions`, { type: 'power_off' }),
    rename: (id, { name, tags }) => change('PUT', `/servers/${id}`, { name, hostname: name, tags }),
    // "0" is no server (the provider's client; a target that is left out stays as it is).
    detach: (id) => change('PUT', `/ips/${encodeURIComponent(id)}`, { targeted_to: '0' }),
  };
}

async function ask<T>(props: CherryApiProps, path: string, shape: z.ZodType<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const pause = pauses[attempt];
    const answer = await send(props, path).catch((thrown: unknown) => {
      if (props.signal?.aborted) throw thrown;
      return silent(path, thrown);
    });
    if (!(answer instanceof CherryApiError) && answer.status < 300) return decoded(path, answer, shape);
    const error = answer instanceof CherryApiError ? answer : errorOf(path, answer);
    if (pause === undefined || !['limited', 'broken', 'silent'].includes(error.trouble)) throw error;
    const wanted = answer instanceof CherryApiError ? undefined : retryAfter(answer);
    if (wanted !== undefined && wanted > longestPause) throw error;
    await props.clock.sleep(Math.max(pause, wanted ?? 0), props.signal);
  }
}

const send = (
  { https, token, signal, deadline = 20_000, base = 'https://api.cherryservers.com' }: CherryApiProps,
  path: string,
  sent?: { readonly method: 'POST' | 'PUT'; readonly body: string },
): Promise<HttpsAnswer> =>
  https({
    url: `${base}/v1${path}`,
    ...sent,
    headers: {
      authorization: `Bearer ${token.reveal()}`,
      accept: 'application/json',
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
    },
    deadline,
    signal,
  });

const silent = (path: string, cause: unknown, method = 'GET'): CherryApiError =>
  new CherryApiError('silent', `the Cherry API gave no answer to ${method} /v1${path}: ${messageOf(cause)}`, {
    cause,
  });

/** Seconds, as the API writes it. */
function retryAfter({ headers }: HttpsAnswer): number | undefined {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}

function errorOf(path: string, answer: HttpsAnswer): CherryApiError {
  const { status } = answer;
  const said = messageIn(answer);
  const text = said === undefined ? '' : `: ${said}`;
  switch (true) {
    case status === 401:
      return new CherryApiError(
        'token',
        `the Cherry API does not know the token (401${text}): is CHERRY_AUTH_KEY or CHERRY_AUTH_TOKEN a living API key?`,
      );
    case status === 403:
      return new CherryApiError('forbidden', `the token may not read /v1${path} (403${text})`);
    case status === 404:
      return new CherryApiError('missing', `the Cherry API has no /v1${path} (404${text})`);
    case status === 429:
      return new CherryApiError(
        'limited',
        `the Cherry API takes no more requests for the moment (429${text}): wait a minute, then run this again`,
      );
    case status >= 500:
      return new CherryApiError(
        'broken',
        `the Cherry API is out of order: status ${status} for /v1${path}${said === undefined ? foreign(answer) : text}`,
      );
    case status >= 300 && status < 400:
      return new CherryApiError(
        'foreign',
        `/v1${path} leads elsewhere (status ${status}), which is not followed`,
      );
    default:
      return new CherryApiError('refused', `the Cherry API refused /v1${path} with status ${status}${text}`);
  }
}

const foreign = ({ headers, body }: HttpsAnswer): string =>
  body.length === 0
    ? ', without a text'
    : `, with something that is not the API's (${(headers['content-type'] ?? 'no content type').slice(0, 60)})`;

function messageIn({ body }: HttpsAnswer): string | undefined {
  try {
    const { message } = JSON.parse(body.toString('utf8')) as { message?: unknown };
    // From outside: one line, no control characters.
    return typeof message === 'string' ? message.replace(/\p{C}+/gu, ' ').slice(0, 200) : undefined;
  } catch {
    return undefined;
  }
}

function decoded<T>(path: string, answer: HttpsAnswer, shape: z.ZodType<T>): T {
  let document: unknown;
  try {
    document = JSON.parse(answer.body.toString('utf8'));
  } catch (cause) {
    throw new CherryApiError(
      'foreign',
      `what answers for the Cherry API at /v1${path} is not it: status ${answer.status}${foreign(answer)}; is there a proxy in between?`,
      { cause },
    );
  }
  const read = shape.safeParse(document);
  if (read.success) return read.data;
  const [first] = read.error.issues;
  throw new CherryApiError(
    'foreign',
    `the answer of /v1${path} is not of the form that is known: ${first?.path.join('.') ?? ''}: ${first?.message ?? ''}`,
  );
}
