import type { Setting } from '../setting';

/** SourceCred, a project of its own: its settings never hold a deploy of the application up. */
export const sourcecredSettings = {} as const satisfies Readonly<Record<string, Setting>>;
