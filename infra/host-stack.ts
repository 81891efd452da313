import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Backend, type BackendBlock } from './backend';
import { CherryserversProvider } from './bindings/cherryservers/provider';
import { BootstrapGate } from './bootstrap-gate';
import { DeployKey } from './deploy-key';
import { EnrollmentToken } from './enrollment-token';
import type { FloatingAddress } from './floating-address';
import { Host, type HostProps } from './host';
import { HostKeyPin } from './host-key-pin';
import type { PublicKey } from './public-key';
import { requiredVersion } from './terraform-version';

export interface HostStackProps {
  /** Name of the environment; the stack's id is the same. */
  readonly environment: string;
  readonly backend: BackendBlock;
  readonly host: Pick<HostProps, 'hostName' | 'projectId' | 'plan' | 'region' | 'image' | 'tags'>;
  /**
   * Registered with Cherry, for root at the first boot. Which keys the deploy user has is the bootstrap's.
   *
   * @default - none is registered: another stack has it
   */
  readonly deployKey?: PublicKey;
  /** The cloud-init document, without a token. */
  readonly userData: string;
  /**
   * Address that outlives the host, from its own stack, which has to be deployed first.
   *
   * @default - the server's own address alone
   */
  readonly floatingAddress?: FloatingAddress;
  /** Whether Terraform refuses to delete the server. */
  readonly preventDestroy: boolean;
  /** Path from the stack's folder to the `cogni` launcher. */
  readonly launcher: string;
  /** Path from the stack's folder to the environment's `known_hosts`. */
  readonly knownHosts: string;
}

/**
 * Everything of one environment that `cdktf deploy <env>` makes: deploy key, server, the wait for its bootstrap, the
 * pin of its host key.
 *
 * The ids of the constructs are the addresses of Terraform (`cherryservers_server.host`): renaming one makes Terraform
 * destroy and create. A test pins the set of them.
 */
export class HostStack extends TerraformStack {
  constructor(scope: Construct, props: HostStackProps) {
    super(scope, props.environment);
    this.addOverride('terraform.required_version', requiredVersion);
    new Backend(this, props.backend);
    new CherryserversProvider(this, 'cherryservers');
    new NullProvider(this, 'null');

    const keys =
      props.deployKey === undefined
        ? []
        : [
            new DeployKey(this, 'deploy_key', {
              name: `${props.host.hostName}-deploy`,
              publicKey: props.deployKey,
            }),
          ];
    const token = new EnrollmentToken(this, 'enrollment_token');
    const host = new Host(this, 'host', {
      ...props.host,
      deployKeys: keys,
      userData: token.deliveredIn(props.userData),
      preventDestroy: props.preventDestroy,
      ...(props.floatingAddress === undefined ? {} : { floatingAddress: props.floatingAddress }),
    });
    const gate = new BootstrapGate(this, 'bootstrap', {
      environment: props.environment,
      host,
      launcher: props.launcher,
    });
    const pin = new HostKeyPin(this, 'host_key_pin', {
      gate,
      knownHosts: props.knownHosts,
      alias: `cogni-${props.environment}`,
    });

    new TerraformOutput(this, 'address', {
      value: host.address,
      description: 'primary IPv4 address',
    });
    if (props.floatingAddress !== undefined) {
      new TerraformOutput(this, 'floating_address', {
        value: props.floatingAddress.address,
        description:
          'IPv4 address that outlives the host; the host does not answer on it yet (docs/architecture.md, Limits)',
      });
    }
    new TerraformOutput(this, 'server_id', {
      value: host.serverId,
      description: "the server's number at Cherry",
    });
    new TerraformOutput(this, 'host_name', { value: host.hostName });
    new TerraformOutput(this, 'host_key', {
      value: pin.hostKey,
      description: 'host key that was pinned at provisioning; empty until then',
    });
  }
}
