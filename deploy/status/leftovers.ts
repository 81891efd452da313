import { dirname } from 'node:path';
import { maintenanceNext } from '../maintenance';
import { layout } from '../rolling/layout';
import { unheldFolders } from '../rolling/registry-login';
import { place as sourcecred } from '../sourcecred/request';
import type { RemoteCommand } from '../transport';

/** The folders in which new files wait, and old ones are kept, beside those that are there. */
const folders = {
  deploy: [layout.runtime.folder, layout.edge.upstream.folder, layout.memory],
  edge: [layout.edge.folder, `${layout.edge.folder}/caddy`],
  sourcecred: [sourcecred.folder],
} as const;

const names = ['.next', '.previous', '.unsettled', '.*.next', '.*.next.*', '.*.previous', '.*.previous.*'];

/** Asks for what runs leave that were cut off, one path a line. A folder that is not there holds none. */
export const askLeftovers: RemoteCommand = {
  argv: [
    'find',
    ...Object.values(folders).flat(),
    ...['-maxdepth', '1', '(', ...names.flatMap((name) => ['-name', name, '-o'])],
    ...unheldFolders(layout.login),
    ...[')', '-print'],
  ],
  deadline: 20_000,
};

/** The command whose run a path is of. */
export type LeftBy = 'deploy' | 'edge apply' | 'maintenance' | 'sourcecred apply';

/** The command whose run has put something at such a path, by where that is. */
export function leftBy(path: string): LeftBy {
  const isIn = (some: readonly string[]): boolean => some.includes(dirname(path));
  if (isIn(folders.sourcecred) || path.startsWith(sourcecred.logins)) return 'sourcecred apply';
  if (path === maintenanceNext) return 'maintenance';
  return isIn(folders.edge) ? 'edge apply' : 'deploy';
}
