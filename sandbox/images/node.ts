import { join } from 'node:path';
import { Failure } from '../../foundation/failure';
import type { Progress } from '../../foundation/progress';
import { sandboxSource } from '../sources';
import { npmPackages } from './npm-packages';
import { rootfsTar } from './rootfs';
import { slimRootfs } from './slim';

/**
 * The root file system with Node.js and the packages of the demo application: one for all images that need Node, so that
 * engines and hosts have its layer once.
 *
 * @returns absolute path of the tar file
 * @throws Failure when Node.js cannot be had for this machine's processor
 */
export async function nodeRootfsTar(progress: Progress): Promise<string> {
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
  return rootfsTar(rootfs, progress);
}

/** The npm package that holds the Node.js program for this machine. */
export function nodePackage(arch: string = process.arch): string {
  if (arch === 'x64' || arch === 'arm64') return `node-linux-${arch}`;
  throw new Failure({
    what: `the demo application has no Node.js for the processor type ${arch} (there is one for x64 and arm64)`,
    next: 'run the sandbox on another machine',
  });
}
