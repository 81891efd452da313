import { Secret } from './secret';

/**
 * Encryption by age (https://age-encryption.org/v1), with its library: what it writes, the `age` command opens. Age says
 * who can read a file, not who wrote it: where that matters, something else has to.
 */
const age = () => import('age-encryption');

/** What is wrong with a recipient (`age1…`); undefined when a file can be encrypted for it. */
export async function recipientFault(recipient: string): Promise<string | undefined> {
  const { Encrypter } = await age();
  try {
    new Encrypter().addRecipient(recipient);
    return undefined;
  } catch {
    return `"${recipient}" is not a recipient of age (age1…)`;
  }
}

/** The recipient that an identity (`AGE-SECRET-KEY-1…`) belongs to. @throws Error for anything else */
export async function recipientOf(identity: Secret): Promise<string> {
  const { identityToRecipient } = await age();
  return identityToRecipient(identity.reveal());
}

export async function newIdentity(): Promise<string> {
  const { generateX25519Identity } = await age();
  return generateX25519Identity();
}

/** Encrypts for all recipients; the armored text. */
export async function seal(content: Uint8Array, recipients: readonly string[]): Promise<string> {
  const { Encrypter, armor } = await age();
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(content));
}

/**
 * Decrypts.
 *
 * @throws Error when no identity fits, or a byte was changed
 */
export async function open(sealed: string, identities: readonly Secret[]): Promise<Uint8Array> {
  const { Decrypter, armor } = await age();
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity.reveal());
  return decrypter.decrypt(armor.decode(sealed));
}

/** First line of what {@link seal} makes. */
export const armorHead = '-----BEGIN AGE ENCRYPTED FILE-----';

/** Identities in the text of a key file, as `age-keygen` writes one: a line each, with comments between. */
export const identitiesIn = (text: string): readonly Secret[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => Secret.of('age identity', line));
