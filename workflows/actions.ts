import lock from './actions.lock.json';

/** The published actions that workflows use: the commit of each was looked up in its own repository, at the tag named beside it. */
export type ActionName = keyof typeof lock;

export interface PinnedAction {
  /** The tag that the commit had. */
  readonly version: string;
  /** Full SHA. A tag can be moved; this cannot. */
  readonly commit: string;
}

/** `actions/checkout@<sha>` */
export const pinned = (name: ActionName): string => `${name}@${lock[name].commit}`;

/** The entry of what a step uses; undefined when that is not exactly a pinned action. */
export function pinOf(uses: string): PinnedAction | undefined {
  const entries: Readonly<Record<string, PinnedAction>> = lock;
  const [name = '', commit] = uses.split('@');
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  return entry !== undefined && entry.commit === commit && /^[0-9a-f]{40}$/.test(commit) ? entry : undefined;
}
