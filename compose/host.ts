import type { Bytes } from './bytes';
import type { Duration } from './duration';
import type { Project } from './project';

/** A host and all projects that run on it: some rules can only be held over all of them together. */
export interface Host {
  readonly projects: readonly Project[];
  /** Memory of the machine. @default - unknown, and not checked */
  readonly memory?: Bytes;
  /** Memory that the system itself and Docker need. @default - none */
  readonly reservedMemory?: Bytes;
  /**
   * Memory of what is there for a time in which no job runs, such as the next version of a service beside the one that
   * it replaces. @default - none
   */
  readonly transientMemory?: Bytes;
  /**
   * How long those who start services wait for them to become healthy. A start period that ends earlier makes a slow
   * start a failure while there is still time. @default - unknown, and not checked
   */
  readonly waitBudget?: Duration;
}
