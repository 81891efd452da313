import { Resource } from '@cdktf/provider-null/lib/resource';
import { Construct } from 'constructs';
import type { Host } from './host';

export interface BootstrapGateProps {
  /** Name of the environment. */
  readonly environment: string;
  readonly host: Host;
  /** Path from the stack's folder to the `cogni` launcher. */
  readonly launcher: string;
}

/**
 * Holds a deploy until the new server has proven who it is and its bootstrap has ended: `cogni host wait`. When that
 * fails, Terraform marks the gate as tainted, and the next deploy waits again.
 *
 * No shell is involved: the launcher is the interpreter, the address its last argument. The server's number goes along
 * because a pin of another server is out of date. The user-data goes along in the
 * environment, as the living server got it, because the token in it decides whom to trust.
 */
export class BootstrapGate extends Construct {
  readonly #gate: Resource;

  constructor(scope: Construct, id: string, props: BootstrapGateProps) {
    super(scope, id);
    this.#gate = new Resource(this, 'Default', {
      triggers: { server_id: props.host.serverId },
      provisioners: [
        {
          type: 'local-exec',
          interpreter: [
            ...[props.launcher, 'host', 'wait', props.environment],
            // Which machine it is: a pin of the one before it is out of date, and no reason to refuse.
            ...['--machine', props.host.serverId, '--address'],
          ],
          command: props.host.address,
          environment: { COGNI_USER_DATA: props.host.deliveredUserData },
        },
      ],
    });
  }

  /** Reference to an id that is another for each server, and unknown until the gate is passed. */
  get passage(): string {
    return this.#gate.id;
  }

  /** The same as the inside of an expression. */
  get passageExpression(): string {
    return `${Resource.tfResourceType}.${this.#gate.friendlyUniqueId}.id`;
  }
}
