import type { Bytes } from './bytes';
import type { Values } from './reference';
import type { Node } from './tree';

/**
 * Drivers that hand lines to another system, whose limits then count. `journald` hands them to the host's own journal: what that may
 * keep is the host's to say (journald.conf, `SystemMaxUse`).
 */
export type RemoteLogDriver =
  'awslogs' | 'etwlogs' | 'fluentd' | 'gcplogs' | 'gelf' | 'journald' | 'splunk' | 'syslog';

/** How much of the output is kept on the host. */
export interface LogFiles {
  /** Size at which a file is closed and the next one begun. */
  readonly maxSize: Bytes;
  /** Files that are kept, a whole number from 1: together with the size, all that the log may take. */
  readonly maxFiles: number;
}

/** Where a container's output goes, always with a limit: an unlimited log fills the disk. */
export class Logging {
  private constructor(
    private readonly driver: 'json-file' | 'local' | 'none' | RemoteLogDriver,
    private readonly options: Values,
  ) {}

  /** Files that `docker logs` and log collectors read (Docker documentation, "JSON File logging driver"). */
  static jsonFile(props: LogFiles): Logging {
    return new Logging('json-file', {
      'max-size': props.maxSize.toString(),
      'max-file': String(props.maxFiles),
    });
  }

  /** Docker's own compressed format (Docker documentation, "Local file logging driver"). */
  static local(props: LogFiles): Logging {
    return new Logging('local', { 'max-size': props.maxSize.toString(), 'max-file': String(props.maxFiles) });
  }

  /** Another system, whose own limits then count (Docker documentation, "Configure logging drivers"). */
  static to(driver: RemoteLogDriver, options: Values): Logging {
    return new Logging(driver, options);
  }

  /** Nowhere at all: what the container prints is lost. */
  static none(): Logging {
    return new Logging('none', {});
  }

  /** The entry under `logging`. */
  render(): Node {
    return Object.keys(this.options).length === 0
      ? { driver: this.driver }
      : { driver: this.driver, options: this.options };
  }
}
