import { changelogEntries, changelogFile, compareVersions, type ChangelogEntry } from './changelog';

/** Files of one commit that the release checklist is about; undefined for one that is not there. */
export interface ReleaseFiles {
  readonly packageJson: string | undefined;
  readonly changelog: string | undefined;
  readonly exampleFile: string | undefined;
}

export interface ReleaseProps {
  /** What it is held against; undefined where nothing was before. */
  readonly before: ReleaseFiles | undefined;
  readonly after: ReleaseFiles;
  /** `.env.example` as the settings catalogue gives it. */
  readonly renderedExample: string;
}

/** One point of the checklist. */
export interface ReleasePoint {
  readonly point: 'version' | 'changelog' | '.env.example';
  /** In words: what was found. */
  readonly found: string;
  /** What to do; undefined where it is done. */
  readonly next?: string;
}

export interface ReleaseReport {
  readonly version: string | undefined;
  readonly points: readonly ReleasePoint[];
}

/** The release checklist, as far as it stands in files: a pure function. That the team was told is seen when it is. */
export function judgeRelease({ before, after, renderedExample }: ReleaseProps): ReleaseReport {
  const version = versionOf(after.packageJson);
  const was = versionOf(before?.packageJson);
  const entry = changelogEntries(after.changelog ?? '').find((each) => each.version === version);
  return {
    version,
    points: [
      versionPoint(version, was),
      changelogPoint(version, entry),
      examplePoint(before?.exampleFile, after.exampleFile, renderedExample, entry),
    ],
  };
}

/** What of a checklist is not done, as faults that say what to do. */
export const openPoints = ({ points }: ReleaseReport): readonly string[] =>
  points.flatMap(({ point, found, next }) => (next === undefined ? [] : [`${point}: ${found}; ${next}`]));

export const releaseText = ({ points }: ReleaseReport): string =>
  points.map(({ point, found }) => `${point}: ${found}`).join('\n');

function versionOf(packageJson: string | undefined): string | undefined {
  try {
    const { version } = JSON.parse(packageJson ?? '{}') as { readonly version?: unknown };
    const isVersion = typeof version === 'string' && /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(version);
    return isVersion ? version : undefined;
  } catch {
    return undefined;
  }
}

function versionPoint(version: string | undefined, was: string | undefined): ReleasePoint {
  const point = 'version';
  if (version === undefined)
    return { point, found: 'package.json has none of three numbers', next: 'write one, such as 1.4.0' };
  if (was === undefined) return { point, found: `${version}, the first` };
  if (compareVersions(version, was) > 0) return { point, found: `${version}, after ${was}` };
  return {
    point,
    found: version === was ? `is ${was} still` : `${version} is older than ${was}, which is served`,
    next: 'write a newer one into package.json (npm version --no-git-tag-version minor)',
  };
}

function changelogPoint(version: string | undefined, entry: ChangelogEntry | undefined): ReleasePoint {
  const point = 'changelog';
  const wanted = `## ${version ?? '1.4.0'} (year-month-day)`;
  if (entry === undefined)
    return {
      point,
      found: `${changelogFile} has no entry of ${version ?? 'the version'}`,
      next: `write one under "${wanted}"`,
    };
  if (entry.date === undefined || Number.isNaN(Date.parse(entry.date)))
    return { point, found: `the entry of ${entry.version} has no date`, next: `head it "${wanted}"` };
  if (entry.text === '')
    return {
      point,
      found: `the entry of ${entry.version} is empty`,
      next: 'say what it changes for those who run it',
    };
  return { point, found: `has an entry of ${entry.version} (${entry.date})` };
}

/** The file is made from the catalogue; what it gained or lost is something to do for whoever deploys. */
function examplePoint(
  before: string | undefined,
  after: string | undefined,
  rendered: string,
  entry: ChangelogEntry | undefined,
): ReleasePoint {
  const point = '.env.example';
  if (after !== rendered)
    return {
      point,
      found: after === undefined ? 'is not there' : 'is not what the settings catalogue gives',
      next: './cogni settings docs, and commit it',
    };
  const [old, now] = [settingsIn(before ?? after), settingsIn(after)];
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter(
    (name) => old.get(name) !== now.get(name),
  );
  const unsaid = changed.filter((name) => !new RegExp(`\\b${name}\\b`).test(entry?.text ?? ''));
  if (unsaid.length > 0)
    return {
      point,
      found: `${unsaid.join(', ')} came, went, or became required or optional, and the changelog does not say so`,
      next: `name ${unsaid.length === 1 ? 'it' : 'them'} in the entry: somebody has to set or remove what changed`,
    };
  return {
    point,
    found:
      changed.length === 0
        ? 'is what the catalogue gives, with the settings of before'
        : `is what the catalogue gives; the changelog names ${changed.join(', ')}`,
  };
}

/** Names in an example file, and whether each must be set. */
const settingsIn = (text: string): ReadonlyMap<string, boolean> =>
  new Map(
    [...text.matchAll(/^(# )?([A-Z][A-Z0-9_]*)=/gm)].map(([, optional, name = '']) => [
      name,
      optional === undefined,
    ]),
  );
