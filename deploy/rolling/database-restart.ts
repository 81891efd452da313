import { archiveMark, runtimeServices } from '../../services';
import type { RemoteCommand } from '../transport';
import { quick } from './commands';
import { layout } from './layout';
import type { PlanProps } from './plan';
import { restartDatabaseWord } from './request';

/**
 * Why a deploy restarts the database, which costs the requests that come meanwhile: its archive begins, ends or changes,
 * or a person asks for it. Undefined where it is left as it is, or does not run yet. Pure.
 */
export function databaseRestart({
  request,
  settings,
  facts,
}: Pick<PlanProps, 'request' | 'settings' | 'facts'>): string | undefined {
  const running = facts.containers.find(({ service }) => service === runtimeServices.postgres);
  if (running === undefined) return undefined;
  if (running.archive !== archiveMark(request.runtime, settings))
    return 'its archive begins, ends or changes with a start of the server alone';
  return request.restartDatabase ? `${restartDatabaseWord} asks for it` : undefined;
}

/**
 * Fixed; `$1` is the container that runs, `$2` the image of the next. A server that does not run says nothing, and there
 * is nothing to keep up either.
 */
const readsItsData = `data=$(docker exec "$1" sh -c 'cat "$PGDATA/PG_VERSION"' 2>/dev/null) || exit 0
image=$(docker image inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$2" | sed -n 's/^PG_MAJOR=//p')
[ "$data" = "$image" ] || { echo "the data are of PostgreSQL $data, and the image is PostgreSQL \${image:-of no stated version}, which cannot read them: dump them, and restore them into the new version" >&2; exit 1; }`;

/**
 * Fails when an image is of another major version than the data of the server that runs (PostgreSQL, "Upgrading a
 * PostgreSQL Cluster"): it would only be seen once the server is gone.
 */
export const sameMajorVersion = (image: string): RemoteCommand => ({
  argv: ['sh', '-c', readsItsData, 'sh', `${layout.runtime.project}-${runtimeServices.postgres}-1`, image],
  deadline: quick,
});
