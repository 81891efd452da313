import type { RenderedFile } from '../../services';
import type { FilePlaces } from '../file-change';
import { layout } from '../rolling/layout';

/** Everything that a change of a running edge needs to know, as plain data. */
export interface EdgeRequest {
  readonly environment: string;
  /** Host name of its site. */
  readonly domain: string;
  /** The files of the edge as rendered today: `compose.yaml`, `caddy/Caddyfile`; seeds are left alone. */
  readonly files: readonly RenderedFile[];
  /** Who changes it, and from which machine. */
  readonly by: { readonly who: string; readonly from: string };
  /**
   * Lets the container be replaced where what it is made of differs (image, ports, mounts, limits). The site does not
   * answer meanwhile.
   * @default false
   */
  readonly replaceContainer?: boolean;
  readonly at: Date;
}

/** A file of the edge. */
export interface EdgeFile extends FilePlaces {
  /** Below the edge's folder, as it is rendered. */
  readonly path: string;
}

const place = (path: string, next: string, previous: string): EdgeFile => ({
  path,
  file: `${layout.edge.folder}/${path}`,
  next: `${layout.edge.folder}/${next}`,
  previous: `${layout.edge.folder}/${previous}`,
});

/** The new Caddyfile lies in the folder that the container mounts, so that the running Caddy itself can judge it. */
export const edgeFiles = {
  compose: place('compose.yaml', '.compose.next.yaml', '.compose.previous.yaml'),
  caddyfile: place('caddy/Caddyfile', 'caddy/.Caddyfile.next', 'caddy/.Caddyfile.previous'),
} as const;

/** A file in the folder `caddy`, as the container sees it. */
export const inContainer = (file: string): string =>
  file.replace(`${layout.edge.folder}/caddy/`, '/etc/caddy/');

export function renderedFile({ files }: EdgeRequest, { path }: EdgeFile): RenderedFile {
  const found = files.find((file) => file.path === path);
  if (found === undefined) throw new Error(`the edge is rendered without ${path}`);
  return found;
}

/** How the change is begun again. */
export const applyCommand = ({ environment, replaceContainer }: EdgeRequest): string =>
  `./cogni edge apply ${environment}${replaceContainer ? ' --replace-container' : ''}`;
