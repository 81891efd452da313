import { isVersioned } from '../../services';
import { hashOf, type ReleaseFile } from './files';
import type { FilesOnHost } from './files-on-host';
import type { HostFacts } from './survey';

/**
 * Files of a release that are there under a name made from their content, and hold something else: edited by hand, or cut short by a power
 * failure. A service that mounts one keeps what it has read of it until it is made anew, which Compose, who knows the name alone, sees no
 * reason for. Pure.
 *
 * @param service whose folder they lie in
 * @returns their paths below the runtime's folder
 */
export const spoiltFiles = (
  service: string,
  files: readonly ReleaseFile[],
  there: FilesOnHost,
): readonly string[] =>
  files
    .filter(({ path, content }) => {
      const found = there[path];
      return (
        path.startsWith(`${service}/`) &&
        isVersioned(path) &&
        found !== undefined &&
        found.hash !== hashOf(content)
      );
    })
    .map(({ path }) => path);

/**
 * Options of `up` for a service that is started when all files are in their places. A deploy that was cut off before it came so far may
 * have mended files that nobody can tell any more.
 */
export const anewWhereSpoilt = (
  service: string,
  {
    files,
    facts,
  }: { readonly files: readonly ReleaseFile[]; readonly facts: Pick<HostFacts, 'files' | 'leftovers'> },
): readonly string[] =>
  facts.leftovers || spoiltFiles(service, files, facts.files).length > 0 ? ['--force-recreate'] : [];
