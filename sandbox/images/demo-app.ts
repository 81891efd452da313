import type { Progress } from '../../foundation/progress';
import type { Docker } from '../docker';
import { sandboxSource } from '../sources';
import { ensureImage, type BuiltImage, type ImageRecipe } from './image';
import { nodeRootfsTar } from './node';

export interface DemoImages {
  readonly app: BuiltImage;
  readonly migrator: BuiltImage;
}

/** The demo application and its migrator, without a version: what the images of all versions are made from. */
export async function demoImages(docker: Docker, progress: Progress): Promise<DemoImages> {
  const tar = await nodeRootfsTar(progress);
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
