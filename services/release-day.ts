/** The day of a release, which the tags of images of ours end with, in UTC: `2026-11-21`. */
export const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

/** What is wrong with it, as sentences: a tag says when the image was made, so it must be true. */
export function dayFaults(day: string, today: Date): readonly string[] {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || dayOf(date) !== day) return [`${day} is no day`];
  return day > dayOf(today) ? [`${day} has not come yet: today is ${dayOf(today)}`] : [];
}
