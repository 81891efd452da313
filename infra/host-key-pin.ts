import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import type { BootstrapGate } from './bootstrap-gate';

/** Of the keys that a host has: the one that every OpenSSH of the last decade has and prefers. */
const keyType = 'ssh-ed25519';

export interface HostKeyPinProps {
  /** What has to be passed before there is a pin to read. */
  readonly gate: Pick<BootstrapGate, 'passage' | 'passageExpression'>;
  /** Path from the stack's folder to the environment's `known_hosts`, which the gate's command writes. */
  readonly knownHosts: string;
  /** The name that stands first on the lines of its keys: `cogni-<env>`. */
  readonly alias: string;
}

/**
 * Keeps the host key that was pinned at provisioning in the state, so that another checkout, or a CI job, has it
 * without ever having met the host.
 *
 * The file is read once for each passage of the gate, after it: the gate's id is part of the file's path (as an empty
 * text), which makes the path unknown until then. Later plans leave the value alone, whether the file is there or not.
 *
 * After `cogni host pin --replace`, when a reinstall was meant, the value is out of date: Terraform reads the file
 * again with `apply -replace=terraform_data.host_key_pin`.
 */
export class HostKeyPin extends Construct {
  readonly #pin: TerraformData;

  constructor(scope: Construct, id: string, props: HostKeyPinProps) {
    super(scope, id);
    const path = `"\${path.module}/${props.knownHosts}\${substr(${props.gate.passageExpression}, 0, 0)}"`;
    const key = `try(regex("(?m)^${props.alias} (${keyType} \\\\S+)$", file(${path}))[0], "")`;
    this.#pin = new TerraformData(this, 'Default', {
      input: `\${fileexists(${path}) ? ${key} : ""}`,
      triggersReplace: [props.gate.passage],
      ignoreChanges: ['input'],
    });
  }

  /** Expression for the key as `<type> <base64>`; empty when none was pinned. */
  get hostKey(): string {
    return `\${${this.#pin.terraformResourceType}.${this.#pin.friendlyUniqueId}.output}`;
  }
}

interface TerraformDataProps {
  readonly input: string;
  readonly triggersReplace: readonly string[];
  readonly ignoreChanges: readonly string[];
}

/**
 * Terraform's built-in `terraform_data`. CDKTF's own class for it runs `terraform version` at every synth to see
 * whether it is new enough, a tenth of a second; the stack's `required_version` says the same for nothing.
 */
class TerraformData extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: TerraformDataProps,
  ) {
    super(scope, id, {
      terraformResourceType: 'terraform_data',
      terraformGeneratorMetadata: { providerName: 'terraform' },
      lifecycle: { ignoreChanges: [...props.ignoreChanges] },
    });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { input: this.props.input, triggers_replace: [...this.props.triggersReplace] };
  }
}
