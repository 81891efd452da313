/**
 * Whether a name that somebody wrote may be shown. A secret that was pasted over several lines leaves lines that read as
 * names: the end of a key in base64 is `c2VjcmV0=`, one in base32 is all in capitals. Names of variables are in capitals, and short
 * or of several words.
 */
export const isShownName = (name: string): boolean => /^(?=.{1,12}$|.*_)[A-Z][A-Z0-9_]{0,39}$/.test(name);

/**
 * A name as it may be shown, or where it stands.
 *
 * @param line of a file, from 1; undefined where it is not known
 */
export function shownName(name: string, line: number | undefined): string {
  if (isShownName(name)) return name;
  return line === undefined ? 'a name that is not shown' : `line ${line}`;
}
