import { Secret } from '../../foundation/secret';

export interface DatabaseUrlParts {
  readonly user: string;
  readonly password: Secret;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** libpq documentation, "SSL Support": always said, because programs differ in what they take for granted. */
  readonly sslmode: 'disable' | 'require' | 'verify-full';
}

/** A connection URL from its parts, each escaped: a password of any characters reads back as itself. */
export function databaseUrl(name: string, parts: DatabaseUrlParts): Secret {
  const { user, password, host, port, database, sslmode } = parts;
  const login = `${urlEscaped(user)}:${urlEscaped(password.reveal())}`;
  return Secret.of(name, `postgresql://${login}@${host}:${port}/${urlEscaped(database)}?sslmode=${sslmode}`);
}

/** RFC 3986, section 2.2: also the reserved characters that encodeURIComponent leaves as they are. */
export const urlEscaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
