import { Handle } from './handle';
import type { Project } from './project';
import { overlaid, type Raw } from './raw';
import type { Value, Values } from './reference';
import { orNone, type Mapping, type Node } from './tree';

/** One range of addresses of a network. */
export interface Subnet {
  /** In CIDR form: `172.28.0.0/16`. */
  readonly subnet: Value;
  /** Where containers' addresses come from. @default - the whole subnet */
  readonly range?: Value;
  /** @default - Docker's choice */
  readonly gateway?: Value;
  /** Addresses that Docker leaves alone, by the name of what has them. @default - none */
  readonly reserved?: Values;
}

export interface NetworkProps {
  /** No way out of it: containers reach each other and nothing else. @default false */
  readonly internal?: boolean;
  /** Its name on the host. A changed one makes a new network and recreates its services. @default - `<project>_<name>` */
  readonly name?: Value;
  /** @default - Docker's `bridge` */
  readonly driver?: 'bridge' | 'host' | 'ipvlan' | 'macvlan' | 'none' | 'overlay' | (string & {});
  /** Of the driver. @default - none */
  readonly driverOptions?: Values;
  /** Its addresses. A changed one makes the network anew, with all its containers. @default - Docker's choice */
  readonly subnets?: readonly Subnet[];
  /** What gives out addresses, and its options. @default - Docker's own */
  readonly addressDriver?: {
    readonly name: string;
    readonly options?: { readonly [option: string]: string };
  };
  /** Whether containers get IPv4 addresses; turning it off needs Docker 28. @default true */
  readonly ipv4?: boolean;
  /** Whether containers get IPv6 addresses. @default false */
  readonly ipv6?: boolean;
  /** Whether containers outside of Compose may join; a matter of overlay networks. @default false */
  readonly attachable?: boolean;
  /** Docker labels. @default - none */
  readonly labels?: Values;
  /** What has no property here. @default - nothing */
  readonly raw?: Raw;
}

/** How a service is known and reached on a network. */
export interface AttachmentProps {
  /** Further names, beside the service's own. @default - none */
  readonly aliases?: readonly string[];
  /** Fixed addresses; the network then must have a subnet that they are in. @default - Docker's choice */
  readonly ipv4?: Value;
  readonly ipv6?: Value;
  readonly linkLocal?: readonly string[];
  /** @default - Docker's choice */
  readonly macAddress?: Value;
  /** Of the network's driver, for this end of it. @default - none */
  readonly driverOptions?: Values;
  /** The network with the highest is joined first. @default 0 */
  readonly priority?: number;
  /** The network with the highest has the default route; needs Docker 28. @default 0 */
  readonly gatewayPriority?: number;
  /** Name of the interface in the container; needs Docker 28.1. @default - Docker's choice */
  readonly interfaceName?: string;
}

/** A network that the project makes and removes. */
export class Network<Owner extends string = string> extends Handle<Owner> {
  /** @param name its name in the project; on the host it is `<project>_<name>` unless said otherwise */
  constructor(
    project: Project<Owner>,
    name: string,
    readonly props: NetworkProps = {},
  ) {
    super(project, 'networks', name);
    project.networks.push(this);
  }

  /** The entry under `networks` of the project. */
  render(): Mapping {
    return overlaid(this.renderOwn(), this.props.raw);
  }

  protected renderOwn(): Mapping {
    const { props } = this;
    return {
      name: props.name,
      driver: props.driver,
      driver_opts: orNone(props.driverOptions),
      internal: props.internal ? true : undefined,
      attachable: props.attachable ? true : undefined,
      enable_ipv4: props.ipv4,
      enable_ipv6: props.ipv6,
      ipam: orNone(
        props.subnets === undefined && props.addressDriver === undefined
          ? undefined
          : {
              driver: props.addressDriver?.name,
              options: props.addressDriver?.options,
              config: props.subnets?.map(({ subnet, range, gateway, reserved }) => ({
                subnet,
                ip_range: range,
                gateway,
                aux_addresses: reserved,
              })),
            },
      ),
      labels: orNone(props.labels),
    };
  }

  /** Joins it under further names, beside the service's own. */
  as(...aliases: readonly string[]): Attachment<Owner> {
    return this.attach({ aliases });
  }

  /** Joins it with fixed addresses, priorities and what else an attachment may have. */
  attach(props: AttachmentProps): Attachment<Owner> {
    return { ...props, network: this, aliases: props.aliases ?? [] };
  }
}

/** A network that somebody else made: the only way to reach another project. Compose refuses to start without it. */
export class ExternalNetwork<Owner extends string = string> extends Network<Owner> {
  constructor(
    project: Project<Owner>,
    name: string,
    /** What it is called on the host. */
    readonly external: { readonly name: Value },
  ) {
    super(project, name);
  }

  protected override renderOwn(): Mapping {
    return { name: this.external.name, external: true };
  }
}

/** A service's place in a network. */
export interface Attachment<Owner extends string = string> extends AttachmentProps {
  readonly network: Network<Owner>;
  readonly aliases: readonly string[];
}

/** The entry under a service's `networks`. */
export function renderAttachment(attachment: Attachment): Node {
  return {
    aliases: orNone(attachment.aliases),
    ipv4_address: attachment.ipv4,
    ipv6_address: attachment.ipv6,
    link_local_ips: orNone(attachment.linkLocal),
    mac_address: attachment.macAddress,
    driver_opts: orNone(attachment.driverOptions),
    priority: attachment.priority,
    gw_priority: attachment.gatewayPriority,
    interface_name: attachment.interfaceName,
  };
}
