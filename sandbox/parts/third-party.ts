import { systemClock, type Clock } from '../../foundation/clock';
import type { Progress } from '../../foundation/progress';
import { committedImageLock, type ImageLock, type LockedImage } from '../../services/images';
import type { CertificateAuthority } from '../certificates';
import type { Docker } from '../docker';
import { caddyImage, caddyVersion } from '../images/caddy';
import type { BuiltImage } from '../images/image';
import { postgresImage } from '../images/postgres';
import type { World } from '../world';
import { ensurePushed } from './push';
import type { Registries } from './registries';

/**
 * Puts the images that stand for those of others into the public registry of the sandbox, under the names that they
 * have there.
 *
 * @returns the sandbox's own image lock: every digest as the registry answers it
 */
export async function pushThirdParty(
  docker: Docker,
  world: World,
  registries: Registries,
  authority: CertificateAuthority,
  progress: Progress,
  clock: Clock = systemClock,
): Promise<ImageLock> {
  const target = { docker, world, registry: registries.hub, authority };
  const push = async (image: BuiltImage, repository: string, tag: string): Promise<LockedImage> => ({
    ...(await ensurePushed(target, image.recipe, () => Promise.resolve(image), repository, tag, progress)),
    resolvedAt: clock.now().toISOString(),
    source: 'built by the sandbox (docs/sandbox-parts.md)',
  });
  const postgres = await postgresImage(docker, progress);
  return {
    // What the sandbox has no image of stays without a digest, and cannot be asked for.
    ...committedImageLock(),
    caddy: await push(await caddyImage(docker, progress), 'library/caddy', caddyVersion),
    postgres: await push(postgres, 'library/postgres', postgres.version),
  };
}
