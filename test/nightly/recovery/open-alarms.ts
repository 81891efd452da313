import type { Message } from '../../../recovery/watch/messages';

/** Keys of what was told last to be so, and not yet to be over. Pure. */
export function openAlarms(told: readonly Pick<Message, 'key' | 'status'>[]): readonly string[] {
  const last = new Map(told.map(({ key, status }) => [key, status]));
  return [...last].filter(([, status]) => status === 'firing').map(([key]) => key);
}
