import type { Setting } from '../setting';

/** Logs and metrics, and where they are sent. */
export const alloySettings = {} as const satisfies Readonly<Record<string, Setting>>;
