import { gibibytesOf } from '../infra/cherry-catalogue';
import { imageReference, type ImageLock, type RuntimeProps } from '../services';
import type { Environment } from './environment';

/**
 * What an environment's runtime is rendered from: its record, and the images that the lock pins.
 *
 * @throws Failure when an image that it runs has no digest yet
 */
export function runtimePropsOf({ name, host, runtime }: Environment, lock: ImageLock): RuntimeProps {
  const hostGibibytes = host.kind === 'cherry' ? gibibytesOf(host.plan) : undefined;
  return {
    ...(hostGibibytes === undefined ? {} : { hostGibibytes }),
    images: { postgres: imageReference(lock, 'postgres') },
    ...(runtime.litellm === 'off'
      ? {}
      : {
          litellm: {
            image: imageReference(lock, 'litellm'),
            database: runtime.litellm === 'with-database',
          },
        }),
    ...(runtime.alloy ? { alloy: { image: imageReference(lock, 'alloy'), environment: name } } : {}),
  };
}
