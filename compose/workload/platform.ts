import { pathOf, type FileReference } from '../file-reference';
import type { Model, ModelUse } from '../model';
import type { Profile } from '../profile';
import type { Value, Values } from '../reference';
import { orNone, type Mapping } from '../tree';

/** What others know of it, and what Compose does with it. */
export interface PlatformProps<Owner extends string = string> {
  /** Started only where one of these is asked for. @default - always */
  readonly profiles?: readonly Profile<Owner>[];
  /** Name of the container. Only one can have it, so it can neither be scaled nor replaced without a gap. */
  readonly containerName?: string;
  /** Containers of it. @default 1 */
  readonly replicas?: number;
  /** Docker labels. @default - none */
  readonly labels?: Values;
  /** Files with more of them; `labels` wins. @default - none */
  readonly labelFiles?: readonly FileReference[];
  /** Annotations for the OCI runtime. @default - none */
  readonly annotations?: Values;
  /**
   * When Compose asks the registry for it. An image by digest never changes, so `missing` is enough.
   * @default - `build` for a {@link Build} with a tag, `missing` for others
   */
  readonly pullPolicy?: 'always' | 'never' | 'missing' | 'build' | 'daily' | 'weekly' | `every_${string}`;
  /** @default - the engine's */
  readonly platform?: Value;
  /** Whether `up` shows its output. @default true */
  readonly attach?: boolean;
  /** Models that it uses. @default - none */
  readonly models?: readonly (Model<Owner> | ModelUse<Owner>)[];
}

/** A model without variables of its own is the model itself. */
export const modelUseOf = <Owner extends string>(used: Model<Owner> | ModelUse<Owner>): ModelUse<Owner> =>
  'model' in used ? used : { model: used };

/** The entries of {@link PlatformProps}. The hash is the label by which Compose sees that a mounted file changed. */
export const renderPlatform = (props: PlatformProps, configHash: Values): Mapping => ({
  profiles: orNone(props.profiles?.map(({ name }) => name)),
  container_name: props.containerName,
  scale: props.replicas,
  labels: orNone({ ...props.labels, ...configHash }),
  label_file: orNone(props.labelFiles?.map(pathOf)),
  annotations: orNone(props.annotations),
  pull_policy: props.pullPolicy,
  platform: props.platform,
  attach: props.attach,
  models: orNone(
    Object.fromEntries(
      (props.models ?? [])
        .map(modelUseOf)
        .map(({ model, variables }) => [
          model.name,
          variables === undefined ? {} : { endpoint_var: variables.endpoint, model_var: variables.model },
        ]),
    ),
  ),
});
