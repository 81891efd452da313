import { Secret } from '../foundation/secret';
import { urlEscaped } from '../services/settings/database-url';

/** Shorter values are no secrets that a text could give away, and would blacken half of it. */
const shortest = 6;

/**
 * Takes secrets out of a text that some program printed, in the forms in which programs and our own writers put them into
 * one: as they are, in a URL, in JSON, in `.env`, in a Compose file, in SQL, in a shell's quotes, in base64. Each is
 * replaced by its name.
 */
export function redactor(secrets: Iterable<Secret>): (text: string) => string {
  const forms = [...secrets]
    .filter((secret) => secret.reveal().length >= shortest)
    .flatMap((secret) => formsOf(secret.reveal()).map((form) => ({ form, shown: String(secret) })))
    // Longest first: a secret that is part of another must not leave the rest of that one behind.
    .sort((one, other) => other.form.length - one.form.length);
  return (text) => forms.reduce((left, { form, shown }) => left.replaceAll(form, () => shown), text);
}

/** How a value is written: the escapes of each language that it may stand in. */
const escapes: readonly ((value: string) => string)[] = [
  (value) => value,
  encodeURIComponent,
  urlEscaped,
  (value) => JSON.stringify(value).slice(1, -1),
  // A line of .env in double quotes, as a shell and Compose read it.
  (value) => value.replace(/["\\$]/g, '\\$&'),
  // A quote in single quotes is doubled: SQL (PostgreSQL documentation, "String Constants"), YAML 1.2, 7.3.2.
  doubled("'"),
  // What quote_literal() and format('%L') print for a value with a backslash.
  (value) => doubled("'")(doubled('\\')(value)),
  // POSIX, 2.2.2: the quotes end, a bare one follows, and they begin again.
  (value) => value.replaceAll("'", `'\\''`),
];

function formsOf(value: string): readonly string[] {
  // Compose reads $$ in its files as $; such a file is YAML, and may be asked for as JSON.
  const written = [value, doubled('$')(value)].flatMap((each) => escapes.map((escape) => escape(each)));
  return [...new Set([...written, ...inBase64(value)])];
}

const inBase64 = (value: string): readonly string[] => {
  const whole = Buffer.from(value).toString('base64').replace(/=+$/, '');
  const parts = [0, 1, 2].map((before) => partOfBase64(value, before));
  return [whole, ...parts].flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
};

/**
 * What base64 makes of a value inside of a longer text, such as `user:token` of a registry's login: three bytes are four
 * signs (RFC 4648, section 4), so it depends on how many bytes stand before it. Signs that it shares with its neighbours
 * are left out.
 */
function partOfBase64(value: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
  const [start, end] = [Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6)];
  return bytes.toString('base64').slice(start, end);
}

function doubled(sign: string): (value: string) => string {
  return (value) => value.replaceAll(sign, () => sign + sign);
}
