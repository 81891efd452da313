import { slotOf, type AppSlot } from '../../services';
import { layout } from '../rolling/layout';
import type { Transport } from '../transport';

/**
 * The slot that a host serves from: what is rendered is compared in the same one. It only reads.
 *
 * @returns undefined where nothing serves, or the host does not say
 */
export async function servingSlot(transport: Transport): Promise<AppSlot | undefined> {
  const { folder, file } = layout.edge.upstream;
  const output = await transport.run({ argv: ['cat', '--', `${folder}/${file}`], deadline: 20_000 });
  return output.code === 0 ? slotOf(output.stdout.trim()) : undefined;
}
