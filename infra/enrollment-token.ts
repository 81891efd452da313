import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { TerraformVariable } from 'cdktf';
import { Construct } from 'constructs';
import { withEnrollment } from '../bootstrap/enrollment';
import { writeAtomically } from '../foundation/files';
import type { Secret } from '../foundation/secret';

const variable = 'enrollment_token';

/** Stands in the synthesized document where the token goes. It has a token's form, so that the document is a real one. */
const placeholder = 'ENROLLMENT-TOKEN-GOES-HERE'.padEnd(43, '-');

/**
 * The one-time value by which a new server proves that it is the one that got this user-data
 * (docs/decisions/0005-host-key-pinning.md).
 *
 * It is a sensitive variable of Terraform's, so that it is in neither the synthesized file nor the text of a plan, and
 * so that a stored plan carries the value it was made with. Its value reaches Terraform by
 * {@link writeEnrollmentVariable}.
 */
export class EnrollmentToken extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new TerraformVariable(this, 'Default', {
      type: 'string',
      sensitive: true,
      nullable: false,
      description:
        'One-time value of the next server; cogni keeps it beside the environment and writes it here',
    }).overrideLogicalId(variable);
  }

  /**
   * An expression for the user-data in base64: the document, with the token in it.
   *
   * @param document the cloud-init document without a token
   */
  deliveredIn(document: string): string {
    const text = withEnrollment(document, placeholder);
    if (text.split(placeholder).length !== 2)
      throw new Error('the user-data holds the placeholder of the token itself');
    const encoded = Buffer.from(text).toString('base64');
    return `\${base64encode(replace(base64decode("${encoded}"), "${placeholder}", var.${variable}))}`;
  }
}

/** Terraform reads a file of this name by itself. */
const variablesFile = (stackFolder: string): string => join(stackFolder, 'enrollment.auto.tfvars.json');

/**
 * Hands the token to Terraform: a variables file in the stack's folder, mode 0600.
 *
 * @param stackFolder the folder that Terraform runs in
 */
export function writeEnrollmentVariable(stackFolder: string, token: Secret): void {
  writeAtomically(variablesFile(stackFolder), `${JSON.stringify({ [variable]: token.reveal() })}\n`, 0o600);
}

/** For a stack that has no such variable: Terraform would warn of the value. */
export const forgetEnrollmentVariable = (stackFolder: string): void => {
  rmSync(variablesFile(stackFolder), { force: true });
};
