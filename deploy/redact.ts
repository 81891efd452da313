import { Secret } from '../foundation/secret';

/** Shorter values are no secrets that a text could give away, and would blacken half of it. */
const shortest = 6;

/**
 * Takes secrets out of a text that some program printed, in the forms in which programs print them: as they are, in a
 * URL, in JSON, in base64. Each is replaced by its name.
 */
export function redactor(secrets: Iterable<Secret>): (text: string) => string {
  const forms = [...secrets]
    .filter((secret) => secret.reveal().length >= shortest)
    .flatMap((secret) => formsOf(secret.reveal()).map((form) => ({ form, shown: String(secret) })))
    // Longest first: a secret that is part of another must not leave the rest of that one behind.
    .sort((one, other) => other.form.length - one.form.length);
  return (text) => forms.reduce((left, { form, shown }) => left.replaceAll(form, () => shown), text);
}

function formsOf(value: string): string[] {
  const base64 = Buffer.from(value).toString('base64').replace(/=+$/, '');
  return [...new Set([value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), base64])];
}
