/** Workflows of GitHub Actions: typed objects, the rules that they must keep, and their YAML. */
export { pinOf, type ActionName, type PinnedAction } from './actions';
export { allWorkflows } from './all';
export type * from './model';
export { renderWorkflow, workflowsFolder } from './render';
export { workflowFaults, workflowFaultText, workflowRules } from './rules';
export type { RuleContext, WorkflowFault, WorkflowRule } from './rules/rule';
export { settingsReadBy } from './settings-read';
export { exampleArguments, scriptOf } from './shell';
export { branchOf, lookEnvironmentOf, lookSettings, type TargetEnvironment } from './target';
export { githubApi, type Github, type GithubProps } from './github/api';
export { keepIssue, type IssueProps, type KeptIssue } from './github/issue';
export { keepComment, type CommentProps } from './github/comment';
export { planSync, runSync, type SyncEntry, type SyncPlan, type SyncRow } from './github/sync';
export {
  documentsText,
  judgeDocuments,
  trailerName,
  type DocumentsReport,
  type TopicReport,
} from './change/documents';
export { noCommit, repositoryAt, type Repository } from './change/git';
export { changelogEntries, changelogFile } from './change/changelog';
export {
  judgeRelease,
  openPoints,
  releaseText,
  type ReleaseFiles,
  type ReleaseReport,
} from './change/release';
export { announcementBody, postMessage } from './change/announce';
