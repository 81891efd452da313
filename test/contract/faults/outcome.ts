import type { Given, Met } from './scene';

/**
 * What comes of one fault. Each column asserts what one program makes of it, from the same beginning: a column that is
 * added here is played for every outcome that has it.
 */
export interface Outcome extends Given {
  /** Terraform itself, through the provider: the outcome that the table of fault modes names. */
  readonly terraform: (met: Met) => Promise<void>;
}
