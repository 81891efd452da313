import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../foundation/failure';
import type { Progress } from '../../foundation/progress';
import type { Docker } from '../docker';
import { sandboxSource } from '../sources';
import { ensureImage, type BuiltImage } from './image';
import { rootfsTar, type Rootfs } from './rootfs';

/** The major version that production runs and the distribution has. */
export const postgresMajor = '15';

export interface PostgresImage extends BuiltImage {
  /** Upstream version of the distribution's package: `15.20`. */
  readonly version: string;
}

const rootfs = (): Rootfs => ({
  name: 'postgres',
  variant: 'essential',
  packages: [
    `postgresql-${postgresMajor}`,
    'pgbackrest',
    'age',
    'ca-certificates',
    'openssh-client',
    'locales',
    'libnss-wrapper',
    'xz-utils',
    'zstd',
  ],
  without: [
    // Translations, but not the list by which the locale is made.
    '/usr/share/locale/*/*',
    // The just-in-time compiler: PostgreSQL does without it where it is missing (documentation §32.4).
    `/usr/lib/postgresql/${postgresMajor}/lib/bitcode/*`,
    `/usr/lib/postgresql/${postgresMajor}/lib/llvmjit*`,
    '/usr/lib/*/libLLVM*',
    '/usr/lib/*/libz3.so*',
    '/usr/lib/llvm-*',
  ],
  hooks: [
    { script: sandboxSource('images', 'postgres', 'user.sh'), early: true },
    { script: sandboxSource('images', 'postgres', 'finish.sh') },
  ],
});

/**
 * Plays `postgres:15` and the image of ours on its contract that has pgBackRest, age and OpenSSH's client as well (`services/database/image/`): one
 * build, two names in the registry. See test/contract/images/postgres.test.ts and postgres-pgbackrest.test.ts for the
 * contracts that it honours.
 */
export async function postgresImage(docker: Docker, progress: Progress): Promise<PostgresImage> {
  const tar = await rootfsTar(rootfs(), progress);
  const version = upstreamVersion(readFileSync(join(dirname(tar), 'version'), 'utf8'));
  const image = await ensureImage(
    docker,
    {
      name: 'postgres',
      folder: sandboxSource('images', 'postgres'),
      leaveOut: ['user.sh', 'finish.sh'],
      inputs: { 'rootfs.tar': tar },
      args: { VERSION: version },
    },
    progress,
  );
  return { ...image, version };
}

/** `15.20` of a Debian package version such as `15.20-0+deb12u1` (deb-version(7)). */
export function upstreamVersion(packageVersion: string): string {
  const found = /^(?:\d+:)?(\d+\.\d+)/.exec(packageVersion.trim());
  if (found?.[1]) return found[1];
  throw new Failure({
    what: `the version of the PostgreSQL package is not one: ${JSON.stringify(packageVersion.trim())}`,
    next: 'remove the rootfs-postgres folder from the cache of builds, then run this again',
  });
}
