import { imageOf, tried, type ImageRelease } from './plan';

/** Everything that a release of SourceCred's runner is made of. */
export interface RunnerBuild {
  /** Registry and repository, without a tag. */
  readonly repository: string;
  readonly tag: string;
  /** Folder of the build context, absolute. */
  readonly context: string;
  /** Images of Node.js, by digest: to run in, and to build in. */
  readonly base: string;
  readonly buildBase: string;
  /** Version of SourceCred that it must turn out to be. */
  readonly sourcecred: string;
  /** The command to run again, for failures. */
  readonly again: string;
}

/** As a host runs it. */
const user = '1001:1001';

export function runnerRelease({ base, buildBase, sourcecred, ...build }: RunnerBuild): ImageRelease {
  const image = imageOf(build);
  return {
    ...build,
    subject: 'the runner',
    bases: { BUILD_BASE: buildBase, BASE: base },
    made: 'from images by digest and packages by their hashes',
    trial: {
      why: 'a driver that was built for another Node.js fails here, and not on a host',
      actions: [
        {
          do: 'run',
          command: tried(
            image,
            user,
            'node',
            '/runner/node_modules/sourcecred/bin/sourcecred.js',
            '--version',
          ),
          expect: { stdout: { equals: `sourcecred v${sourcecred}` } },
        },
        // Without settings it says what is missing and ends.
        { do: 'run', command: tried(image, user), expect: { exit: [2] } },
      ],
    },
    record: { missing: 'the lock does not have it yet', byHand: 'write its digest into the lock by hand' },
  };
}
