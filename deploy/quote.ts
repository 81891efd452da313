/**
 * The one place where an argv array becomes text: ssh joins the words of a remote command with blanks and the login
 * shell of the remote user takes them apart again. Every word is put in single quotes, within which a POSIX shell
 * gives no character a meaning (POSIX.1-2017, Shell Command Language, 2.2.2), so exactly the same words come out.
 *
 * @throws RangeError for a NUL character, which no argument of a program can hold.
 */
export function remoteCommandLine(argv: readonly string[]): string {
  return argv.map(quoted).join(' ');
}

/** The same words for people to read: quotes only where a shell would need them. Not for sending. */
export function displayedCommandLine(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word))).join(' ');
}

function quoted(word: string): string {
  if (word.includes('\0')) throw new RangeError('an argument of a command cannot hold a NUL character');
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
