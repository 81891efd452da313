import { readFileSync } from 'node:fs';
import { Failure } from '../../foundation/failure';
import type { Progress } from '../../foundation/progress';
import type { Docker } from '../docker';
import { sandboxSource } from '../sources';
import { ensureImage, type BuiltImage } from './image';
import { pythonPackages } from './python-packages';
import { rootfsTar } from './rootfs';
import { slimRootfs } from './slim';

export interface LitellmImage extends BuiltImage {
  /** Version of the package: `1.106.2`. */
  readonly version: string;
}

/**
 * LiteLLM's proxy, without a database: plays `ghcr.io/berriai/litellm-non_root`, see
 * test/contract/images/litellm.test.ts for the contract that it honours.
 */
export async function litellmImage(docker: Docker, progress: Progress): Promise<LitellmImage> {
  const folder = sandboxSource('images', 'litellm');
  const version = litellmVersion(
    readFileSync(sandboxSource('images', 'litellm', 'requirements.txt'), 'utf8'),
  );
  const rootfs = slimRootfs({
    name: 'litellm',
    packages: ['python3.11', 'libstdc++6'],
    hooks: [sandboxSource('images', 'litellm', 'extract.sh')],
    inputs: { PACKAGES: await pythonPackages('litellm', folder, progress) },
  });
  const image = await ensureImage(
    docker,
    {
      name: 'litellm',
      folder,
      leaveOut: ['extract.sh', 'requirements.in', 'requirements.txt'],
      inputs: { 'rootfs.tar': await rootfsTar(rootfs, progress) },
      args: { VERSION: version },
    },
    progress,
  );
  return { ...image, version };
}

/** The version of LiteLLM that a list of requirements names (pip documentation, "Requirements File Format"). */
export function litellmVersion(requirements: string): string {
  const found = /^litellm==(\S+)/m.exec(requirements);
  if (found?.[1]) return found[1];
  throw new Failure({
    what: 'the list of Python packages of the LiteLLM image does not name litellm',
    next: 'make it again: the command is in sandbox/images/litellm/requirements.in',
  });
}
