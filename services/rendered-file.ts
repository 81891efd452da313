/** A file that reaches a host, as data. */
export interface RenderedFile {
  /** Path relative to the folder of its compose project, e.g. `compose.yaml`, `caddy/Caddyfile`. */
  readonly path: string;
  readonly content: string;
  /** Permission bits. */
  readonly mode: number;
  /**
   * Present where only the first content is rendered: write it when there is no such file, and never touch it again.
   * From then on it is a deploy's state, such as the name of the app that the edge sends requests to.
   */
  readonly seed?: true;
}
