import type { Values } from './reference';
import { orNone, type Node } from './tree';

/** A device of the host that a container may use: a path, or the name of a CDI device (`vendor.com/gpu=0`). */
export interface Device {
  readonly source: string;
  /** Path in the container. @default - the same */
  readonly target?: string;
  /** Any of `r`ead, `w`rite, `m`knod. @default 'rwm' */
  readonly permissions?: string;
}

/** Devices by what they can do, chosen by their driver: so many of them, or these. */
export type DeviceRequest = {
  /** What all of them must be able to: `['gpu']`. */
  readonly capabilities: readonly [string, ...string[]];
  readonly driver?: string;
  readonly options?: Values;
} & (
  | {
      /** How many. @default - all */
      readonly count?: number | 'all';
      readonly ids?: never;
    }
  | {
      /** Which. */
      readonly ids: readonly string[];
      readonly count?: never;
    }
);

/** The entry under `devices`: the short form wherever it can say everything. */
export const renderDevice = ({ source, target, permissions }: Device): Node =>
  target === undefined && permissions === undefined
    ? source
    : { source, target: target ?? source, permissions: permissions ?? 'rwm' };

/** The entry under `gpus` and under a deployment's reserved `devices`. */
export const renderDeviceRequest = ({ capabilities, count, ids, driver, options }: DeviceRequest): Node => ({
  capabilities,
  count,
  device_ids: orNone(ids),
  driver,
  options: orNone(options),
});
