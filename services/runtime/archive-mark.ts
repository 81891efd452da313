import type { Settings } from '../settings/settings';
import { postgresFolder } from './postgres';
import { runtimeProject, type RuntimeProps } from './runtime';

/**
 * What {@link archiveLabel} on the container of a database must say that is archived as it should be; undefined where the
 * database is not to be archived at all. A server with another one has to be restarted.
 *
 * @param settings read for the purpose `deploy`
 */
export function archiveMark(props: RuntimeProps, settings: Settings): string | undefined {
  if (props.archive === undefined) return undefined;
  const folder = runtimeProject(props).folders.find(({ name }) => name.startsWith(`${postgresFolder}/`));
  return `${folder?.name ?? postgresFolder} ${settings.plain('ARCHIVE_KEY')}`;
}
