import { type FileReference, pathOf } from './file-reference';
import { Grantable, type Elsewhere } from './grant';
import type { Project } from './project';
import { overlaid, type Raw } from './raw';
import { VariableName, type PlainReference, type Value, type Values } from './reference';
import { orNone, type Mapping } from './tree';

/** Where a config's content comes from: exactly one of them. */
export type ConfigSource =
  | { readonly content: Value; readonly file?: never; readonly environment?: never }
  | { readonly file: FileReference; readonly content?: never; readonly environment?: never }
  | { readonly environment: PlainReference; readonly content?: never; readonly file?: never };

export type ConfigProps = ConfigSource & {
  /** Its name on the platform. @default - `<project>_<name>` */
  readonly name?: Value;
  /** @default - none */
  readonly labels?: Values;
  /** In a swarm: what fills in the content's placeholders. @default - none */
  readonly templateDriver?: string;
  /** What has no property here. @default - nothing */
  readonly raw?: Raw;
};

/**
 * A file of configuration that Compose puts into containers: `config.at('/etc/app.conf')`. With the engine alone it is
 * a bind mount of one file, which keeps showing its old content after a replacement by rename (moby#15793): for files
 * that change, take a {@link ConfigFolder}.
 *
 * The hash that recreates its services counts its `content` as the compose file has it: a variable in there by its name, not by
 * what it holds. A changed value alone recreates nothing.
 */
export class Config<Owner extends string = string> extends Grantable<Owner> {
  constructor(
    project: Project<Owner>,
    name: string,
    override readonly props: ConfigProps | Elsewhere,
  ) {
    super(project, 'configs', name);
    project.configs.push(this);
  }

  /** The entry under `configs` of the project. */
  override render(): Mapping {
    return overlaid(this.renderOwn(), 'external' in this.props ? undefined : this.props.raw);
  }

  private renderOwn(): Mapping {
    const { props } = this;
    if ('external' in props) return { name: props.name, external: true };
    const { name, content, file, environment, labels, templateDriver } = props;
    return {
      name,
      content,
      file: file === undefined ? undefined : pathOf(file),
      environment: environment === undefined ? undefined : new VariableName(environment),
      labels: orNone(labels),
      template_driver: templateDriver,
    };
  }
}

/** A config that the platform has already. */
export class ExternalConfig<Owner extends string = string> extends Config<Owner> {
  /** @param external what it is called on the platform */
  constructor(project: Project<Owner>, name: string, external: { readonly name: Value }) {
    super(project, name, { external: true, name: external.name });
  }
}
