import { systemClock, type Clock } from '../../foundation/clock';
import type { Progress } from '../../foundation/progress';
import { committedImageLock, imageNames, type ImageLock, type ImageName } from '../../services';
import type { CertificateAuthority } from '../certificates';
import type { Docker } from '../docker';
import { caddyImage, caddyVersion } from '../images/caddy';
import type { BuiltImage } from '../images/image';
import { litellmImage } from '../images/litellm';
import { postgresImage } from '../images/postgres';
import type { World } from '../world';
import { ensurePushed } from './push';
import type { Registries } from './registries';

interface StandIn {
  readonly image: BuiltImage;
  /** Its path in the registry. */
  readonly repository: string;
  readonly tag: string;
}

/** How the images are made that stand for those of others. */
const standIns = {
  caddy: async (docker, progress) => ({
    image: await caddyImage(docker, progress),
    repository: 'library/caddy',
    tag: caddyVersion,
  }),
  litellm: async (docker, progress) => {
    const image = await litellmImage(docker, progress);
    return { image, repository: 'berriai/litellm-non_root', tag: `v${image.version}` };
  },
  postgres: async (docker, progress) => {
    const image = await postgresImage(docker, progress);
    return { image, repository: 'library/postgres', tag: image.version };
  },
} as const satisfies Partial<Record<ImageName, (docker: Docker, progress: Progress) => Promise<StandIn>>>;

type StandInName = keyof typeof standIns;

export interface ThirdPartyOptions {
  /** Which of the images. One takes ten seconds to push, and some tests need none of it. @default all there are */
  readonly wanted?: readonly StandInName[];
  readonly clock?: Clock;
}

/**
 * Puts the images that stand for those of others into the public registry of the sandbox, under the names that they
 * have there.
 *
 * @returns the sandbox's own image lock: every digest as the registry answers it. An image that is not there has none,
 *   so that nothing can be rendered that would run it
 */
export async function pushThirdParty(
  docker: Docker,
  world: World,
  registries: Registries,
  authority: CertificateAuthority,
  progress: Progress,
  { wanted = Object.keys(standIns) as StandInName[], clock = systemClock }: ThirdPartyOptions = {},
): Promise<ImageLock> {
  const target = { docker, world, registry: registries.hub, authority };
  const lock: Record<ImageName, ImageLock[ImageName]> = { ...committedImageLock() };
  for (const name of imageNames) lock[name] = { ...lock[name], digest: null, resolvedAt: null };
  for (const name of wanted) {
    const { image, repository, tag } = await standIns[name](docker, progress);
    const made = (): Promise<BuiltImage> => Promise.resolve(image);
    lock[name] = {
      ...(await ensurePushed(target, image.recipe, made, repository, tag, progress)),
      resolvedAt: clock.now().toISOString(),
      source: 'built by the sandbox (docs/sandbox-parts.md)',
    };
  }
  return lock;
}
