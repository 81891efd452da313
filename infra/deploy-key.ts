import { Construct } from 'constructs';
import { SshKey } from './bindings/cherryservers/ssh-key';
import type { PublicKey } from './public-key';

export interface DeployKeyProps {
  /**
   * Label of the key in the Cherry portal.
   *
   * @inPlace name
   */
  readonly name: string;
  /**
   * The public key. The key keeps its id when the text changes, so **no running server learns the new one**: rotate with
   * `cogni host converge`, which writes the host's own `authorized_keys`.
   *
   * @inPlace public_key
   */
  readonly publicKey: PublicKey;
}

/** The public half of a deploy key, registered with Cherry. The private half never comes near Terraform. */
export class DeployKey extends Construct {
  readonly #key: SshKey;

  constructor(scope: Construct, id: string, props: DeployKeyProps) {
    super(scope, id);
    this.#key = new SshKey(this, 'Default', { name: props.name, publicKey: props.publicKey.line });
  }

  /** Reference to the key's id. */
  get keyId(): string {
    return this.#key.id;
  }
}
