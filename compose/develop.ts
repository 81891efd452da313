import { renderHook, type Hook } from './hook';
import { orNone, type Node } from './tree';

/** What Compose does when a file of the developer's changes (Compose specification, "develop"). */
export type Watch = {
  /** File or folder that is watched, relative to the project's. */
  readonly path: string;
  /** Patterns of files that do not count, or the only ones that do. @default - none */
  readonly ignore?: readonly string[];
  readonly include?: readonly string[];
  /** Copy everything once at the beginning. @default false */
  readonly initialSync?: boolean;
} & (
  | { readonly action: 'rebuild' | 'restart'; readonly target?: never; readonly exec?: never }
  | { readonly action: 'sync' | 'sync+restart'; readonly target: string; readonly exec?: never }
  | { readonly action: 'sync+exec'; readonly target: string; readonly exec: Hook }
);

/** The entry under `develop`. */
export const renderWatches = (watches: readonly Watch[]): Node => ({
  watch: watches.map(({ path, action, target, ignore, include, initialSync, exec }) => ({
    path,
    action,
    target,
    ignore: orNone(ignore),
    include: orNone(include),
    initial_sync: initialSync ? true : undefined,
    exec: exec === undefined ? undefined : renderHook(exec),
  })),
});
