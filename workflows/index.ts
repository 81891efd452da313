/** Workflows of GitHub Actions: typed objects, the rules that they must keep, and their YAML. */
export { pinOf, type ActionName, type PinnedAction } from './actions';
export { allWorkflows } from './all';
export type * from './model';
export { renderWorkflow, workflowsFolder } from './render';
export { workflowFaults, workflowFaultText, workflowRules } from './rules';
export type { RuleContext, WorkflowFault, WorkflowRule } from './rules/rule';
export { exampleArguments, scriptOf } from './shell';
export type { TargetEnvironment } from './target';
export { githubApi, type Github, type GithubProps } from './github/api';
export { keepComment, type CommentProps } from './github/comment';
export { planSync, runSync, type SyncEntry, type SyncPlan, type SyncRow } from './github/sync';
