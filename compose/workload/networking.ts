import { renderExtraHosts, type ExtraHosts } from '../extra-hosts';
import { Network, renderAttachment, type Attachment } from '../network';
import type { Value } from '../reference';
import { orNone, type Mapping } from '../tree';
import type { Workload } from '../workload';
import { namespace } from './isolation';

/** A network that it has no place of its own in: the host's, Docker's default bridge, or another service's. */
export type SharedNetwork<Owner extends string = string> = 'host' | 'bridge' | Workload<Owner>;

/** A port that it listens on, or a range of them: `53`, `'53/udp'`, `'8000-8010'`, `'8000-8010/sctp'`. */
export type ExposedPort =
  | number
  | `${number}-${number}`
  | `${number}/${'tcp' | 'udp' | 'sctp'}`
  | `${number}-${number}/${'tcp' | 'udp' | 'sctp'}`;

/** Whom it reaches, and by what name it is reached. */
export interface NetworkingProps<Owner extends string = string> {
  /**
   * Networks it is on; an empty list is no network at all. Or one that it shares: the host's needs an
   * {@link Allowance} of the project.
   */
  readonly networks: readonly (Network<Owner> | Attachment<Owner>)[] | SharedNetwork<Owner>;
  /** What it takes itself to be called. @default - the container's id */
  readonly hostname?: Value;
  readonly domainName?: Value;
  /** Ports that it listens on, for the reader; nothing is published. @default - the image's */
  readonly exposes?: readonly ExposedPort[];
  /** DNS servers. @default - the engine's */
  readonly dns?: readonly Value[];
  readonly dnsSearch?: readonly Value[];
  readonly dnsOptions?: readonly string[];
  readonly extraHosts?: ExtraHosts;
  /** @default - Docker's choice */
  readonly macAddress?: Value;
}

/** The service's places in networks; none where it shares one. */
export function attachmentsOf<Owner extends string>({
  networks,
}: NetworkingProps<Owner>): readonly Attachment<Owner>[] {
  if (!isList(networks)) return [];
  return networks.map((joined) => (joined instanceof Network ? joined.as() : joined));
}

/** The entries of {@link NetworkingProps}. */
export const renderNetworking = (props: NetworkingProps, attachments: readonly Attachment[]): Mapping => ({
  // Without an entry Compose would put it on a network of its own making.
  network_mode: isList(props.networks)
    ? attachments.length === 0
      ? 'none'
      : undefined
    : namespace(props.networks),
  networks: orNone(
    Object.fromEntries(
      attachments.map((attachment) => [attachment.network.name, renderAttachment(attachment)]),
    ),
  ),
  hostname: props.hostname,
  domainname: props.domainName,
  expose: orNone(props.exposes?.map(String)),
  dns: orNone(props.dns),
  dns_search: orNone(props.dnsSearch),
  dns_opt: orNone(props.dnsOptions),
  extra_hosts: renderExtraHosts(props.extraHosts),
  mac_address: props.macAddress,
});

/** `Array.isArray` does not narrow a read-only array. */
const isList = (networks: NetworkingProps['networks']): networks is readonly (Network | Attachment)[] =>
  Array.isArray(networks);
