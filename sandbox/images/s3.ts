import type { Progress } from '../../foundation/progress';
import type { Docker } from '../docker';
import { goBuild, type GoCommand } from '../go-build';
import { sandboxSource } from '../sources';
import { ensureImage, type BuiltImage } from './image';
import { rootfsTar } from './rootfs';
import { slimRootfs } from './slim';

const versitygwVersion = '1.8.0';

export const versitygwCommand: GoCommand = {
  name: 'versitygw',
  module: 'github.com/versity/versitygw',
  version: `v${versitygwVersion}`,
  packagePath: 'github.com/versity/versitygw/cmd/versitygw',
  variables: { 'main.Version': `v${versitygwVersion}` },
};

/** The S3 server, versitygw: objects and their versions in `/data`, accounts in `/etc/s3`; it listens on 443 with TLS. */
export async function s3Image(docker: Docker, progress: Progress): Promise<BuiltImage> {
  const rootfs = slimRootfs({
    name: 's3',
    hooks: [sandboxSource('images', 's3', 'extract.sh')],
    inputs: { VERSITYGW: await goBuild(versitygwCommand, progress) },
  });
  return ensureImage(
    docker,
    {
      name: 's3',
      folder: sandboxSource('images', 's3'),
      leaveOut: ['extract.sh'],
      inputs: { 'rootfs.tar': await rootfsTar(rootfs, progress) },
    },
    progress,
  );
}
