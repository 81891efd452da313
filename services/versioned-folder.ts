import { createHash } from 'node:crypto';
import { ConfigFolder, type ConfigFile, type Project } from '../compose';

/** Whether a file of a project lies in such a folder: its path then says what it must hold. */
export const isVersioned = (path: string): boolean => /^[^/]+\/[0-9a-f]{12}\//.test(path);

/**
 * A configuration folder whose path holds a hash of its content: `litellm/0123456789ab`. A service that mounts it is
 * made anew when the content changed and at no other time; and a new version is put beside the one that serves, whose
 * files stay as they are until it has been replaced.
 *
 * Not for a service that a deploy leaves running: its old folder is removed with the release that it belonged to.
 */
export function versionedFolder<Owner extends string>(
  project: Project<Owner>,
  name: string,
  files: readonly ConfigFile[],
): ConfigFolder<Owner> {
  const hash = createHash('sha256');
  for (const { path, content, mode = 0o644 } of files) hash.update(JSON.stringify([path, mode, content]));
  return new ConfigFolder(project, `${name}/${hash.digest('hex').slice(0, 12)}`, files);
}
