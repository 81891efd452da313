import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Backend, type BackendBlock } from './backend';
import { CherryserversProvider } from './bindings/cherryservers/provider';
import { FloatingAddress } from './floating-address';
import { addressStackId } from './stack-folder';
import { requiredVersion } from './terraform-version';

export interface AddressStackProps {
  /** Name of the environment. */
  readonly environment: string;
  readonly backend: BackendBlock;
  /** Number of the Cherry project. */
  readonly projectId: number;
  /** Region slug. */
  readonly region: string;
  /** Whether Terraform refuses to give the address away. */
  readonly preventDestroy: boolean;
}

/**
 * The floating address of one environment, with a state of its own, so that nothing that happens to the host's stack,
 * a lost state included, can touch it.
 */
export class AddressStack extends TerraformStack {
  readonly floatingAddress: FloatingAddress;

  constructor(scope: Construct, props: AddressStackProps) {
    super(scope, addressStackId(props.environment));
    this.addOverride('terraform.required_version', requiredVersion);
    new Backend(this, props.backend);
    new CherryserversProvider(this, 'cherryservers');
    this.floatingAddress = new FloatingAddress(this, 'floating_address', {
      projectId: props.projectId,
      region: props.region,
      tags: { environment: props.environment },
      preventDestroy: props.preventDestroy,
    });
    new TerraformOutput(this, 'address', {
      value: this.floatingAddress.address,
      description:
        'IPv4 address that outlives the host; the host does not answer on it yet (docs/architecture.md, Limits)',
    });
  }
}
