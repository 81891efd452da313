import type { LoggedRequest } from '../../../sandbox/emulator/request-log';
import document from '../emulator/provider-v1.5.3-requests.json';

interface Step {
  readonly method: string;
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

const operations = document.operations as unknown as Readonly<Record<string, readonly Step[]>>;

/** The operations that some test has seen. */
export const seen = new Set<string>();

/**
 * What the requests file says about operations done one after the other, in the form of {@link sent}: `METHOD path` with
 * ids as `{id}`, and the names of the body's fields.
 *
 * @param without fields that are left out here because they were not configured, or did not change
 */
export function expected(names: readonly string[], without: readonly string[] = []): readonly string[] {
  return names.flatMap((name) => {
    const steps = operations[name];
    if (!steps) throw new Error(`${name} is not in the requests file`);
    seen.add(name);
    return steps.map(({ method, path, body }) => {
      const fields = Object.keys(body ?? {}).filter((field) => !without.includes(field));
      return line(method, path, body && fields);
    });
  });
}

/** What was really sent, for comparison with {@link expected}. */
export const sent = (requests: readonly LoggedRequest[]): readonly string[] =>
  requests.map(({ method, path, body }) =>
    line(method, path, typeof body === 'object' && body !== null ? Object.keys(body) : undefined),
  );

/** Requests about one kind of thing: terraform works on several things at a time, in no fixed order among them. */
export const about = (pattern: RegExp, requests: readonly LoggedRequest[]): readonly LoggedRequest[] =>
  requests.filter(({ path }) => pattern.test(path));

function line(method: string, path: string, fields: readonly string[] | undefined): string {
  const [route = '', query] = path.split('?');
  const template = route
    .replace(/\{[^}]+\}/g, '{}')
    .replace(/^(\/v1\/plans)\/[^/]+/, '$1/{}')
    .replace(/^(\/v1\/regions)\/[^/]+/, '$1/{}')
    .replace(/\/(\d+|[0-9a-f]{8}-[0-9a-f-]{27})(?=\/|$)/g, '/{}');
  const body = fields ? ` ${[...fields].sort().join(',')}` : '';
  return `${method} ${template}${query === undefined ? '' : `?${query}`}${body}`;
}
