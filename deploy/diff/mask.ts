// The names alone: a review begins with them, and the services take longer to load than it takes.
import { declarationOf, settingNames } from '../../services/settings/catalogue';
import type { Secret } from '../../foundation/secret';
import { redactor } from '../redact';
import { withoutNamedValues } from './named-values';

/**
 * Takes secrets out of a text of which somebody else wrote parts: the values that are known here, what stands after the
 * name of a secret, and what looks like a secret whoever set it. A host's files are to hold none but in `.env`, whose
 * values are never read; but what somebody wrote by hand is exactly what a comparison is to show.
 *
 * It is for whole texts, before anything is cut out of them: of a value of several lines, a part has no name beside it.
 *
 * @param known values of secrets that this machine has
 * @param variables names besides the catalogue's that hold secrets: those that containers know them by
 */
export function secretsMask(
  known: Iterable<Secret>,
  variables: Iterable<string> = [],
): (text: string) => string {
  const redact = redactor(known);
  const byName = withoutNamedValues([...secretSettings, ...variables]);
  return (text) => withoutControls(byShape(byName(redact(text))));
}

const secretSettings = settingNames.filter((name) => declarationOf(name).kind === 'secret');

/** Passwords in URLs, keys in PEM, and tokens by the prefixes that their makers gave them to be found by. */
const shapes: readonly {
  readonly shape: RegExp;
  readonly shown: string;
  /** Without it there is none: long texts are searched quicker for a few signs than for a shape. */
  readonly needs?: string;
}[] = [
  {
    // Without the scheme, of which any length would have to be tried from each of its letters; the user may be empty.
    shape: /(:\/\/[^\s:@/]*:)(?!\$\{)[^\s@/]+@/g,
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
