import type { Bytes } from './bytes';
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
   * Networks and volumes that others make on the host, by their names there. What projects name as external must be among
   * these or be made by another project. @default - unknown, and not checked
   */
  readonly elsewhere?: { readonly networks?: readonly string[]; readonly volumes?: readonly string[] };
}
