import type { Setting } from '../setting';

/** The AI proxy. */
export const litellmSettings = {} as const satisfies Readonly<Record<string, Setting>>;
