import { orNone, type Node } from './tree';

/** Limits of the kernel by name (`nofile`, `nproc`): one number, or what a program starts with and how far it may go. */
export interface Ulimits {
  readonly [name: string]: number | { readonly soft: number; readonly hard: number };
}

/** The entry under `ulimits`. */
export const renderUlimits = (ulimits: Ulimits | undefined): Node | undefined =>
  ulimits === undefined ? undefined : orNone({ ...ulimits });
