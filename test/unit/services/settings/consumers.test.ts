import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { workflowTargets } from '../../../../cli/workflow-targets';
import { variables, type Project } from '../../../../compose';
import { credentialsOf } from '../../../../infra/backend-credentials';
import {
  app,
  edgeProject,
  runtimeProject,
  settingNames,
  settingsOf,
  type Consumer,
} from '../../../../services';
import { connectionParts } from '../../../../services/runtime/variables';
import { sourcecredProject } from '../../../../services/sourcecred/sourcecred';
import { environments } from '../../../../stacks/environments';
import { allWorkflows } from '../../../../workflows';
import { edgeProps, runtimeProps, sourcecredProps } from '../everything';
import { namesReadIn, noSettings } from './variables-read';

const checkout = resolve(__dirname, '..', '..', '..', '..');

/** What the services of a project read, by the names that the catalogue has for them: it does not know the app's slots. */
const readByServices = (project: Project): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    [...variables(project)].map(([service, uses]) => [
      service === app.slots.a.service ? 'app' : service,
      uses.map(({ variable }) => variable),
    ]),
  );

const runtime = readByServices(runtimeProject(runtimeProps));

/** What code in a folder reads by itself, as settings; the rest stands in {@link noSettings}. */
const readByCode = (folder: string): readonly string[] =>
  [...namesReadIn(folder).keys()].filter((name) => !(name in noSettings));

/** Words of a file that a pattern finds. */
const wordsIn = (file: string, pattern: RegExp): readonly string[] =>
  [...readFileSync(join(checkout, file), 'utf8').matchAll(pattern)].map(([, word = '']) => word);

/** Who reads what, found where they read it. The compiler asks for every consumer that there is. */
const readBy: Readonly<Record<Consumer, readonly string[]>> = {
  'runtime/app': runtime['app'] ?? [],
  'runtime/postgres': runtime['postgres'] ?? [],
  'runtime/backup': runtime['backup'] ?? [],
  'runtime/copies': runtime['copies'] ?? [],
  'runtime/db-provision': runtime['db-provision'] ?? [],
  'runtime/db-migrate': runtime['db-migrate'] ?? [],
  'runtime/litellm': runtime['litellm'] ?? [],
  'runtime/alloy': runtime['alloy'] ?? [],
  'edge/caddy': readByServices(edgeProject(edgeProps))['caddy'] ?? [],
  'sourcecred/sourcecred': readByServices(sourcecredProject(sourcecredProps))['sourcecred'] ?? [],
  'database-url': connectionParts,
  // The stand-in reads what the provider does (its contract with the real one is test/contract/provider).
  'cherry-provider': wordsIn('sandbox/provider/internal/provider/provider.go', /os\.Getenv\("(\w+)"\)/g),
  records: environments.flatMap(({ host }) =>
    host.kind === 'cherry' && typeof host.project !== 'number' ? [host.project.fromEnvironment] : [],
  ),
  'terraform-state': Object.values(credentialsOf).flatMap((said) => said.match(/[A-Z_]{5,}/g) ?? []),
  'registry-login': wordsIn('deploy/rolling/registry-login.ts', /settings\.(?:plain|secret)\('(\w+)'\)/g),
  'ssh-agent': allWorkflows(workflowTargets()).flatMap(({ jobs }) =>
    Object.values(jobs).flatMap(({ steps }) =>
      steps.flatMap((step) =>
        'run' in step
          ? [...step.run.join('\n').matchAll(/printenv (\w+) \| ssh-add/g)].map(([, name = '']) => name)
          : [],
      ),
    ),
  ),
  cli: readByCode('cli'),
  stacks: readByCode('stacks'),
  infra: readByCode('infra'),
  deploy: readByCode('deploy'),
  foundation: readByCode('foundation'),
  sandbox: readByCode('sandbox'),
};

describe('the catalogue and those who read it', () => {
  it.each(Object.entries(readBy))(
    'agree on what %s reads: all of it is declared, and nothing else',
    (who, read) => {
      expect([...settingsOf(who as Consumer)].sort()).toEqual([...new Set(read)].sort());
    },
  );

  it('know every service that reads a setting, and none that is not there', () => {
    const projects = { runtime, edge: readByServices(edgeProject(edgeProps)) };
    for (const [project, services] of Object.entries(projects)) {
      const known = Object.keys(readBy).filter((who) => who.startsWith(`${project}/`));
      const reading = Object.entries(services).filter(([, names]) => names.length > 0);
      expect(known).toEqual(expect.arrayContaining(reading.map(([service]) => `${project}/${service}`)));
    }
    expect(
      Object.keys(runtime)
        .map((service) => `runtime/${service}`)
        .sort(),
    ).toEqual(
      Object.keys(readBy)
        .filter((who) => who.startsWith('runtime/'))
        .sort(),
    );
  });

  it('leave no setting to nobody', () => {
    expect(
      settingNames.filter((name) => !Object.values(readBy).some((names) => names.includes(name))),
    ).toEqual([]);
  });
});
