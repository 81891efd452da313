import { unreadableNote, type RecordedRelease, type RecordedReleases } from '../deploy';

/** The commit of the checkout it was deployed from, where it is recorded. */
const from = ({ checkout }: RecordedRelease['record']): string =>
  checkout
    ? `, from ${checkout.commit.slice(0, 12)}${checkout.dirty ? ' with uncommitted changes' : ''}`
    : '';

/** The releases of a host, the newest first, for a person, and what is there besides that cannot be read. */
export function releasesText({ releases, unreadable }: RecordedReleases, environment: string): string {
  const others = unreadable.map((record) => `! ${unreadableNote(record)}`);
  if (releases.length === 0 && others.length === 0) return `nothing was deployed to ${environment} yet`;
  const width = Math.max(...releases.map(({ record }) => record.id.length));
  return [
    ...releases.map(({ record, serving, onHost }) => {
      const state = serving ? 'serves' : onHost ? 'on the host' : 'in the registry, if it still has it';
      return `${serving ? '*' : ' '} ${record.id.padEnd(width)}  ${state}, by ${record.by.who} on ${record.by.from}${from(record)}`;
    }),
    ...others,
  ].join('\n');
}
