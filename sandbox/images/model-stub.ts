import type { Progress } from '../../foundation/progress';
import type { Docker } from '../docker';
import { sandboxSource } from '../sources';
import { ensureImage, type BuiltImage } from './image';
import { nodeRootfsTar } from './node';

/** The stub of the models' provider (`sandbox/model-stub/`); it listens on 8080. */
export const modelStubImage = async (docker: Docker, progress: Progress): Promise<BuiltImage> =>
  ensureImage(
    docker,
    {
      name: 'model-stub',
      folder: sandboxSource('model-stub'),
      inputs: { 'rootfs.tar': await nodeRootfsTar(progress) },
    },
    progress,
  );
