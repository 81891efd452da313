import type { Progress } from '../../foundation/progress';
import type { Docker } from '../docker';
import { sandboxSource } from '../sources';
import { ensureImage, type BuiltImage } from './image';
import { rootfsTar } from './rootfs';
import { slimRootfs } from './slim';

/** dnsmasq of the distribution; records are read from `/hosts`. */
export const dnsImage = async (docker: Docker, progress: Progress): Promise<BuiltImage> =>
  ensureImage(
    docker,
    {
      name: 'dns',
      folder: sandboxSource('images', 'dns'),
      inputs: {
        'rootfs.tar': await rootfsTar(slimRootfs({ name: 'dns', packages: ['dnsmasq-base'] }), progress),
      },
    },
    progress,
  );
