/** What a Terraform plan will really do: a pure classifier and its report. It imports nothing of the project around it. */
export { readDiagnostics, type Diagnostic } from './diagnostics';
export { utf8Text } from './encoding';
export type { HostFacts } from './consequence';
export type { Masking } from './masking';
export { readPlan, type Plan } from './plan';
export { jsonReport, reportFormat, reportSchema, type JsonReport } from './report/json';
export { commentLimit, renderComment, renderSummary } from './report/markdown';
export { commentMarker, renderNoReport } from './report/no-report';
export { renderText, type Paint } from './report/terminal';
export {
  reviewPlan,
  verdictOnOutput,
  type Loss,
  type Review,
  type ReviewedChange,
  type ReviewInput,
} from './review';
export type { RuntimeChange, RuntimeFacts, RuntimeItem, RuntimeReview } from './runtime';
export { ruleTables } from './rules/tables';
export type { AttributeRule, Effect, ProviderRules, TypeRules } from './rules/rule';
export { UnreadablePlan } from './unreadable';
export { reviewExitCodes, severityOf, verdicts, worstOf, type Severity, type Verdict } from './verdict';
