import { Construct } from 'constructs';
import { Server } from './bindings/cherryservers/server';
import { attributesThat } from './change-effects';
import type { DeployKey } from './deploy-key';
import type { FloatingAddress } from './floating-address';
import { cherryProvider } from './provider-schema';

/**
 * What a host is made of. Each prop says what a change of it costs on a host that lives; `infra/change-effects.ts` has
 * the same facts as data.
 */
export interface HostProps {
  /**
   * Name of the server in the portal and its host name (RFC 1123). It does not tell two servers apart: Cherry allows
   * twins.
   *
   * @inPlace hostname
   */
  readonly hostName: string;
  /**
   * Number of the Cherry project.
   *
   * @replaces project_id
   */
  readonly projectId: number;
  /**
   * Slug of the plan: cores, memory, disk.
   *
   * @replaces plan
   */
  readonly plan: string;
  /**
   * Slug of the region.
   *
   * @replaces region
   */
  readonly region: string;
  /**
   * Slug of the operating system's image.
   *
   * @wipes image
   */
  readonly image: string;
  /**
   * Who may log in as root at first boot; the bootstrap hands over to a user of its own. Empty: nobody.
   *
   * @wipes ssh_key_ids
   */
  readonly deployKeys: readonly DeployKey[];
  /**
   * The cloud-init document, encoded in base64 (or an expression that gives it). Cherry runs it once, at first boot.
   *
   * @wipes user_data
   */
  readonly userData: string;
  /**
   * An address that is attached when the server is created.
   *
   * @replaces extra_ip_addresses_ids
   * @default - the server's own address alone
   */
  readonly floatingAddress?: FloatingAddress;
  /**
   * Labels in the portal.
   *
   * @inPlace tags
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * Whether a change of what `@wipes` is carried out: the server is reinstalled, its disk emptied, and Terraform calls
   * that an update in place. When false, such a change is not even planned.
   *
   * @inPlace allow_reinstall
   * @default false
   */
  readonly allowReinstall?: boolean;
  /**
   * Whether Terraform refuses every plan that would delete the server. It does not see a reinstall.
   *
   * @inPlace prevent_destroy
   * @default false
   */
  readonly preventDestroy?: boolean;
}

/**
 * A server at Cherry that runs our bootstrap.
 *
 * Safe by default: `allow_reinstall` is off, and what would wipe a living host's disk (`attributesThat('wipes')`) is
 * ignored once it exists, so an edited user-data reaches new hosts only. `extra_ip_addresses_ids` is ignored with
 * them: attaching an address later must not replace the host.
 */
export class Host extends Construct {
  readonly #server: Server;

  constructor(scope: Construct, id: string, props: HostProps) {
    super(scope, id);
    const allowReinstall = props.allowReinstall ?? false;
    this.#server = new Server(this, 'Default', {
      name: props.hostName,
      hostname: props.hostName,
      projectId: props.projectId,
      plan: props.plan,
      region: props.region,
      image: props.image,
      ...(props.deployKeys.length === 0 ? {} : { sshKeyIds: props.deployKeys.map((key) => key.keyId) }),
      userData: props.userData,
      allowReinstall,
      ...(props.floatingAddress === undefined
        ? {}
        : { extraIpAddressesIds: [props.floatingAddress.addressId] }),
      ...(props.tags === undefined ? {} : { tags: { ...props.tags } }),
      lifecycle: {
        ignoreChanges: [...(allowReinstall ? [] : wiping), 'extra_ip_addresses_ids'],
        ...(props.preventDestroy ? { preventDestroy: true } : {}),
      },
    });
  }

  /** Reference to the server's number in the API. It stays the same over a reinstall. */
  get serverId(): string {
    return this.#server.id;
  }

  /** Expression for the primary IPv4 address. A `for` over the set, by type: the set has no order. */
  get address(): string {
    const server = `${Server.tfResourceType}.${this.#server.friendlyUniqueId}`;
    return `\${one([for a in ${server}.ip_addresses : a.address if a.type == "primary-ip"])}`;
  }

  /** Reference to the server's host name. */
  get hostName(): string {
    return this.#server.hostname;
  }

  /** Expression for the user-data that the living server got, in base64, whatever would be rendered today. */
  get deliveredUserData(): string {
    return `\${nonsensitive(${Server.tfResourceType}.${this.#server.friendlyUniqueId}.user_data)}`;
  }
}

const wiping = attributesThat('wipes', cherryProvider.version, 'cherryservers_server');
