import { Secret } from '../../foundation/secret';
import { renderDotEnv } from './dot-env';

/**
 * A settings file with some values more or others: a line of a name that is there is replaced where it stands, what is new
 * comes at the end, and all else, comments included, stays as it is.
 *
 * @param text of a file that can be read (`parseDotEnv`); undefined where there is none
 * @throws Failure that names every value that cannot be written; nothing is made then
 */
export function mergeDotEnv(text: string | undefined, values: ReadonlyMap<string, string | Secret>): Secret {
  renderDotEnv(values);
  const line = (name: string, value: string | Secret): string => renderDotEnv([[name, value]]).reveal();
  const rest = new Map(values);
  const lines = text === undefined || text.trim() === '' ? [] : text.trimEnd().split('\n');
  const merged = lines.map((each) => {
    const name = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(each)?.[1] ?? '';
    const value = rest.get(name);
    if (value === undefined) return `${each}\n`;
    rest.delete(name);
    return line(name, value);
  });
  const added = [...rest].map(([name, value]) => line(name, value));
  return Secret.of('.env', [...merged, ...added].join(''));
}
