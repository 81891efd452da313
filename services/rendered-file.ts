/** A file that reaches a host, as data. */
export interface RenderedFile {
  /** Path relative to the folder of its compose project, e.g. `compose.yaml`, `caddy/Caddyfile`. */
  readonly path: string;
  readonly content: string;
  /** Permission bits. */
  readonly mode: number;
}
