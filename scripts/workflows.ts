import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { workflowTargets } from '../cli/workflow-targets';
import { Failure } from '../foundation/failure';
import { writeAtomically } from '../foundation/files';
import {
  allWorkflows,
  renderWorkflow,
  workflowFaults,
  workflowFaultText,
  workflowsFolder,
} from '../workflows';

/**
 * The workflows of the environments there are: path in the checkout, and content.
 *
 * @throws Failure with every rule that one of them breaks: nothing is written then
 */
export function workflowFiles(): ReadonlyMap<string, string> {
  const environments = workflowTargets();
  const workflows = allWorkflows(environments);
  const faults = workflowFaults(workflows, { environments });
  if (faults.length > 0) {
    throw new Failure({
      what: 'the workflows break rules (docs/workflows.md, "Rules")',
      faults: faults.map(workflowFaultText),
      next: 'mend workflows/ or stacks/environments.ts, then npm run workflows',
    });
  }
  return new Map(
    workflows.map((workflow) => [join(workflowsFolder, workflow.file), renderWorkflow(workflow)]),
  );
}

if (require.main === module) {
  const files = workflowFiles();
  mkdirSync(workflowsFolder, { recursive: true });
  for (const file of readdirSync(workflowsFolder)) {
    if (!files.has(join(workflowsFolder, file))) rmSync(join(workflowsFolder, file));
  }
  for (const [path, text] of files) writeAtomically(path, text);
}
