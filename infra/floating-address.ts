import { Construct } from 'constructs';
import { Ip } from './bindings/cherryservers/ip';

export interface FloatingAddressProps {
  /**
   * Number of the Cherry project that pays for it; its hosts are in the same one.
   *
   * @replaces project_id
   */
  readonly projectId: number;
  /**
   * Region slug; its hosts are in the same one.
   *
   * @replaces region
   */
  readonly region: string;
  /**
   * Labels in the portal.
   *
   * @inPlace tags
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * Whether Terraform refuses every plan that would give the address away. DNS points at it, so a lost one is an outage.
   *
   * @inPlace prevent_destroy
   * @default false
   */
  readonly preventDestroy?: boolean;
}

/**
 * An IPv4 address that outlives every host it is attached to. It belongs into a stack of its own
 * ({@link AddressStack}): a host's stack must never decide over its life.
 *
 * It is attached where the host is created ({@link HostProps.floatingAddress}), so no `target_*` is set here; what the
 * API reports for those is left alone.
 */
export class FloatingAddress extends Construct {
  readonly #ip: Ip;

  constructor(scope: Construct, id: string, props: FloatingAddressProps) {
    super(scope, id);
    this.#ip = new Ip(this, 'Default', {
      projectId: props.projectId,
      region: props.region,
      ...(props.tags === undefined ? {} : { tags: { ...props.tags } }),
      ...(props.preventDestroy ? { lifecycle: { preventDestroy: true } } : {}),
    });
  }

  /** Reference to the address's id in the API (a UUID). */
  get addressId(): string {
    return this.#ip.id;
  }

  /** Reference to the IPv4 address. */
  get address(): string {
    return this.#ip.address;
  }
}
