import { join } from 'node:path';
import { Annotations, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';
import { writeAtomically } from '../foundation/files';
import { Backend } from './backend';
import { requiredVersion } from './terraform-version';

/** State file of a stack that nothing may be done to; its name is how it is told from a real one. */
export const refusedState = 'refused.tfstate';

/**
 * Writes the state of a refused stack into its folder: the one output that the stack has. An empty state would not
 * do, because Terraform finds nothing to destroy in one, and says so as a success.
 */
export function writeRefusedState(stackFolder: string): void {
  const outputs = { refused: { value: true, type: 'bool' } };
  const state = {
    version: 4,
    terraform_version: '1.10.0',
    serial: 1,
    lineage: 'refused',
    outputs,
    resources: [],
  };
  writeAtomically(join(stackFolder, refusedState), `${JSON.stringify(state)}\n`);
}

/**
 * Stands in for a stack whose environment has faults. Every command of CDKTF synthesizes all stacks, and an error
 * annotation on one of them stops the command whatever stack it was for. So the faults are warnings there, and this
 * stack lets nothing but itself fail: it has no resources, no access to the real state, and a variable that Terraform
 * finds invalid in plan, apply, destroy and refresh alike, with the faults as its message.
 */
export class RefusedStack extends TerraformStack {
  /**
   * @param refusal the complete text for a person: what, every fault, the next command
   * @param options.announce whether the text is also a warning of every command, whatever stack it is for
   */
  constructor(scope: Construct, id: string, refusal: string, options: { readonly announce: boolean }) {
    super(scope, id);
    this.addOverride('terraform.required_version', requiredVersion);
    new Backend(this, { type: 'local', attributes: { path: refusedState } });
    new TerraformVariable(this, 'refused', {
      type: 'string',
      default: id,
      nullable: false,
      validation: [{ condition: '${var.refused != var.refused}', errorMessage: literal(refusal) }],
    });
    new TerraformOutput(this, 'is_refused', { value: true }).overrideLogicalId('refused');
    if (options.announce) Annotations.of(this).addWarning(refusal);
  }
}

/** A text that Terraform prints as it is: its own two template marks are doubled. */
const literal = (text: string): string => text.replace(/[$%]\{/g, (mark) => `${mark[0] ?? ''}${mark}`);
