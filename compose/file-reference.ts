/** A file or folder beside `compose.yaml`, or elsewhere on the host, that the project does not write. */
export class ForeignFile {
  /**
   * @param path relative to the project's folder, or absolute
   * @param writer who puts it there, for those who read the report
   * @param content what it holds. Needed where Compose reads parts of the project from it (`extends`, `include`): what no rule
   *   can see is a fault. @default unknown
   */
  constructor(
    readonly path: string,
    readonly writer: string,
    readonly content?: string,
  ) {}
}

/**
 * A file that Compose reads: the path of one that a {@link ConfigFolder} of the project writes (`config/app.env`), or
 * a {@link ForeignFile}. A path that nobody writes is a fault: Compose would stop on the host.
 */
export type FileReference = string | ForeignFile;

/** The path as Compose takes it: what is relative is marked as such. */
export function pathOf(file: FileReference): string {
  const path = typeof file === 'string' ? file : file.path;
  return path.startsWith('/') ? path : `./${path}`;
}
