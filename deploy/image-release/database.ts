import { imageOf, tried, type ImageRelease } from './plan';

/** Everything that a release of the database's image is made of. */
export interface DatabaseBuild {
  /** Registry and repository, without a tag. */
  readonly repository: string;
  readonly tag: string;
  /** Folder of the build context, absolute. */
  readonly context: string;
  /** The official image, by digest. */
  readonly base: string;
  /** Major version of PostgreSQL, and version of pgBackRest, that it must turn out to have. */
  readonly postgres: string;
  readonly pgbackrest: string;
  /** The command to run again, for failures. */
  readonly again: string;
}

/** The server's own, in the official image. */
const user = '999:999';

/**
 * With the major version of PostgreSQL and the version of pgBackRest, inside of the image and through its entrypoint: both are what the tag says, the
 * programs are there that hosts run, and the entrypoint refuses a first start without a password, in the words of the official one.
 */
const hasItsPrograms = `
fail() {
  echo "$1" >&2
  exit 1
}
server=$(postgres --version)
case $server in
  "postgres (PostgreSQL) $1."*) ;;
  *) fail "the server says \\"$server\\", not PostgreSQL $1" ;;
esac
archiver=$(pgbackrest version)
[ "$archiver" = "pgBackRest $2" ] || fail "pgBackRest says \\"$archiver\\", not pgBackRest $2"
for each in age ssh ssh-keygen pg_receivewal perl; do
  command -v "$each" >/dev/null || fail "there is no $each"
done
refusal=$(docker-entrypoint.sh postgres 2>&1) && fail 'the entrypoint starts a server without a password'
case $refusal in
  *'superuser password is not specified'*) ;;
  *) fail "the entrypoint is not the official one: $refusal" ;;
esac
`;

export function databaseRelease({ base, postgres, pgbackrest, ...build }: DatabaseBuild): ImageRelease {
  const image = imageOf(build);
  return {
    ...build,
    subject: 'the image of the database',
    bases: { BASE: base },
    made: 'from the official image by digest and packages of its distribution by their versions',
    trial: {
      why: 'what a tag does not say truly, or would start otherwise than the official image, fails here and not on a host',
      actions: [
        {
          do: 'run',
          command: {
            argv: [
              'docker',
              'image',
              'inspect',
              '--format={{json .Config.Entrypoint}} {{json .Config.Cmd}}',
              image,
            ],
            deadline: 30_000,
          },
          expect: { stdout: { equals: '["docker-entrypoint.sh"] ["postgres"]' } },
        },
        {
          do: 'run',
          command: tried(image, user, 'sh', '-c', hasItsPrograms, 'sh', postgres, pgbackrest),
        },
      ],
    },
    record: { missing: 'no record names it yet', byHand: 'its digest goes into archive.image of the record' },
  };
}
