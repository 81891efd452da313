import { declarationOf, settingNames } from '../settings/catalogue';

/** What must not leave the host in a log line. */
export interface Redaction {
  /** What it finds, for people. */
  readonly what: string;
  /**
   * A regular expression that RE2 and JavaScript read alike; its one group is what gets replaced, and what stands
   * around it stays for whoever reads the log.
   */
  readonly expression: string;
}

/** What stands in the place of a secret. */
export const redacted = '[redacted]';

/** A value behind `=` or `:`, in quotes or not, as JSON and key-value logs write it. */
const value = '\\\\?["\']?\\s*[=:]\\s*\\\\?["\']?([^\\s"\'\\\\,;&}]+)';

const secretNames = settingNames.filter((name) => declarationOf(name).kind === 'secret');

/**
 * Secrets by their name, by their form, and by where they stand. Every rule is applied to every line: what one leaves,
 * another may still find.
 */
export const redactions: readonly Redaction[] = [
  {
    what: 'a password in a connection URL',
    expression: '[a-z][a-z0-9+.-]*://[^\\s:/@"]*:([^\\s@"]+)@',
  },
  { what: 'a secret of ours beside its name', expression: `\\b(?:${secretNames.join('|')})${value}` },
  {
    what: 'a value whose name says that it is a secret',
    expression: `(?i)(?:password|passwd|secret|token|api[_-]?key|credential)s?${value}`,
  },
  {
    what: 'a header that lets somebody in',
    expression: '(?i)\\b(?:bearer|basic)\\s+([a-z0-9._~+/=-]{8,})',
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
    // Digests are written sha256:<hex>, and stay.
    what: 'a secret that ./cogni settings generate made: 64 hex digits by themselves',
    expression: '(?:^|[^0-9A-Za-z:])([0-9a-f]{64})(?:$|[^0-9A-Za-z])',
  },
];
