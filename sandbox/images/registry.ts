import type { Progress } from '../../foundation/progress';
import type { Docker } from '../docker';
import { goBuild, type GoCommand } from '../go-build';
import { sandboxSource } from '../sources';
import { ensureImage, type BuiltImage } from './image';
import { rootfsTar } from './rootfs';
import { slimRootfs } from './slim';

export const registryVersion = '3.1.2';

const registryCommand: GoCommand = {
  name: 'registry',
  module: 'github.com/distribution/distribution/v3',
  version: `v${registryVersion}`,
  packagePath: 'github.com/distribution/distribution/v3/cmd/registry',
  variables: { 'github.com/distribution/distribution/v3/version.version': `v${registryVersion}` },
};

/** The distribution registry; its configuration is mounted at `/etc/distribution/config.yml`. */
export async function registryImage(docker: Docker, progress: Progress): Promise<BuiltImage> {
  const rootfs = slimRootfs({
    name: 'registry',
    hooks: [sandboxSource('images', 'registry', 'extract.sh')],
    inputs: { REGISTRY: await goBuild(registryCommand, progress) },
  });
  return ensureImage(
    docker,
    {
      name: 'registry',
      folder: sandboxSource('images', 'registry'),
      leaveOut: ['extract.sh'],
      inputs: { 'rootfs.tar': await rootfsTar(rootfs, progress) },
    },
    progress,
  );
}
