import type { Progress } from '../../foundation/progress';
import type { Docker } from '../docker';
import { goBuild, type GoCommand } from '../go-build';
import { sandboxSource } from '../sources';
import { ensureImage, type BuiltImage } from './image';
import { rootfsTar } from './rootfs';
import { slimRootfs } from './slim';

/** The version that production runs. A change costs a build from source of about two minutes. */
export const caddyVersion = '2.11.9';

const caddyCommand: GoCommand = {
  name: 'caddy',
  module: 'github.com/caddyserver/caddy/v2',
  version: `v${caddyVersion}`,
  packagePath: 'github.com/caddyserver/caddy/v2/cmd/caddy',
  // Built as the main module, Caddy cannot read its version from the build information.
  variables: { 'github.com/caddyserver/caddy/v2.CustomVersion': `v${caddyVersion}` },
};

/** The caddy program itself, for the machine: it validates configurations and hashes passwords. */
export const caddyBinary = (progress: Progress): Promise<string> => goBuild(caddyCommand, progress);

/** Plays `caddy:2`: see test/contract/images/caddy.test.ts for the contract that it honours. */
export async function caddyImage(docker: Docker, progress: Progress): Promise<BuiltImage> {
  const rootfs = slimRootfs({
    name: 'caddy',
    packages: ['libcap2-bin', 'media-types'],
    hooks: [sandboxSource('images', 'caddy', 'extract.sh')],
    inputs: { CADDY: await caddyBinary(progress) },
  });
  return ensureImage(
    docker,
    {
      name: 'caddy',
      folder: sandboxSource('images', 'caddy'),
      leaveOut: ['extract.sh'],
      inputs: { 'rootfs.tar': await rootfsTar(rootfs, progress) },
      args: { VERSION: caddyVersion },
    },
    progress,
  );
}
