import { Handle } from './handle';
import type { Project } from './project';

export interface ConfigFile {
  /** Path inside the folder: `app.conf`, `keys/first.pub`. */
  readonly path: string;
  readonly content: string;
  /** Permission bits. @default 0o644 */
  readonly mode?: number;
  /**
   * Only the first content: written when there is no such file. From then on it is somebody else's state.
   * @default false
   */
  readonly seed?: boolean;
}

/**
 * A folder of configuration files beside `compose.yaml`. Services mount it as a whole and read-only: a mounted single
 * file keeps showing its old content after it was replaced by rename (moby#15793).
 */
export class ConfigFolder<Owner extends string = string> extends Handle<Owner> {
  /** @param name its path beside `compose.yaml` */
  constructor(
    project: Project<Owner>,
    name: string,
    readonly files: readonly ConfigFile[],
  ) {
    super(project, 'folders', name);
    project.folders.push(this);
  }
}
