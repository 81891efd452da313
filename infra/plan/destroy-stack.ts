import { join } from 'node:path';
import { Failure } from '../../foundation/failure';
import { withMemoryFolder } from './memory-folder';
import { applyAt, planAt, showAt, stateAt, type TerraformAt } from './terraform-run';

export interface DestroyProps {
  readonly at: TerraformAt;
  /** Id of the stack, for people. */
  readonly stack: string;
  /** Why a plan, as `terraform show -json` prints it, does something else than to remove what may go; nothing: it is applied. */
  readonly judge: (json: string) => readonly string[];
  /** The command that does this again. */
  readonly again: string;
  /** Told what Terraform says, as it comes. */
  readonly onOutput: (chunk: string) => void;
}

/**
 * Removes everything that a stack has made, by a plan that is held against what may go before it is applied. Does nothing where the state
 * has nothing.
 *
 * @returns the addresses that the state had
 * @throws Failure when the plan would remove anything else (nothing is done then), when Terraform fails, or another run holds the state
 *   (exit code 4)
 */
export async function destroyStack(props: DestroyProps): Promise<readonly string[]> {
  const { at, stack, again } = props;
  const had = Object.keys((await stateAt(at)).ids);
  if (had.length === 0) return [];
  return withMemoryFolder(async (folder) => {
    const plan = join(folder, 'plan');
    await planAt(at, plan, ['-destroy']);
    const faults = props.judge(await showAt(at, plan));
    if (faults.length > 0) {
      throw new Failure({
        what: `${stack} is not removed: the plan for it does something else`,
        faults,
        next: `look at it: ./cogni plan ${stack}`,
      });
    }
    const { code, said, timedOut } = await applyAt(at, plan, join(folder, 'log'), props.onOutput);
    if (code === 0) return had;
    throw new Failure({
      what: timedOut
        ? `Terraform did not come to its end while it removed ${stack}`
        : `Terraform ended with ${code ?? 'a signal'} while it removed ${stack}`,
      state: 'some of it may be removed; what is left is in the state, and is paid for',
      next: again,
      output: said,
    });
  });
}
