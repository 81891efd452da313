import { load } from 'js-yaml';
import type { BackupGuard } from '../infra/plan/words';
import type { HostFacts } from '../review';
import type { RenderedFile } from '../services';
import type { Environment } from '../stacks/environment';
import { renderEnvironment } from './render-environment';

/** What is known of an environment's host that no plan says, by host name: for a review. */
export const hostFactsOf = (
  environment: Environment,
  files: readonly RenderedFile[] = renderEnvironment(environment),
): Readonly<Record<string, HostFacts>> => ({
  [environment.host.name]: {
    volumes: volumesIn(files),
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

/** Backups are not asked for here, so nobody is told that there is a fresh one. */
export const backupGuard: BackupGuard = () =>
  Promise.resolve({
    kind: 'none',
    why: 'whether there is a fresh one, read back and verified, is not known here',
  });
