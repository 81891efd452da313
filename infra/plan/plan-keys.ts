import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { linkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, Failure, messageOf } from '../../foundation/failure';
import { tryReadFile, writeAtomically } from '../../foundation/files';
import { Secret } from '../../foundation/secret';
import { newIdentity, recipientFault, recipientOf } from '../../foundation/age';
import { keyId, privateKeyIn, publicHalf, publicKeyIn, type TrustedSigner } from '../../foundation/signature';

/** Who may sign plans of an environment, and who can open them; `docs/plan.md`, "Keys". */
export interface PlanKeys {
  readonly signer: KeyObject;
  readonly trusted: readonly TrustedSigner[];
  readonly recipients: readonly string[];
  readonly identities: readonly Secret[];
}

export interface PlanKeysProps {
  readonly environment: string;
  /** Folder of the keys that this checkout makes for itself, mode 0600 each. */
  readonly folder: string;
  /** What the environment's record says. @default - this checkout alone: its own keys */
  readonly written?:
    | {
        /** PEM files and what is in them; undefined where there is no such file. */
        readonly signers: readonly { readonly file: string; readonly pem: string | undefined }[];
        readonly recipients: readonly string[];
      }
    | undefined;
  /** Values of `COGNI_PLAN_SIGNING_KEY` and `COGNI_PLAN_IDENTITY`. @default - the checkout's own keys */
  readonly signingKey?: string | undefined;
  readonly identity?: string | undefined;
}

/**
 * The keys by which plans of an environment are signed, encrypted and opened here.
 *
 * @throws Failure with everything that is wrong with them
 */
export async function planKeys(props: PlanKeysProps): Promise<PlanKeys> {
  const faults: string[] = [];
  const signer = attempt(faults, props.signingKey ? 'COGNI_PLAN_SIGNING_KEY' : ownSigner(props.folder), () =>
    privateKeyIn(
      Secret.of('plan signing key', props.signingKey || keptOnce(ownSigner(props.folder), makeSigner)),
    ),
  );
  const identity = Secret.of(
    'plan identity',
    (props.identity || keptOnce(ownIdentity(props.folder), () => '')).trim(),
  );
  const known = identity.reveal() === '' ? await makeIdentity(props.folder) : identity;
  const recipient = await recipientOf(known).catch(() => undefined);
  if (recipient === undefined)
    faults.push(
      `${props.identity ? 'COGNI_PLAN_IDENTITY' : ownIdentity(props.folder)} is not an identity of age (AGE-SECRET-KEY-1…)`,
    );
  const trusted = (props.written?.signers ?? []).flatMap(({ file, pem }): TrustedSigner[] => {
    const key = attempt(faults, file, () => {
      if (pem === undefined) throw new Error('it does not exist');
      return publicKeyIn(pem);
    });
    return key === undefined ? [] : [{ key, name: file }];
  });
  for (const each of props.written?.recipients ?? []) {
    const fault = await recipientFault(each);
    if (fault !== undefined) faults.push(fault);
  }
  if (faults.length > 0 || signer === undefined || recipient === undefined)
    throw new Failure({
      what: `the keys for plans of ${props.environment} are not sound`,
      faults,
      next: 'mend them (docs/plan.md, "Keys"), then run this again',
      exitCode: ExitCode.refused,
    });
  return {
    signer,
    trusted: props.written ? trusted : [{ key: publicHalf(signer), name: "this checkout's own key" }],
    recipients: props.written?.recipients ?? [recipient],
    identities: [known],
  };
}

/**
 * That what is signed here will be believed elsewhere.
 *
 * @throws Failure with the public half, and where to put it
 */
export function requireTrustedSigner(environment: string, { signer, trusted }: PlanKeys): void {
  const own = publicHalf(signer);
  if (trusted.some(({ key }) => keyId(key) === keyId(own))) return;
  throw new Failure({
    what: `plans of ${environment} are only believed when one of ${trusted.map(({ name }) => name).join(', ') || 'no key at all'} signed them, and the key here is ${keyId(own)}`,
    next: 'set COGNI_PLAN_SIGNING_KEY to a key that may sign, or commit the public half (shown above) in keys/ and name it in plans.signers of stacks/environments.ts',
    output: own.export({ type: 'spki', format: 'pem' }).toString(),
    exitCode: ExitCode.refused,
  });
}

const ownSigner = (folder: string): string => join(folder, 'plan-signing.pem');
const ownIdentity = (folder: string): string => join(folder, 'plan-identity.txt');

const makeSigner = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

async function makeIdentity(folder: string): Promise<Secret> {
  const made = await newIdentity();
  return Secret.of('plan identity', keptOnce(ownIdentity(folder), () => made).trim());
}

function attempt<T>(faults: string[], what: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (cause) {
    faults.push(`${what}: ${messageOf(cause)}`);
    return undefined;
  }
}

/** What a file holds. Where there is none, it is made (mode 0600) unless there is nothing to put in; of two runs at once one is first. */
function keptOnce(path: string, make: () => string): string {
  const kept = tryReadFile(path);
  if (kept !== undefined) return kept;
  const made = make();
  if (made === '') return '';
  const own = `${path}.${process.pid}`;
  writeAtomically(own, `${made.trimEnd()}\n`, 0o600);
  try {
    linkSync(own, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  } finally {
    rmSync(own, { force: true });
  }
  return tryReadFile(path) ?? made;
}
