import type { Step } from '../step';

/**
 * Every name that a step of a deploy or a rollback can have: the compiler refuses any other. By this list the tests tell that each of them
 * is killed somewhere (test/nightly/deploys/kills/where.ts).
 */
export const stepNames = [
  'pull the images of others',
  'pull the images of the release',
  'judge the pending migrations',
  'take the deploy lock',
  'make room for the images of the release',
  'wait for what an earlier deploy has left at work',
  'stage the files of the release',
  'put new configuration beside what serves',
  'keep configuration as it is on the host',
  'start the database',
  'restart the database',
  'provision the database',
  'start LiteLLM',
  'restart LiteLLM',
  'mark the moment before the migrations',
  'migrate the database',
  'start the application',
  'wait for LiteLLM',
  'prove the application from the network of the edge',
  'send the requests to it',
  'prove https://<domain> from outside',
  'keep the files that serve',
  'let the new files take the place of the old ones',
  'record the release',
  'let what served before end its requests',
  'stop what served before',
  'provision the database again',
  'start LiteLLM as it was recorded',
  'end LiteLLM',
  'end Alloy',
  'start Alloy',
  'start the backups',
  'end the backups',
  'start the portable copies',
  'end the portable copies',
  'mark the disk with the data that it holds',
  'send the records of the host off it',
  'tidy up',
  'remove images that nobody goes back to',
] as const;

export type StepName = (typeof stepNames)[number];

/** A step of a deploy or a rollback. */
export interface RollingStep extends Step {
  /** The one with the domain names that of the environment. */
  readonly name: StepName | `prove https://${string} from outside`;
}
