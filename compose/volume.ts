import { Handle } from './handle';
import type { Project } from './project';
import type { Node } from './tree';

export interface VolumeProps {
  /**
   * Its name on the host, written out: renaming the project or the volume then never starts with empty data by
   * surprise. A changed name is a new, empty volume; the old one stays behind.
   */
  readonly name: string;
}

/** A named volume: where state lives. It survives its containers and `docker compose down`. */
export class Volume<Owner extends string = string> extends Handle<Owner> {
  constructor(
    project: Project<Owner>,
    name: string,
    readonly props: VolumeProps,
  ) {
    super(project, 'volumes', name);
    project.volumes.push(this);
  }

  render(): Node {
    return { name: this.props.name };
  }
}
