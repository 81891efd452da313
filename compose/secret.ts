import { type FileReference, pathOf } from './file-reference';
import { Grantable, type Elsewhere } from './grant';
import type { Project } from './project';
import { overlaid, type Raw } from './raw';
import { VariableName, type SecretReference, type Value, type Values } from './reference';
import { orNone, type Mapping } from './tree';

/** Where a secret's value comes from: exactly one of them. Never from the file itself. */
export type SecretSource =
  | { readonly environment: SecretReference; readonly file?: never }
  | { readonly file: FileReference; readonly environment?: never };

export type SecretProps = SecretSource & {
  /** Its name on the platform. @default - `<project>_<name>` */
  readonly name?: Value;
  /** @default - none */
  readonly labels?: Values;
  /** In a swarm: what keeps it. @default - none */
  readonly driver?: string;
  readonly driverOptions?: Values;
  /** In a swarm: what fills in the value's placeholders. @default - none */
  readonly templateDriver?: string;
  /** What has no property here. @default - nothing */
  readonly raw?: Raw;
};

/**
 * A secret that services read from a file, `/run/secrets/<name>`: unlike an environment variable it is not shown by
 * `docker inspect` and not inherited by every child process.
 */
export class Secret<Owner extends string = string> extends Grantable<Owner> {
  constructor(
    project: Project<Owner>,
    name: string,
    override readonly props: SecretProps | Elsewhere,
  ) {
    super(project, 'secrets', name);
    project.secrets.push(this);
  }

  /** The entry under `secrets` of the project. */
  override render(): Mapping {
    return overlaid(this.renderOwn(), 'external' in this.props ? undefined : this.props.raw);
  }

  private renderOwn(): Mapping {
    const { props } = this;
    if ('external' in props) return { name: props.name, external: true };
    const { name, file, environment, labels, driver, driverOptions, templateDriver } = props;
    return {
      name,
      file: file === undefined ? undefined : pathOf(file),
      environment: environment === undefined ? undefined : new VariableName(environment),
      labels: orNone(labels),
      driver,
      driver_opts: orNone(driverOptions),
      template_driver: templateDriver,
    };
  }
}

/** A secret that the platform has already. */
export class ExternalSecret<Owner extends string = string> extends Secret<Owner> {
  /** @param external what it is called on the platform */
  constructor(project: Project<Owner>, name: string, external: { readonly name: Value }) {
    super(project, name, { external: true, name: external.name });
  }
}
