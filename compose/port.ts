export interface PortProps {
  /** Port on the host. */
  readonly host: number;
  /** Port in the container. @default the host's */
  readonly container?: number;
  /** @default 'tcp' */
  readonly protocol?: 'tcp' | 'udp';
  /** Address on the host. @default - every address, IPv4 and IPv6 */
  readonly address?: string;
}

/** A published port. Docker opens it past the host's own firewall rules, so it is a decision, never a convenience. */
export class Port {
  readonly host: number;
  readonly container: number;
  readonly protocol: 'tcp' | 'udp';
  readonly address: string | undefined;

  /** @throws RangeError for a port that is not a whole number from 1 to 65535. */
  constructor(props: PortProps) {
    this.host = checked(props.host);
    this.container = checked(props.container ?? props.host);
    this.protocol = props.protocol ?? 'tcp';
    this.address = props.address;
  }

  /** Do both claim one socket of the host? A wildcard address claims those of all addresses. */
  conflictsWith(other: Port): boolean {
    const sameAddress =
      this.address === other.address || isWildcard(this.address) || isWildcard(other.address);
    return this.host === other.host && this.protocol === other.protocol && sameAddress;
  }

  toString(): string {
    const address = this.address === undefined ? '' : `${bracketed(this.address)}:`;
    return `${address}${this.host}:${this.container}${this.protocol === 'udp' ? '/udp' : ''}`;
  }
}

const isWildcard = (address: string | undefined): boolean =>
  address === undefined || address === '0.0.0.0' || address === '::';
const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

function checked(port: number): number {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RangeError(`a port must be a whole number from 1 to 65535, not ${port}`);
  }
  return port;
}
