import { load } from 'js-yaml';
import type { HostFacts } from '../review';
import type { RenderedFile } from '../services';
import type { Environment } from '../stacks/environment';
import type { KnownBackups } from './known-backups';
import { renderEnvironment } from './render-environment';

/**
 * What is known of an environment's host that no plan says, by host name: for a review.
 *
 * @param backups what its archive said. @default - it was not asked, and nothing is known of them
 */
export const hostFactsOf = (
  environment: Environment,
  backups?: KnownBackups,
  files: readonly RenderedFile[] = renderEnvironment(environment),
): Readonly<Record<string, HostFacts>> => ({
  [environment.host.name]: {
    volumes: volumesIn(files),
    ...(backups?.newest === undefined ? {} : { newestVerifiedBackup: backups.newest?.toISOString() ?? null }),
    ...(environment.archive === undefined ? {} : { runFirst: [`./cogni backup ${environment.name}`] }),
    runAfter: [`./cogni host pin ${environment.name} --replace`, `./cogni host check ${environment.name}`],
  },
});

/** Named volumes of every Compose project of a host. */
function volumesIn(files: readonly RenderedFile[]): readonly string[] {
  return files
    .filter(({ path }) => path.endsWith('/compose.yaml'))
    .flatMap(({ content }) => {
      const { volumes } = load(content) as { readonly volumes?: Readonly<Record<string, unknown>> };
      return Object.keys(volumes ?? {});
    })
    .sort();
}
