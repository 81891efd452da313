// The names alone: a review begins with them, and the services take longer to load than it takes.
import { declarationOf, settingNames } from '../../services/settings/catalogue';
import type { Secret } from '../../foundation/secret';
import { redactor } from '../redact';

/**
 * Takes secrets out of the lines of a comparison: the values that are known here, what stands after the name of a
 * secret setting, and what looks like a secret whoever set it. A host's files are to hold none but in `.env`, which is
 * never read; but what somebody wrote by hand is exactly what a comparison is to show.
 *
 * @param known values of secrets that this machine has
 */
export function secretsMask(known: Iterable<Secret>): (text: string) => string {
  const redact = redactor(known);
  return (text) => withoutControls(byShape(byName(redact(text))));
}

const names = settingNames.filter((name) => declarationOf(name).kind === 'secret').join('|');

/** `NAME: value`, `"NAME": "value"`, `NAME=value`; a reference such as `${NAME:?…}` or `os.environ/NAME` is none. */
const assignment = new RegExp(
  `(?<!\\$\\{)\\b(${names})(["']?[ \\t]*[:=][ \\t]*)(?!["']?(?:\\$\\{|\\$\\$|os\\.environ/|\\[secret ))(["']?)[^\\s"']+(?:\\3)`,
  'g',
);

const byName = (text: string): string =>
  text.replace(assignment, (_, name: string, between: string) => `${name}${between}[secret ${name}]`);

/** Passwords in URLs, keys in PEM, and tokens by the prefixes that their makers gave them to be found by. */
const shapes: readonly {
  readonly shape: RegExp;
  readonly shown: string;
  /** Without it there is none: long texts are searched quicker for a few signs than for a shape. */
  readonly needs?: string;
}[] = [
  {
    shape: /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]+:)(?!\$\{)[^\s@/]+@/g,
    shown: '$1[secret]@',
    needs: '://',
  },
  {
    // As long as it goes: one that was cut off has no end.
    shape: /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    shown: '$1 [secret]',
    needs: 'PRIVATE KEY-----',
  },
  { shape: /\bAGE-SECRET-KEY-[0-9A-Z-]{12,}/g, shown: '[secret]', needs: 'AGE-SECRET-KEY-' },
  {
    shape: /\b(?:gh[pousr]_|github_pat_|glpat-|glc_|xox[a-z]-|sk-(?:or-|lf-)?)[A-Za-z0-9_-]{12,}/g,
    shown: '[secret]',
  },
  { shape: /\b([Bb]earer|[Bb]asic) [A-Za-z0-9._~+/-]{12,}=*/g, shown: '$1 [secret]' },
];

const byShape = (text: string): string =>
  shapes.reduce((left, { shape, shown, needs }) => {
    const may = needs === undefined || left.includes(needs);
    return may ? left.replace(shape, shown) : left;
  }, text);

/** A file of a host is not to move the cursor of whoever reads it here. */
const withoutControls = (text: string): string =>
  text.replace(
    /[^\P{Cc}\n\t]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
