import { lookAtReceiving } from '../deploy/receiver/status';
import { connect } from '../deploy/ssh';
import { messageOf } from '../foundation/failure';
import type { ReceiverLook } from '../recovery/rebuild/receiver-word';
import type { Environment } from '../stacks/environment';
import { receivingHostOf } from './receiver';

/**
 * Whether the receiver of an environment's log can be asked for what the archive does not have.
 *
 * @param to what the database is brought to: only the newest moment lies beyond the archive
 */
export async function lookAtReceiverOf(
  { name, archive, rehearses }: Environment,
  to = 'newest',
): Promise<ReceiverLook> {
  if (archive?.receiver === undefined || to !== 'newest' || rehearses !== undefined) return 'none';
  try {
    const transport = await connect(await receivingHostOf(name));
    try {
      const { state, why, log } = await lookAtReceiving(transport, name);
      return log === undefined ? { why: `it is ${state}${why ? `: ${why}` : ''}` } : 'answers';
    } finally {
      await transport.close();
    }
  } catch (thrown) {
    return { why: messageOf(thrown).split('\n', 1)[0] ?? '' };
  }
}
