import { seal } from '../../foundation/age';
import { writeAtomically } from '../../foundation/files';
import { removeFromStateAt, stateAt, stateTextAt, type TerraformAt } from './terraform-run';

export interface ForgetProps {
  readonly at: TerraformAt;
  /** Of resources that the state shall not know any more; those that it does not have are left out. */
  readonly addresses: readonly string[];
  /** Where the state of before is kept: encrypted, since a state holds values in clear. */
  readonly backup: string;
  /** Who can open that: recipients of age. */
  readonly recipients: readonly string[];
}

/**
 * Takes resources out of a state without touching what they stand for: what guards them (`prevent_destroy`, ignored changes) stays as it is,
 * and the next plan makes others in their place. The state of before is written beside it first.
 *
 * @returns the addresses that were taken out; none where the state had none of them, and then nothing is written
 * @throws Failure when the state cannot be read or written, or another run holds it (exit code 4)
 */
export async function forgetResources({
  at,
  addresses,
  backup,
  recipients,
}: ForgetProps): Promise<readonly string[]> {
  const { ids } = await stateAt(at);
  const there = addresses.filter((address) => Object.hasOwn(ids, address));
  if (there.length === 0) return [];
  const text = await stateTextAt(at);
  writeAtomically(backup, await seal(Buffer.from(text), recipients), 0o600);
  await removeFromStateAt(at, there);
  return there;
}
