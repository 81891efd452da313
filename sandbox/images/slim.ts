import { sandboxSource } from '../sources';
import type { Rootfs } from './rootfs';

/**
 * The small root file system that the images share: a C library, busybox (linked to it: the static one crashes in wget when
 * it looks a name up, since it cannot load the library's resolver), the public certificate authorities, and what
 * else an image names. It has a shell and wget, as the images of production have, and no package manager.
 */
export const slimRootfs = (image: {
  readonly name: string;
  readonly packages?: readonly string[];
  readonly hooks?: readonly string[];
  readonly inputs?: Readonly<Record<string, string>>;
}): Rootfs => ({
  name: image.name,
  variant: 'extract',
  packages: ['busybox', 'ca-certificates', 'netbase', ...(image.packages ?? [])],
  hooks: [sandboxSource('images', 'slim', 'extract.sh'), ...(image.hooks ?? [])].map((script) => ({
    script,
  })),
  ...(image.inputs ? { inputs: image.inputs } : {}),
});
