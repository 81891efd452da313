import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../foundation/failure';
import { serverAddress } from './cherry/orphans';
import { initAt, outputsAt, stateAt, type TerraformAt } from './plan/terraform-run';

/**
 * The server that a stack's state has, and the address that it had at the last refresh; null where the state has none.
 * Reads the state where it is kept, and refreshes nothing.
 *
 * @throws Failure when nothing was synthesized there, or the state cannot be read
 */
export async function stateServer(
  at: TerraformAt,
): Promise<{ readonly id: number; readonly address: string | undefined } | null> {
  if (!existsSync(join(at.folder, 'cdk.tf.json'))) {
    throw new Failure({
      what: `nothing was synthesized in ${at.folder}`,
      next: 'npx cdktf synth',
    });
  }
  if (!existsSync(join(at.folder, '.terraform'))) await initAt(at);
  const { ids } = await stateAt(at);
  const id = Number(ids[serverAddress]);
  if (!Number.isSafeInteger(id)) return null;
  const { address } = await outputsAt(at);
  return { id, address: typeof address === 'string' && address !== '' ? address : undefined };
}
