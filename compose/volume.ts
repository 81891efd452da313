import { Handle } from './handle';
import type { Project } from './project';
import { overlaid, type Raw } from './raw';
import type { Value, Values } from './reference';
import { orNone, type Mapping } from './tree';

export interface VolumeProps {
  /**
   * Its name on the host, written out: renaming the project or the volume then never starts with empty data by
   * surprise. A changed name is a new, empty volume; the old one stays behind.
   */
  readonly name: Value;
  /** What holds the data. Another one is another, empty volume. @default - Docker's `local` */
  readonly driver?: string;
  /** Of the driver: `{ type: 'nfs', o: '…', device: '…' }`. A changed one has no effect on a volume that exists. */
  readonly driverOptions?: Values;
  /** Docker labels. @default - none */
  readonly labels?: Values;
  /** What has no property here. @default - nothing */
  readonly raw?: Raw;
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

  /** The entry under `volumes` of the project. */
  render(): Mapping {
    return overlaid(this.renderOwn(), this.props.raw);
  }

  protected renderOwn(): Mapping {
    const { name, driver, driverOptions, labels } = this.props;
    return { name, driver, driver_opts: orNone(driverOptions), labels: orNone(labels) };
  }
}

/**
 * A volume that somebody else made and keeps, by its name on the host. Compose refuses to start without it, and never
 * removes it.
 */
export class ExternalVolume<Owner extends string = string> extends Volume<Owner> {
  protected override renderOwn(): Mapping {
    return { name: this.props.name, external: true };
  }
}
