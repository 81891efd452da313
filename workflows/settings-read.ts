import type { Workflow } from './model';

/** Names of the secrets and variables of GitHub that steps of these workflows are handed. */
export const settingsReadBy = (workflows: readonly Workflow[]): ReadonlySet<string> =>
  new Set(
    workflows
      .flatMap(({ jobs }) => Object.values(jobs))
      .flatMap(({ steps }) => steps)
      .flatMap(({ env = {} }) => Object.values(env))
      .flatMap((value) => [...value.matchAll(/\b(?:secrets|vars)\.(\w+)/g)])
      .map(([, name = '']) => name),
  );
