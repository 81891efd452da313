import { lookAtReceiving } from '../deploy/receiver/status';
import { connect } from '../deploy/ssh';
import { messageOf } from '../foundation/failure';
import type { ReceiverLook } from '../recovery/rebuild/receiver-word';
import type { OffHostFacts } from '../recovery/rebuild/off-host';
import { tooManyReceived } from '../recovery/restore/received';
import { wayFrom } from '../recovery/restore/way';
import type { Environment } from '../stacks/environment';
import { receivingHostOf } from './receiver';

/**
 * Whether the receiver of an environment's log can be asked for what the archive does not have.
 *
 * @param to what the database is brought to: only the newest moment lies beyond the archive
 * @param offHost what the archive has: only so many pieces can be carried that it lacks
 */
export async function lookAtReceiverOf(
  { name, archive, rehearses }: Environment,
  to = 'newest',
  { chosen, archived }: Pick<OffHostFacts, 'chosen' | 'archived'> = { chosen: undefined },
): Promise<ReceiverLook> {
  if (archive?.receiver === undefined || to !== 'newest' || rehearses !== undefined) return 'none';
  try {
    const transport = await connect(await receivingHostOf(name));
    try {
      const { state, why, log } = await lookAtReceiving(transport, name);
      if (log === undefined) return { why: `it is ${state}${why ? `: ${why}` : ''}` };
      // Better said now than at the stage that restores, when what is given up is out of the way already.
      const beyond =
        chosen && archived && tooManyReceived(log, wayFrom({ chosen, archived, checkpoint: undefined }));
      return beyond === undefined ? 'answers' : { why: beyond };
    } finally {
      await transport.close();
    }
  } catch (thrown) {
    return { why: messageOf(thrown).split('\n', 1)[0] ?? '' };
  }
}
