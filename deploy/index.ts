/** How a release reaches a host. */
export {
  deployRelease,
  planRelease,
  pullRelease,
  type DeployAdapters,
  type DeployResult,
} from './rolling/deploy';
export type { DeployPlan } from './rolling/plan';
export type { ReleaseRecord } from './rolling/record';
export {
  breakingWord,
  defaultLimits,
  withoutBackupWord,
  type DeployLimits,
  type DeployRequest,
} from './rolling/request';
export {
  readReleases,
  unreadableNote,
  type RecordedRelease,
  type RecordedReleases,
} from './rolling/releases';
export { planRollback, pullRecorded, rollBack, type RollbackRequest } from './rolling/rollback';
export { readHostJournal } from './rolling/journalled';
export type { JournalledRun, JournalText } from './journal/reader';
export { servedAt, type Span, type Timeline } from './watch';
export { timelineSvg } from './timeline/svg';
export { timelineText, type Paint } from './timeline/text';
export { planJson, planText } from './plan-text';
export { keyFault, type SigningKey } from './signatures';
export type { StepResult } from './plan-adapters';
