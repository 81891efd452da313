import { buildRules } from './rules/build';
import { deployRules } from './rules/deploy';
import type { RuleContext, WorkflowFault, WorkflowRule } from './rules/rule';
import { securityRules } from './rules/security';
import type { Workflow } from './model';

/** Every rule, with a code that stays the same. */
export const workflowRules: readonly WorkflowRule[] = [...securityRules, ...buildRules, ...deployRules];

/** Everything that is wrong with workflows, all of it at once. */
export const workflowFaults = (
  workflows: readonly Workflow[],
  context: RuleContext,
): readonly WorkflowFault[] =>
  workflows.flatMap((workflow) =>
    workflowRules.flatMap(({ code, check }) =>
      check(workflow, context).map((found) => ({ code, file: workflow.file, ...found })),
    ),
  );

/** `W01 build-prod.yml, job images, step Push: …` */
export const workflowFaultText = ({ code, file, job, step, problem }: WorkflowFault): string =>
  `${code} ${[file, ...(job ? [`job ${job}`] : []), ...(step ? [`step "${step}"`] : [])].join(', ')}: ${problem}`;
