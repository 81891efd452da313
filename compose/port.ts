import type { Node } from './tree';

/** The first free one of these ports, chosen by Docker when the container starts. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export interface PortProps {
  /**
   * Port on the host: a fixed one, one of a range, or `ephemeral` for whatever is free. A changed one recreates the
   * container.
   */
  readonly host: number | PortRange | 'ephemeral';
  /** Port in the container. @default the host's, which then must be a fixed one */
  readonly container?: number;
  /** @default 'tcp' */
  readonly protocol?: 'tcp' | 'udp' | 'sctp';
  /** Address on the host. @default - every address, IPv4 and IPv6 */
  readonly address?: string;
  /** A name for people and tools; Docker does nothing with it. @default - none */
  readonly name?: string;
  /** The protocol above TCP or UDP, a hint for platforms: `http`. @default - none */
  readonly appProtocol?: string;
  /** In a swarm: on the node that runs the container, or through the routing mesh. @default 'ingress' */
  readonly mode?: 'host' | 'ingress';
}

/** A published port. Docker opens it past the host's own firewall rules, so it is a decision, never a convenience. */
export class Port {
  /** The ports of the host that it may take; undefined where any will do. */
  readonly host: PortRange | undefined;
  readonly container: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly address: string | undefined;
  readonly #props: PortProps;

  /** @throws RangeError for a port that is not a whole number from 1 to 65535, and for a range that ends before it begins. */
  constructor(props: PortProps) {
    const { host } = props;
    this.host = host === 'ephemeral' ? undefined : rangeOf(host);
    const same = typeof host === 'number' ? host : undefined;
    this.container = checked(props.container ?? same ?? Number.NaN);
    this.protocol = props.protocol ?? 'tcp';
    this.address = props.address;
    this.#props = props;
  }

  /** Do both claim one socket of the host? A wildcard address claims those of all addresses of its family. */
  conflictsWith(other: Port): boolean {
    if (this.host === undefined || other.host === undefined || this.protocol !== other.protocol) return false;
    const meet = addressesMeet(this.address, other.address);
    return meet && this.host.from <= other.host.to && other.host.from <= this.host.to;
  }

  /** Compose's short form: `127.0.0.1:8080:80/udp`. */
  toString(): string {
    const address = this.address === undefined ? '' : `${bracketed(this.address)}:`;
    const host = this.host === undefined ? (address === '' ? '' : ':') : `${written(this.host)}:`;
    return `${address}${host}${this.container}${this.protocol === 'tcp' ? '' : `/${this.protocol}`}`;
  }

  /** The entry under `ports`: the short form wherever it can say everything. */
  render(): Node {
    const { name, appProtocol, mode } = this.#props;
    if (name === undefined && appProtocol === undefined && mode === undefined) return this.toString();
    return {
      name,
      mode,
      host_ip: this.address,
      target: this.container,
      published: this.host === undefined ? undefined : written(this.host),
      protocol: this.protocol,
      app_protocol: appProtocol,
    };
  }
}

/** As people write it: `443`, `8000-8010`. */
const written = ({ from, to }: PortRange): string => (from === to ? String(from) : `${from}-${to}`);

/** Is there an address of the host that both are? None means every address; a wildcard is those of its family. */
export const addressesMeet = (one: string | undefined, other: string | undefined): boolean =>
  one === other || covers(one, other) || covers(other, one);

function covers(wildcard: string | undefined, address: string | undefined): boolean {
  if (wildcard === undefined || address === undefined) return true;
  // What a variable says may be of either family.
  const isAnyOf = (family: boolean): boolean => address.includes('$') || address.includes(':') === family;
  return (wildcard === '0.0.0.0' && isAnyOf(false)) || (wildcard === '::' && isAnyOf(true));
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

function rangeOf(host: number | PortRange): PortRange {
  if (typeof host === 'number') return { from: checked(host), to: host };
  const range = { from: checked(host.from), to: checked(host.to) };
  if (range.from > range.to)
    throw new RangeError(`a range of ports must not end before it begins: ${written(range)}`);
  return range;
}

function checked(port: number): number {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RangeError(`a port must be a whole number from 1 to 65535, not ${port}`);
  }
  return port;
}
