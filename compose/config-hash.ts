import { createHash } from 'node:crypto';
import type { ConfigFile, ConfigFolder } from './config-folder';
import { fileOf, grantOf } from './grant';
import type { Values } from './reference';
import type { Workload } from './workload';
import { environmentFileOf } from './workload/process';

/** Outside of the names that Docker keeps for itself (`com.docker.*`, `io.docker.*`, `org.dockerproject.*`). */
export const configHashLabel = 'config.sha256';

/**
 * The label that changes with the files that the service mounts. Compose compares labels, not the content of mounted
 * files: with it `up` recreates the services whose configuration changed, and only these.
 *
 * @returns no label for a service without such files, and for one that is not to be recreated. A {@link ConfigFile}
 *   that is only a first content does not count: from then on it is somebody else's.
 */
export function configHashOf(workload: Workload): Values {
  if (workload.props.recreateOnConfigChange === false) return {};
  const files = [...filesOf(workload)].filter(([, file]) => file.seed !== true);
  if (files.length === 0) return {};
  const hash = createHash('sha256');
  for (const [path, { content, mode = 0o644 }] of files.sort(([one], [other]) => (one < other ? -1 : 1))) {
    // Lengths before contents: no two lists of files give the same bytes.
    hash.update(JSON.stringify([path, mode, content.length])).update(content);
  }
  return { [configHashLabel]: hash.digest('hex') };
}

/** What it mounts of the project's own files, by path below the project's folder. */
function filesOf(workload: Workload): ReadonlyMap<string, ConfigFile> {
  const { mounts = [], configs = [], secrets = [], environmentFiles = [], labelFiles = [] } = workload.props;
  const found = new Map<string, ConfigFile>();
  for (const mount of mounts) {
    if (mount.kind === 'folder') folderFiles(mount.folder).forEach(([path, file]) => found.set(path, file));
  }
  const single = [
    ...mounts.flatMap((mount) => (mount.kind === 'host' ? [mount.source] : [])),
    ...[...configs, ...secrets].map((granted) => fileOf(grantOf(granted).source)),
    ...environmentFiles.map((entry) => environmentFileOf(entry).file),
    ...labelFiles,
  ].filter((file) => typeof file === 'string');
  for (const path of single) {
    const file = workload.project.file(path);
    if (file !== undefined) found.set(path, file);
  }
  return found;
}

const folderFiles = (folder: ConfigFolder): readonly (readonly [string, ConfigFile])[] =>
  folder.files.map((file) => [`${folder.name}/${file.path}`, file] as const);
