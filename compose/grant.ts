import type { FileReference } from './file-reference';
import { Handle } from './handle';
import type { Value } from './reference';
import type { Mapping, Node } from './tree';

export interface GrantProps {
  /** User and group that own the file in the container. @default - root */
  readonly uid?: number;
  readonly gid?: number;
  /** Permission bits. @default 0o444 */
  readonly mode?: number;
}

/** A config or secret that a service may read, with the place of its file. */
export interface Grant<Source extends Grantable = Grantable> extends GrantProps {
  readonly source: Source;
  /** Path in the container. @default - `/<name>` for a config, `/run/secrets/<name>` for a secret */
  readonly target?: string;
}

/** What the platform has under this name already. */
export interface Elsewhere {
  readonly external: true;
  readonly name: Value;
}

/** What a service reads as a file that Compose puts into its container: a config or a secret. */
export abstract class Grantable<Owner extends string = string> extends Handle<Owner> {
  abstract readonly props: { readonly file?: FileReference } | Elsewhere;

  /** The entry under `configs` or `secrets` of the project. */
  abstract render(): Mapping;

  /** Puts it at a path in the container, for an owner and with a mode. */
  at(target: string, props: GrantProps = {}): Grant<this> {
    return { ...props, source: this, target };
  }
}

/** A grant without a place of its own is the thing itself. */
export const grantOf = (granted: Grantable | Grant): Grant =>
  granted instanceof Grantable ? { source: granted } : granted;

/** The file that it comes from; undefined where it comes from elsewhere. */
export const fileOf = ({ props }: Grantable): FileReference | undefined =>
  'file' in props ? props.file : undefined;

/** The entry under `configs` or `secrets` of a service or a build. */
export function renderGrant(granted: Grantable | Grant): Node {
  const { source, target, uid, gid, mode } = grantOf(granted);
  return {
    source: source.name,
    target,
    uid: uid === undefined ? undefined : String(uid),
    gid: gid === undefined ? undefined : String(gid),
    mode: mode === undefined ? undefined : `0${mode.toString(8)}`,
  };
}
