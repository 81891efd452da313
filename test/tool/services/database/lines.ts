/** Those of a text that are not empty. */
export const lines = (text: string): string[] => text.split('\n').filter(Boolean);
