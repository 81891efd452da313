import { committedImageLock, loadImageLock, type ImageLock } from '../services/images';
import type { Environment } from './environment';

/** The digests that an environment's third-party images run by: the committed ones, or those of the sandbox that plays it. */
export const imageLockOf = ({ sandbox }: Pick<Environment, 'sandbox'>): ImageLock =>
  sandbox ? loadImageLock(sandbox.imageLockFile) : committedImageLock();
