import { createHash } from 'node:crypto';

/** One call to the API as it may be shown: no token, no password, no user-data. */
export interface LoggedRequest {
  readonly n: number;
  /** ISO 8601, on the emulator's clock. */
  readonly at: string;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** `Bearer (token <name>)`, or what else was there. */
  readonly authorization: string;
  readonly userAgent: string | undefined;
  /** The request's `Connection` header. */
  readonly connection: string | undefined;
  readonly body: unknown;
  /** Undefined when no answer was sent. */
  readonly status: number | undefined;
  readonly milliseconds: number;
  /** The fault that it met. */
  readonly fault: number | undefined;
}

/** Requests that are kept. */
const kept = 5_000;

/** The latest requests, oldest first. */
export class RequestLog {
  #entries: LoggedRequest[] = [];
  #count = 0;

  get entries(): readonly LoggedRequest[] {
    return this.#entries;
  }

  add(entry: Omit<LoggedRequest, 'n'>): LoggedRequest {
    this.#count += 1;
    const logged = { n: this.#count, ...entry };
    this.#entries = [...this.#entries.slice(1 - kept), logged];
    return logged;
  }

  clear(): void {
    this.#entries = [];
  }
}

/** A request body as it may be shown; undefined when there was none. */
export function shownBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return withoutSecrets(JSON.parse(text));
  } catch {
    return `(${Buffer.byteLength(text)} bytes, not JSON)`;
  }
}

/** Properties that hold secrets, or text that may. */
const hidden = new Set(['password', 'user_data', 'userData']);

/** A value in which passwords and user-data are replaced by their length and digest, at any depth. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]: [string, unknown]) =>
      hidden.has(name) && typeof inner === 'string' && inner !== ''
        ? [
            name,
            name === 'password'
              ? '(hidden)'
              : `(hidden: ${Buffer.byteLength(inner)} bytes, ${digestOf(inner)})`,
          ]
        : [name, withoutSecrets(inner)],
    ),
  );
}

const digestOf = (text: string): string =>
  `sha256 ${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
