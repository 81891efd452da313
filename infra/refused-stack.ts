import { Annotations, TerraformStack, TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';
import { Backend } from './backend';
import { requiredVersion } from './terraform-version';

/** State of a stack that nothing may be done to. It is never written; its name is how it is told from a real one. */
export const refusedState = 'refused.tfstate';

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
    if (options.announce) Annotations.of(this).addWarning(refusal);
  }
}

/** A text that Terraform prints as it is: its own two template marks are doubled. */
const literal = (text: string): string => text.replace(/[$%]\{/g, (mark) => `${mark[0] ?? ''}${mark}`);
