import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Failure } from '../../foundation/failure';
import { tryReadFile, writeAtomically } from '../../foundation/files';
import { capture } from '../../foundation/process';
import type { Progress } from '../../foundation/progress';
import { Secret } from '../../foundation/secret';
import { caddyBinary } from '../images/caddy';
import type { World } from '../world';

/** Who may use the registry of our own images. */
export interface RegistryLogin {
  readonly username: string;
  readonly password: Secret;
}

const username = 'cogni';
const loginFile = (world: World): string => join(world.folder, 'secrets', 'ghcr.json');

/** Password and its hash in one file, so that a killed run never leaves one of the two. */
interface LoginFile {
  readonly username: string;
  readonly password: string;
  /** A line of Apache's password files, bcrypt: the one kind that the distribution registry takes. */
  readonly htpasswd: string;
}

/**
 * The login of the sandbox's private registry, made once: `<folder>/secrets/ghcr.json`, mode 0600.
 *
 * @returns the login, and the line for the registry's password file
 */
export async function ensureRegistryLogin(
  world: World,
  progress: Progress,
): Promise<RegistryLogin & { readonly htpasswd: string }> {
  const kept = tryReadLogin(world) ?? (await makeLogin(world, progress));
  return { ...loginOf(kept), htpasswd: kept.htpasswd };
}

/** The login as it was made. @throws Failure when the sandbox has none, since it is not up */
export function registryLogin(world: World): RegistryLogin {
  const kept = tryReadLogin(world);
  if (kept) return loginOf(kept);
  throw new Failure({
    what: `the sandbox has no registry login (${loginFile(world)} is missing or damaged)`,
    next: './cogni sandbox up',
  });
}

const loginOf = (file: LoginFile): RegistryLogin => ({
  username: file.username,
  password: Secret.of('GHCR_DEPLOY_TOKEN', file.password),
});

async function makeLogin(world: World, progress: Progress): Promise<LoginFile> {
  // Hexadecimal: it needs no quoting wherever it goes.
  const password = randomBytes(20).toString('hex');
  const hash = await capture({
    // The registry compares at every request: a higher cost would slow each pull, and the password is a random one.
    argv: [await caddyBinary(progress), 'hash-password', '--algorithm', 'bcrypt', '--bcrypt-cost', '5'],
    stdin: Secret.of('GHCR_DEPLOY_TOKEN', `${password}\n`),
    deadline: 30_000,
  });
  const made: LoginFile = { username, password, htpasswd: `${username}:${hash.trim()}` };
  writeAtomically(loginFile(world), `${JSON.stringify(made)}\n`, 0o600);
  return made;
}

function tryReadLogin(world: World): LoginFile | undefined {
  try {
    const file = JSON.parse(tryReadFile(loginFile(world)) ?? '{}') as Partial<LoginFile>;
    return file.username && file.password && file.htpasswd?.startsWith(`${file.username}:$2`)
      ? (file as LoginFile)
      : undefined;
  } catch {
    return undefined;
  }
}
