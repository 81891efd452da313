import type { Bytes } from './bytes';
import type { Node } from './tree';

/** Where a container's output goes, always with a limit: an unlimited log fills the disk. */
export class Logging {
  private constructor(
    private readonly driver: 'json-file' | 'local',
    private readonly options: { readonly [option: string]: string },
  ) {}

  /** Files that `docker logs` and log collectors read (Docker documentation, "JSON File logging driver"). */
  static jsonFile(props: { readonly maxSize: Bytes; readonly maxFiles: number }): Logging {
    return new Logging('json-file', {
      'max-size': props.maxSize.toString(),
      'max-file': String(props.maxFiles),
    });
  }

  /** Docker's own compressed format (Docker documentation, "Local file logging driver"). */
  static local(props: { readonly maxSize: Bytes; readonly maxFiles: number }): Logging {
    return new Logging('local', { 'max-size': props.maxSize.toString(), 'max-file': String(props.maxFiles) });
  }

  render(): Node {
    return { driver: this.driver, options: this.options };
  }
}
