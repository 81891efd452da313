import { Failure } from '../../foundation/failure';
import { committedImageLock } from '../images';
import { dayFaults, dayOf } from '../release-day';

/** The image of the database that archives: PostgreSQL with pgBackRest, on the official one. */
export const databaseImage = {
  /** Last part of its repository, beside that of the application's images. */
  name: 'postgres-pgbackrest',
  /** Folder of the build context, relative to the checkout. */
  context: 'services/database/image',
  dockerfile: 'services/database/image/Dockerfile',
  /** Name in services/images.lock.json of what it is made from. */
  base: 'postgres',
} as const;

/** What its tag says of what is in it. */
export interface DatabaseVersions {
  /** Major version, as the tag of the official image says it. */
  readonly postgres: string;
  /** Upstream version of the distribution's package, as the Dockerfile pins it. */
  readonly pgbackrest: string;
}

/** @throws Failure where one of them does not say a version */
export function databaseVersions(
  dockerfile: string,
  baseTag = committedImageLock()[databaseImage.base].tag,
): DatabaseVersions {
  const [, postgres] = /^(\d+)(?:[.-]|$)/.exec(baseTag) ?? [];
  // Of a Debian package version such as `2.45-1` (deb-version(7)).
  const [, pgbackrest] = /^ARG PGBACKREST=(\d+(?:\.\d+)+)-/m.exec(dockerfile) ?? [];
  if (postgres !== undefined && pgbackrest !== undefined) return { postgres, pgbackrest };
  throw new Failure({
    what: 'what the image of the database is made of does not say its versions, which its tag names',
    faults: [
      ...(postgres === undefined
        ? [
            `services/images.lock.json: the tag "${baseTag}" of ${databaseImage.base} does not begin with a major version`,
          ]
        : []),
      ...(pgbackrest === undefined
        ? [`${databaseImage.dockerfile} has no line such as ARG PGBACKREST=2.45-1`]
        : []),
    ],
    next: `mend it (git diff -- services/images.lock.json ${databaseImage.context}), then ./cogni images release --dry-run`,
  });
}

const form = /^(\d+)-pgbackrest(\d+(?:\.\d+)+)-(\d{4})(\d{2})(\d{2})(?:\.[1-9]\d*)?$/;

/** The tag of a release made today: `15-pgbackrest2.45-20261123`. */
export const databaseTagOf = ({ postgres, pgbackrest }: DatabaseVersions, today: Date): string =>
  `${postgres}-pgbackrest${pgbackrest}-${dayOf(today).replaceAll('-', '')}`;

/** Everything that is wrong with a tag for a release of the image as it is in this checkout, each as a sentence: it must be true. */
export function databaseTagFaults(tag: string, versions: DatabaseVersions, today: Date): readonly string[] {
  const [, postgres, pgbackrest, year = '', month = '', date = ''] = form.exec(tag) ?? [];
  if (postgres === undefined || pgbackrest === undefined) {
    const example = databaseTagOf(versions, today);
    return [
      `"${tag}" is not <major>-pgbackrest<version>-<date>, such as ${example}, or ${example}.2 for another one of that day`,
    ];
  }
  return [
    ...(postgres === versions.postgres
      ? []
      : [`it names PostgreSQL ${postgres}, and services/images.lock.json has ${versions.postgres}`]),
    ...(pgbackrest === versions.pgbackrest
      ? []
      : [`it names pgBackRest ${pgbackrest}, and ${databaseImage.dockerfile} pins ${versions.pgbackrest}`]),
    ...dayFaults(`${year}-${month}-${date}`, today),
  ];
}
