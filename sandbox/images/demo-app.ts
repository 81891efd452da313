import { join } from 'node:path';
import { Failure } from '../../foundation/failure';
import type { Progress } from '../../foundation/progress';
import type { Docker } from '../docker';
import { sandboxSource } from '../sources';
import { ensureImage, type BuiltImage, type ImageRecipe } from './image';
import { npmPackages } from './npm-packages';
import { rootfsTar } from './rootfs';
import { slimRootfs } from './slim';

export interface DemoImages {
  readonly app: BuiltImage;
  readonly migrator: BuiltImage;
}

/**
 * The demo application and its migrator, without a version: what the images of all versions are made from.
 *
 * @throws Failure when Node.js cannot be had for this machine's processor.
 */
export async function demoImages(docker: Docker, progress: Progress): Promise<DemoImages> {
  const rootfs = slimRootfs({
    name: 'node',
    packages: ['libstdc++6'],
    hooks: [sandboxSource('images', 'node', 'extract.sh')],
    inputs: {
      NODE: join(
        await npmPackages('node', sandboxSource('images', 'node'), progress),
        nodePackage(),
        'bin',
        'node',
      ),
      NODE_MODULES: await npmPackages('demo-app', sandboxSource('demo-app'), progress),
    },
  });
  const tar = await rootfsTar(rootfs, progress);
  // Both images begin with the same layer, so that a host fetches it once.
  const image = (name: string, dockerfile: string): ImageRecipe => ({
    name,
    folder: sandboxSource('demo-app'),
    dockerfile,
    leaveOut: ['package-lock.json', 'node_modules'],
    inputs: { 'rootfs.tar': tar },
  });
  return {
    app: await ensureImage(docker, image('demo-app', 'Dockerfile'), progress),
    migrator: await ensureImage(docker, image('demo-app-migrate', 'migrate.Dockerfile'), progress),
  };
}

/** The npm package that holds the Node.js program for this machine. */
export function nodePackage(arch: string = process.arch): string {
  if (arch === 'x64' || arch === 'arm64') return `node-linux-${arch}`;
  throw new Failure({
    what: `the demo application has no Node.js for the processor type ${arch} (there is one for x64 and arm64)`,
    next: 'run the sandbox on another machine',
  });
}
