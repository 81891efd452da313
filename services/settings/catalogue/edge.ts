import type { Setting } from '../setting';

/** The edge. What its site needs is data of the environment record so far, and no setting. */
export const edgeSettings = {} as const satisfies Readonly<Record<string, Setting>>;
