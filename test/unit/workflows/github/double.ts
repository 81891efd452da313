import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import sodium from 'libsodium-wrappers';
import { Secret } from '../../../../foundation/secret';
import { githubApi, type Github } from '../../../../workflows';
import { fakeClock } from '../../deploy/fake-clock';
import description from './description.json';

interface Operation {
  readonly query: readonly string[];
  readonly body: { readonly required: readonly string[]; readonly optional: readonly string[] } | null;
}

/** What GitHub has of one repository, and what it was asked: every request is held against GitHub's own description. */
export interface GithubDouble {
  readonly url: string;
  readonly token: string;
  readonly environments: Set<string>;
  /** By `<place>/<name>`: what stood in the sealed box. */
  readonly secrets: Map<string, string>;
  readonly variables: Map<string, string>;
  /** `issue`: number of the issue or pull request; one without it is on each. */
  readonly comments: {
    id: number;
    body: string;
    user: { login: string; type: string };
    issue?: string;
  }[];
  readonly issues: DoubledIssue[];
  /** `PUT /repos/…`, as it came. */
  readonly asked: string[];
  /** Every way in which a request was none of the description's. */
  readonly violations: string[];
  /** Answers in the place of what would be answered. */
  before: (operation: string, path: string, response: ServerResponse) => boolean;
  reset(): void;
  stop(): Promise<void>;
}

export interface DoubledIssue {
  readonly number: number;
  title: string;
  body: string;
  state: string;
  readonly user: { readonly login: string };
  readonly pull_request?: object;
}

const written = '2026-11-20T08:00:00Z';

export async function githubDouble(): Promise<GithubDouble> {
  await sodium.ready;
  const keys = sodium.crypto_box_keypair();
  const operations = Object.entries(description.operations as Readonly<Record<string, Operation>>);
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  const double: GithubDouble = {
    url: `http://127.0.0.1:${address.port}`,
    token: 'ghp_p1anted-token',
    environments: new Set(['preview']),
    secrets: new Map(),
    variables: new Map(),
    comments: [],
    issues: [],
    asked: [],
    violations: [],
    before: () => false,
    reset() {
      for (const part of [double.secrets, double.variables]) part.clear();
      for (const part of [double.comments, double.issues, double.asked, double.violations]) part.length = 0;
      double.before = () => false;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  const answer = (response: ServerResponse, status: number, body?: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };

  function operationOf(method: string, path: string) {
    for (const [name, operation] of operations) {
      const [verb, template = ''] = name.split(' ');
      const form = template.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
      const found = new RegExp(`^${form}$`).exec(path);
      if (verb === method && found) return { name, operation, parameters: { ...found.groups } };
    }
    return undefined;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', double.url);
    const method = request.method ?? '';
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    double.asked.push(`${method} ${pathname}`);
    const found = operationOf(method, pathname);
    if (found === undefined) {
      double.violations.push(`${method} ${pathname} is no operation`);
      return answer(response, 404, { message: 'Not Found' });
    }
    const { name, operation, parameters } = found;
    const violate = (what: string): void => void double.violations.push(`${name}: ${what}`);
    for (const key of searchParams.keys()) if (!operation.query.includes(key)) violate(`query ${key}`);
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, string>);
    const allowed = [...(operation.body?.required ?? []), ...(operation.body?.optional ?? [])];
    for (const key of Object.keys(body)) if (!allowed.includes(key)) violate(`body ${key}`);
    for (const key of operation.body?.required ?? []) if (!(key in body)) violate(`body without ${key}`);
    if (request.headers['x-github-api-version'] === undefined) violate('no version of the API');
    if (request.headers.authorization !== `token ${double.token}`) {
      return answer(response, 401, { message: 'Bad credentials' });
    }
    if (double.before(name, pathname, response)) return;
    const environment = parameters['environment_name'];
    if (environment !== undefined && !double.environments.has(environment)) {
      return answer(response, 404, { message: 'Not Found' });
    }
    reply(response, method, pathname, environment ?? 'repository', parameters, body, searchParams);
  }

  function reply(
    response: ServerResponse,
    method: string,
    path: string,
    place: string,
    parameters: Readonly<Record<string, string>>,
    body: Readonly<Record<string, string>>,
    query: URLSearchParams,
  ): void {
    const page = <Item>(items: readonly Item[]): readonly Item[] => {
      const size = Number(query.get('per_page') ?? 30);
      return items.slice((Number(query.get('page') ?? 1) - 1) * size).slice(0, size);
    };
    const own = <Value>(map: ReadonlyMap<string, Value>) =>
      [...map].flatMap(([key, value]) =>
        key.startsWith(`${place}/`) ? [[key.slice(place.length + 1), value] as const] : [],
      );
    if (path.endsWith('/secrets/public-key')) {
      const key = sodium.to_base64(keys.publicKey, sodium.base64_variants.ORIGINAL);
      return answer(response, 200, { key_id: 'key-1', key });
    }
    if (method === 'PUT') {
      const key = `${place}/${parameters['secret_name'] ?? ''}`;
      if (body['key_id'] !== 'key-1') return answer(response, 422, { message: 'unknown key' });
      const box = Buffer.from(body['encrypted_value'] ?? '', 'base64');
      const opened = sodium.crypto_box_seal_open(box, keys.publicKey, keys.privateKey);
      const isNew = !double.secrets.has(key);
      double.secrets.set(key, Buffer.from(opened).toString('utf8'));
      return isNew ? answer(response, 201, {}) : answer(response, 204);
    }
    if (path.endsWith('/issues') && method === 'GET') {
      return answer(response, 200, page(double.issues.filter(({ state }) => state === query.get('state'))));
    }
    if (path.endsWith('/issues')) {
      const { title = '', body: text = '' } = body;
      const issue = {
        ...{ number: double.issues.length + 1, title, body: text, state: 'open' },
        user: { login: 'github-actions[bot]' },
      };
      double.issues.push(issue);
      return answer(response, 201, issue);
    }
    if (parameters['issue_number'] !== undefined && method === 'PATCH') {
      const issue = double.issues.find(({ number }) => String(number) === parameters['issue_number']);
      Object.assign(issue ?? {}, body);
      return answer(response, issue ? 200 : 404, issue);
    }
    const issue = parameters['issue_number'];
    if (path.endsWith('/comments') && method === 'GET') {
      const there = double.comments.filter((each) => each.issue === undefined || each.issue === issue);
      return answer(response, 200, page(there));
    }
    if (path.endsWith('/comments')) {
      const id = double.comments.length + 1;
      const user = { login: 'github-actions[bot]', type: 'Bot' };
      const comment = { id, body: body['body'] ?? '', user, ...(issue === undefined ? {} : { issue }) };
      double.comments.push(comment);
      return answer(response, 201, comment);
    }
    if (parameters['comment_id'] !== undefined) {
      const at = double.comments.findIndex(({ id }) => String(id) === parameters['comment_id']);
      if (method === 'DELETE' && at >= 0) double.comments.splice(at, 1);
      if (method === 'DELETE') return answer(response, at >= 0 ? 204 : 404);
      const comment = double.comments[at];
      if (comment) comment.body = body['body'] ?? '';
      return answer(response, comment ? 200 : 404, comment);
    }
    if (path.endsWith('/secrets')) {
      const secrets = own(double.secrets).map(([name]) => ({
        name,
        created_at: written,
        updated_at: written,
      }));
      return answer(response, 200, { total_count: secrets.length, secrets: page(secrets) });
    }
    if (method === 'GET' && path.endsWith('/variables')) {
      const variables = own(double.variables).map(([name, value]) => ({ name, value, updated_at: written }));
      return answer(response, 200, { total_count: variables.length, variables: page(variables) });
    }
    if (method === 'POST' || method === 'PATCH') {
      const key = `${place}/${parameters['name'] ?? body['name'] ?? ''}`;
      const there = double.variables.has(key);
      if (there === (method === 'POST')) return answer(response, there ? 409 : 404, { message: 'no' });
      double.variables.set(key, body['value'] ?? '');
      return method === 'POST' ? answer(response, 201, {}) : answer(response, 204);
    }
    answer(response, 200, { name: place });
  }

  return double;
}

/** How the project speaks to it. @param token what is shown to it. @default the one that it knows */
export const githubOf = (
  { token: known, url }: Pick<GithubDouble, 'token' | 'url'>,
  token = known,
): Promise<Github> =>
  githubApi({
    repository: 'cogni-dao/example',
    token: Secret.of('GITHUB_TOKEN', token),
    url,
    clock: fakeClock(),
  });
