import { declarationOf, settingNames } from '../settings/catalogue';

/** What must not leave the host in a log line. */
export interface Redaction {
  /** What it finds, for people. */
  readonly what: string;
  /**
   * A regular expression that RE2 and JavaScript read alike; its one group is what gets replaced, and what stands
   * around it stays for whoever reads the log. The group is part of every match: Alloy's stage takes no other.
   */
  readonly expression: string;
}

/** What stands in the place of a secret. */
export const redacted = '[redacted]';

const ours = settingNames.filter((name) => declarationOf(name).kind === 'secret').join('|');

/** Words that say of a name that its value is a secret, wherever in the name they stand. */
const telling = `password|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credential|${ours}`;
/** Names of values that are quoted: there a name is known to end. */
const name = `(?:(?:${telling}|authorization|cookie)[\\w.-]*|\\bpass|_pass|\\bpwd)`;
const separator = '\\s*[=:]\\s*';

/** What JSON and most others have between double quotes. */
const quoted = '(?:[^"\\\\]|\\\\.)';
/** As {@link quoted}, in a text that is itself between double quotes. */
const quotedTwice = '(?:[^"\\\\]|\\\\\\\\(?:\\\\\\\\|\\\\"|[^"\\\\]))';
/**
 * Begins a value, and not what follows a closing quote in JSON: `{"error":"no token:","code":401}` holds none. Of each closing
 * bracket and comma the next sign tells.
 */
const begun = '[}\\]]*(?:[^"\\\\,}\\]\\s]|\\\\.|,(?:[^"\\\\\\s]|\\\\.))';
/** To the next white space, or to the quote that ends the text around it. */
const unquoted = '[^\\s"\'\\\\](?:[^\\s"\\\\]|\\\\.|"[^\\s,}\\]:])*';

/** What stands between single quotes, as far as it goes. */
const singleQuoted = "(?:[^'\\\\]|\\\\.)";
/** Behind a closing quote; not what follows the one in `it's`, nor the end of a string of JSON. */
const behind = '(?:[\\s,;:.)}\\]\\\\]|$)';
/** Where no quote closes it, to the quote that ends the text around it: `{"msg":"no password: '","level":"info"}` holds none. */
const unclosed = `(?:[^'"\\\\]|\\\\.|"[^'"\\\\,}\\]:])`;

/**
 * Secrets by their name, by their form, and by where they stand. Every rule is applied to every line: what one leaves,
 * another may still find.
 */
export const redactions: readonly Redaction[] = [
  {
    // A secret of ours may hold quotes: it ends where white space is, which none holds.
    what: 'a secret of ours in a list of variables',
    expression: `(?:^|\\s)(?:${ours})=(\\S+)`,
  },
  {
    what: 'a value of JSON whose name says that it is a secret',
    expression: `(?i)${name}["']${separator}"(${quoted}+)`,
  },
  {
    what: 'a list in JSON whose name says that it holds secrets',
    expression: `(?i)${name}["']${separator}\\[\\s*"(${quoted}+(?:"\\s*,\\s*"${quoted}*)*)`,
  },
  {
    what: 'a value of JSON in a text of JSON',
    expression: `(?i)${name}\\\\["']${separator}\\\\"(${quotedTwice}+)`,
  },
  {
    what: 'a value of JSON in such a text of JSON, and further down: to the next quote',
    expression: `(?i)${name}\\\\+["']${separator}\\\\+["']([^\\s"'\\\\]+)`,
  },
  {
    // A count of tokens has a name in the plural, and is none.
    what: 'a number in JSON whose name says that it is a secret',
    expression:
      '(?i)(?:password|passwd|passphrase|secret|token|api[_-]?key)["\']\\s*:\\s*(-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)',
  },
  {
    what: 'a value in double quotes beside such a name',
    expression: `(?i)${name}${separator}\\\\?"(${begun}${quoted}*)`,
  },
  {
    what: 'a value in single quotes beside such a name',
    expression: `(?i)${name}["']?${separator}'(${singleQuoted}+)'${behind}`,
  },
  {
    what: 'a value beside such a name that begins with a single quote, and has none at its end',
    expression: `(?i)${name}["']?${separator}'(${unclosed}+)`,
  },
  {
    what: 'a value without quotes beside such a name',
    expression: `(?i)(?:${telling}|_pass)${separator}(${unquoted})`,
  },
  {
    what: 'a value without quotes beside a longer name, unless it is a number: the usage of a model is counted in tokens',
    expression: `(?i)(?:${telling})[\\w.-]+${separator}(\\d*[^\\s\\d"'\\\\.,;:&)}\\]](?:[^\\s"\\\\]|\\\\.|"[^\\s,}\\]:])*)`,
  },
  {
    what: 'a cookie: to the end of the header',
    expression: `(?i)\\bcookie${separator}([^\\s"'\\\\]${quoted}*)`,
  },
  {
    what: 'a header that lets somebody in: its scheme, and what follows',
    expression: `(?i)\\bauthorization${separator}(${unquoted}(?:\\s+${unquoted})?)`,
  },
  {
    what: 'what follows the scheme of such a header, wherever it stands',
    expression: '(?i)\\b(?:bearer|basic)\\s+([a-z0-9._~+/=-]{8,})',
  },
  {
    what: 'a password in a statement of SQL',
    expression: `(?i)\\bpassword\\s+e?'((?:${singleQuoted}|'')+)'${behind}`,
  },
  {
    what: 'a password in a statement of SQL that was cut off',
    expression: `(?i)\\bpassword\\s+e?'((?:${unclosed}|'')+)`,
  },
  {
    // What begins with a number and one of / ? # is a port, and what follows it.
    what: 'a password in a connection URL',
    expression: '(?i)[a-z][a-z0-9+.-]*://[^\\s:/@"]*:((?:\\d+[^\\s"\\d/?#]|[^\\s"\\d])[^\\s"]*|\\d+)@',
  },
  {
    what: 'a token that is the user of a URL',
    expression: '(?i)\\bhttps?://([^\\s:/@?#"\']{8,})@',
  },
  { what: 'a key of a model provider or of LiteLLM', expression: '\\b(sk-[A-Za-z0-9_-]{16,})' },
  {
    what: 'a token of GitHub',
    expression: '\\b(gh[pousr]_[A-Za-z0-9]{10,}|github_pat_[A-Za-z0-9_]{20,})',
  },
  { what: 'a token of Grafana', expression: '\\b(gl(?:c|sa)_[A-Za-z0-9+/=_]{20,})' },
  { what: 'an access key of a cloud', expression: '\\b((?:AKIA|ASIA)[A-Z0-9]{16})\\b' },
  {
    what: 'a signed token (JWT)',
    expression: '\\b(eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*)',
  },
  {
    what: 'a private key',
    expression: '-----BEGIN [A-Z ]*PRIVATE KEY-----((?:[^-]|-[^-])*)(?:-----END [A-Z ]*PRIVATE KEY-----|$)',
  },
  {
    // RFC 7468, section 2: 64 signs a line, OpenSSH's own have 70. A last line may be shorter, and then ends in `=` mostly.
    what: 'a line of a private key that was printed line by line',
    expression: '^\\s*([A-Za-z0-9+/]{60,}={0,2}|[A-Za-z0-9+/]{8,}={1,2})\\s*$',
  },
  {
    // Digests are written sha256:<hex>, and stay.
    what: 'a secret that ./cogni settings generate made: 64 hex digits by themselves',
    expression: '(?:^|[^0-9A-Za-z:])([0-9a-f]{64})(?:$|[^0-9A-Za-z])',
  },
];
