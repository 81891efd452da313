import type { Receiver } from '../../../../services';
import { ed25519 } from '../../infra/keys';

/** A sound receiver, on another environment's host. */
export const receiver = {
  on: 'preview',
  key: ed25519(7, '').trim(),
} satisfies Receiver;
