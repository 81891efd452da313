import type { Bytes } from './bytes';
import type { Node } from './tree';

/** How much of the disks' time a service gets, and how much it may take. */
export interface BlockIo {
  /** Share among containers, 10 to 1000. @default 500 */
  readonly weight?: number;
  /** The same for one device: path to weight. @default - none */
  readonly deviceWeights?: { readonly [path: string]: number };
  /** Most bytes a second, by the device's path. @default - no limit */
  readonly readRate?: { readonly [path: string]: Bytes };
  readonly writeRate?: { readonly [path: string]: Bytes };
  /** Most operations a second, by the device's path. @default - no limit */
  readonly readOperations?: { readonly [path: string]: number };
  readonly writeOperations?: { readonly [path: string]: number };
}

/** The entry under `blkio_config`. */
export function renderBlockIo(limits: BlockIo): Node {
  return {
    weight: limits.weight,
    weight_device: limits.deviceWeights && byPath(limits.deviceWeights, (weight) => ({ weight })),
    device_read_bps: limits.readRate && byPath(limits.readRate, (rate) => ({ rate: rate.toString() })),
    device_write_bps: limits.writeRate && byPath(limits.writeRate, (rate) => ({ rate: rate.toString() })),
    device_read_iops: limits.readOperations && byPath(limits.readOperations, (rate) => ({ rate })),
    device_write_iops: limits.writeOperations && byPath(limits.writeOperations, (rate) => ({ rate })),
  };
}

const byPath = <Limit>(
  limits: { readonly [path: string]: Limit },
  render: (limit: Limit) => { readonly [key: string]: Node },
): Node => Object.entries(limits).map(([path, limit]) => ({ path, ...render(limit) }));
