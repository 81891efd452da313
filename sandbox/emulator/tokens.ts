import { createHash } from 'node:crypto';
import type { TokenAccess } from './state';

export interface TokenConfig {
  /** What logs and the control API call it; the token itself is never shown. */
  readonly name: string;
  readonly token: string;
  readonly team: number;
  readonly access: Exclude<TokenAccess, 'revoked'>;
}

/** Who calls. */
export interface Caller {
  readonly token: string;
  readonly team: number;
  readonly access: TokenAccess;
}

/** The tokens that the emulator knows, by digest: the values are not kept. */
export class Tokens {
  readonly #known: ReadonlyMap<string, Omit<TokenConfig, 'token'>>;

  constructor(tokens: readonly TokenConfig[]) {
    this.#known = new Map(tokens.map(({ token, ...rest }) => [digest(token), rest]));
  }

  /**
   * The caller behind an `Authorization` header, whatever its access; undefined when the token is missing or unknown.
   *
   * @param changes access by token name as it was changed since the start.
   */
  tryFind(
    authorization: string | undefined,
    changes: Readonly<Record<string, TokenAccess>>,
  ): Caller | undefined {
    const value = bearerOf(authorization);
    const known = value === undefined ? undefined : this.#known.get(digest(value));
    return known && { token: known.name, team: known.team, access: changes[known.name] ?? known.access };
  }

  has(name: string): boolean {
    return [...this.#known.values()].some((token) => token.name === name);
  }

  /** What a log may show of an `Authorization` header. */
  redacted(authorization: string | undefined): string {
    if (authorization === undefined) return '(none)';
    const caller = this.tryFind(authorization, {});
    if (caller) return `Bearer (token ${caller.token})`;
    return bearerOf(authorization) === undefined ? '(not a bearer token)' : 'Bearer (unknown token)';
  }
}

const bearerOf = (authorization: string | undefined): string | undefined =>
  /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];

const digest = (value: string): string => createHash('sha256').update(value).digest('hex');
