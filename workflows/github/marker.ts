/**
 * The hidden line by which a text of ours is found again: the first comment of HTML that has a line to itself, `<!-- … -->`. What somebody
 * has written above it changes nothing; nor does a later one, which may be part of what a text quotes.
 */
export const markerOf = (text: string | null | undefined): string | undefined =>
  text?.split(/\r?\n/).find((line) => /^<!-- .+ -->$/.test(line));
