import { Handle } from './handle';
import type { Project } from './project';
import { overlaid, type Raw } from './raw';
import type { Image, Value } from './reference';
import { orNone, type Mapping } from './tree';

export interface ModelProps {
  /** The model as an OCI artifact: by digest, or a declared variable that holds one. */
  readonly model: Image;
  /** Its name on the platform. @default - `<project>_<name>` */
  readonly name?: Value;
  /** Most tokens of context. @default - the model's */
  readonly contextSize?: number;
  /** Arguments of the inference engine. @default - none */
  readonly runtimeFlags?: readonly Value[];
  /** What has no property here. @default - nothing */
  readonly raw?: Raw;
}

/** A model that the platform runs for the project's services (Compose specification, "models"). */
export class Model<Owner extends string = string> extends Handle<Owner> {
  constructor(
    project: Project<Owner>,
    name: string,
    readonly props: ModelProps,
  ) {
    super(project, 'models', name);
    project.models.push(this);
  }

  /** The entry under `models` of the project. */
  render(): Mapping {
    const { name, model, contextSize, runtimeFlags } = this.props;
    return overlaid(
      { name, model, context_size: contextSize, runtime_flags: orNone(runtimeFlags) },
      this.props.raw,
    );
  }

  /** Hands it to a service in variables of these names. */
  as(variables: { readonly endpoint: string; readonly model: string }): ModelUse<Owner> {
    return { model: this, variables };
  }
}

/** A model as a service knows it. */
export interface ModelUse<Owner extends string = string> {
  readonly model: Model<Owner>;
  /** Names of the variables that hold its address and its name. @default - made from the model's name */
  readonly variables?: { readonly endpoint: string; readonly model: string };
}
