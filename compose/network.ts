import { Handle } from './handle';
import type { Project } from './project';
import type { Node } from './tree';

export interface NetworkProps {
  /** No way out of it: containers reach each other and nothing else. @default false */
  readonly internal?: boolean;
}

/** A network that the project makes and removes. Its name on the host is `<project>_<name>`. */
export class Network<Owner extends string = string> extends Handle<Owner> {
  constructor(
    project: Project<Owner>,
    name: string,
    private readonly props: NetworkProps = {},
  ) {
    super(project, 'networks', name);
    project.networks.push(this);
  }

  render(): Node {
    return this.props.internal ? { internal: true } : {};
  }

  /** Joins it under further names, beside the service's own. */
  as(...aliases: readonly string[]): Attachment<Owner> {
    return { network: this, aliases };
  }
}

/** A network that somebody else made: the only way to reach another project. Compose refuses to start without it. */
export class ExternalNetwork<Owner extends string = string> extends Network<Owner> {
  constructor(
    project: Project<Owner>,
    name: string,
    /** What it is called on the host. */
    readonly external: { readonly name: string },
  ) {
    super(project, name);
  }

  override render(): Node {
    return { name: this.external.name, external: true };
  }
}

/** A service's place in a network. */
export interface Attachment<Owner extends string = string> {
  readonly network: Network<Owner>;
  readonly aliases: readonly string[];
}
