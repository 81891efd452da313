import type { Plan, Step } from '../step';

/** Everything that a release of the runner is made of. */
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

const minutes = (count: number): number => count * 60_000;

/** Platform of the hosts, whatever the machine is that builds. */
const platform = 'linux/amd64';

/**
 * The steps of a release, on the machine that builds: the login first, since everything after it takes a while; then that
 * the tag is free, since a released tag never changes; build, try, push. Nothing is public before the last step, and
 * the push is all or nothing: a registry knows a tag only when it has all layers.
 */
export const planRunnerRelease = (build: RunnerBuild): Plan => ({
  title: `release ${build.repository}:${build.tag}`,
  steps: [checkLogin(build), checkTag(build), buildImage(build), tryImage(build), push(build)],
});

const imageOf = ({ repository, tag }: RunnerBuild): string => `${repository}:${tag}`;
const nothing = 'no image was pushed';

/**
 * With the registry. Exit code 0: docker is logged in. 3: it has no login there, or one that the registry refuses. 4: that cannot
 * be known, since the registry or docker's daemon does not answer.
 *
 * Without a name docker tries the login that it has, and never asks where there is no terminal.
 */
const isLoggedIn = `
out=$(docker login "$1" 2>&1 </dev/null) && exit 0
printf '%s\\n' "$out" >&2
case $out in
  *[Uu]nauthorized* | *': denied'* | *'403 Forbidden'* | *'credentials invalid'*) exit 3 ;;
  # It says then, too, that it cannot ask for another one.
  *'Login did not succeed'*) exit 4 ;;
  *[Cc]'annot perform an interactive login'*) exit 3 ;;
esac
exit 4
`;

function checkLogin({ repository, again }: RunnerBuild): Step {
  const [registry = ''] = repository.split('/');
  return {
    id: 'login',
    name: `see that docker is logged in to ${registry}`,
    why: 'before anything that takes long; the login must be one that may push',
    actions: [
      {
        do: 'run',
        command: { argv: ['sh', '-c', isLoggedIn, 'sh', registry], deadline: minutes(1) },
        refusal: [3],
      },
    ],
    leaves: nothing,
    next: `docker login ${registry} (an account with write:packages), or see that docker runs and the registry can be reached; then ${again}`,
    interruptible: true,
  };
}

/**
 * With the image and the platform. Exit code 0: the registry knows no such tag. 3: it is there. 4: that cannot be known.
 *
 * A pull is what asks with docker's own login, wherever that is kept. Its answer counts for free only in the words in which the
 * registry says so (OCI distribution specification, "Error Codes") or the image store of containerd; a tag that is there for other
 * platforms alone, or a helper of the login that is missing, is "not found" as well.
 */
const tagIsFree = `
if out=$(docker pull --quiet --platform="$2" "$1" 2>&1); then
  echo "$1 is there already: a released tag never changes" >&2
  exit 3
fi
case $out in
  *'no matching manifest'* | *'does not match the specified platform'*)
    echo "$1 is there already, for other platforms: a released tag never changes" >&2
    exit 3
    ;;
  *'manifest unknown'* | *'name unknown'* | *'repository name not known'* | *"$1: not found") exit 0 ;;
esac
printf '%s\\n' "$out" >&2
exit 4
`;

const checkTag = (build: RunnerBuild): Step => ({
  id: 'tag',
  name: `see that ${build.tag} is free`,
  why: 'a released tag never changes: what runs by it would not be what was tried',
  actions: [
    {
      do: 'run',
      command: { argv: ['sh', '-c', tagIsFree, 'sh', imageOf(build), platform], deadline: minutes(5) },
      refusal: [3],
    },
  ],
  leaves: nothing,
  next: `release under another tag (a new day, or a new version), or see that the registry can be reached; then ${build.again}`,
  interruptible: true,
});

const buildImage = (build: RunnerBuild): Step => ({
  id: 'build',
  name: 'build the runner',
  why: `for ${platform}, from images by digest and packages by their hashes; never on a host`,
  actions: [
    {
      do: 'run',
      command: {
        argv: [
          'docker',
          'build',
          `--platform=${platform}`,
          `--build-arg=BUILD_BASE=${build.buildBase}`,
          `--build-arg=BASE=${build.base}`,
          `--label=org.opencontainers.image.version=${build.tag}`,
          `--tag=${imageOf(build)}`,
          build.context,
        ],
        deadline: minutes(30),
      },
    },
  ],
  undo: [{ argv: ['docker', 'image', 'rm', '--force', imageOf(build)], deadline: minutes(1) }],
  leaves: nothing,
  next: `read the build's output above, mend it, then ${build.again}`,
  interruptible: true,
});

/** As a host will run it: without rights and without a network. */
const inContainer = (build: RunnerBuild, ...words: string[]): readonly [string, ...string[]] => [
  'docker',
  'run',
  '--rm',
  '--network=none',
  '--read-only',
  '--cap-drop=ALL',
  '--user=1001:1001',
  imageOf(build),
  ...words,
];

const tryImage = (build: RunnerBuild): Step => ({
  id: 'try',
  name: 'try the runner',
  why: 'a driver that was built for another Node.js fails here, and not on a host',
  actions: [
    {
      do: 'run',
      command: {
        argv: inContainer(build, 'node', '/runner/node_modules/sourcecred/bin/sourcecred.js', '--version'),
        deadline: minutes(2),
      },
      expect: { stdout: { equals: `sourcecred v${build.sourcecred}` } },
    },
    {
      // Without settings it says what is missing and ends.
      do: 'run',
      command: { argv: inContainer(build), deadline: minutes(2) },
      expect: { exit: [2] },
    },
  ],
  leaves: nothing,
  next: `mend ${build.context}, then ${build.again}`,
  interruptible: true,
});

const push = (build: RunnerBuild): Step => ({
  id: 'push',
  name: 'push it',
  why: 'the tag appears when the registry has everything',
  actions: [{ do: 'run', command: { argv: ['docker', 'push', imageOf(build)], deadline: minutes(20) } }],
  leaves: 'the registry has the tag or has it not; a second run says which',
  next: `see that the login may push to ${build.repository} (write:packages), then ${build.again}`,
  interruptible: true,
});
