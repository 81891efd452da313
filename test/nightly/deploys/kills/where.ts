import type { StepName } from '../../../../deploy/rolling/step-names';

/*
 * Where each step that a deploy or a rollback can have is killed. A test of the unit tier holds these lists, and the cases of cases.ts,
 * against all names that there are: who adds a step is told by it that nothing kills there yet.
 */

/** Of a deploy of another release over one that serves, where nothing else has changed: every-step.ts. */
export const ofEachDeploy = [
  'pull the images of others',
  'pull the images of the release',
  'judge the pending migrations',
  'take the deploy lock',
  'wait for what an earlier deploy has left at work',
  'stage the files of the release',
  'start the database',
  'provision the database',
  'start LiteLLM',
  'migrate the database',
  'start the application',
  'prove the application from the network of the edge',
  'send the requests to it',
  'prove https://<domain> from outside',
  'keep the files that serve',
  'let the new files take the place of the old ones',
  'record the release',
  'let what served before end its requests',
  'stop what served before',
  'mark the disk with the data that it holds',
  'tidy up',
] as const satisfies readonly StepName[];

/** Of the first deploy to a host: first.test.ts. */
export const ofFirstDeploy = [
  'pull the images of others',
  'pull the images of the release',
  'take the deploy lock',
  'wait for what an earlier deploy has left at work',
  'stage the files of the release',
  'put new configuration beside what serves',
  'start the database',
  'provision the database',
  'start LiteLLM',
  'migrate the database',
  'start the application',
  'wait for LiteLLM',
  'prove the application from the network of the edge',
  'send the requests to it',
  'prove https://<domain> from outside',
  'let the new files take the place of the old ones',
  'record the release',
  'mark the disk with the data that it holds',
  'tidy up',
] as const satisfies readonly StepName[];

const noAlloy =
  'the sandbox has no image of Alloy (docs/sandbox-parts.md); it comes behind the record, with the command that starts or ends LiteLLM';

/** Those where nothing is killed, and why. */
export const notKilled: Readonly<Partial<Record<StepName, string>>> = {
  'start Alloy': noAlloy,
  'end Alloy': noAlloy,
};

/** Names of steps as the lists have them, which know no domain. */
export const namesOf = (steps: readonly { readonly name: string }[]): readonly string[] =>
  steps.map(({ name }) => name.replace(/^prove https:\/\/\S+/, 'prove https://<domain>'));
