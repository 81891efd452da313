import type { Plan, RunAction, Step } from '../step';

/** An image of ours that is released by itself, beside the application's: all that its release is made of. */
export interface ImageRelease {
  /** What it is, for the names of steps: `the runner`. */
  readonly subject: string;
  /** Registry and repository, without a tag. */
  readonly repository: string;
  readonly tag: string;
  /** Folder of the build context, absolute. */
  readonly context: string;
  /** Images that it is made from, by digest, each by the build argument that takes it. */
  readonly bases: Readonly<Record<string, string>>;
  /** What its build takes: `from images by digest`. */
  readonly made: string;
  /** What is tried before anybody can pull it. */
  readonly trial: { readonly why: string; readonly actions: readonly RunAction[] };
  /** Where its digest is written down, for a failure after the push. */
  readonly record: {
    /** `the lock does not have it yet` */
    readonly missing: string;
    /** `write its digest into the lock by hand` */
    readonly byHand: string;
  };
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
export const planImageRelease = (release: ImageRelease): Plan => ({
  title: `release ${imageOf(release)}`,
  steps: [checkLogin(release), checkTag(release), buildImage(release), tryImage(release), push(release)],
});

/** The name that it is pushed by. */
export const imageOf = ({ repository, tag }: Pick<ImageRelease, 'repository' | 'tag'>): string =>
  `${repository}:${tag}`;
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

function checkLogin({ repository, again }: ImageRelease): Step {
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

const checkTag = (release: ImageRelease): Step => ({
  id: 'tag',
  name: `see that ${release.tag} is free`,
  why: 'a released tag never changes: what runs by it would not be what was tried',
  actions: [
    {
      do: 'run',
      command: { argv: ['sh', '-c', tagIsFree, 'sh', imageOf(release), platform], deadline: minutes(5) },
      refusal: [3],
    },
  ],
  leaves: nothing,
  next: `release under another tag (a new day, or a new version), or see that the registry can be reached; then ${release.again}`,
  interruptible: true,
});

const buildImage = (release: ImageRelease): Step => ({
  id: 'build',
  name: `build ${release.subject}`,
  why: `for ${platform}, ${release.made}; never on a host`,
  actions: [
    {
      do: 'run',
      command: {
        argv: [
          'docker',
          'build',
          `--platform=${platform}`,
          ...Object.entries(release.bases).map(([argument, image]) => `--build-arg=${argument}=${image}`),
          `--label=org.opencontainers.image.version=${release.tag}`,
          `--tag=${imageOf(release)}`,
          release.context,
        ],
        deadline: minutes(30),
      },
    },
  ],
  undo: [{ argv: ['docker', 'image', 'rm', '--force', imageOf(release)], deadline: minutes(1) }],
  leaves: nothing,
  next: `read the build's output above, mend it, then ${release.again}`,
  interruptible: true,
});

/** As little as a host gives it: no rights, no network, nothing that it could write to but its volumes. */
export const tried = (image: string, user: string, ...words: readonly string[]): RunAction['command'] => ({
  argv: [
    'docker',
    'run',
    '--rm',
    '--network=none',
    '--read-only',
    '--cap-drop=ALL',
    `--user=${user}`,
    image,
    ...words,
  ],
  deadline: minutes(2),
});

const tryImage = (release: ImageRelease): Step => ({
  id: 'try',
  name: `try ${release.subject}`,
  why: release.trial.why,
  actions: release.trial.actions,
  leaves: nothing,
  next: `mend ${release.context}, then ${release.again}`,
  interruptible: true,
});

const push = (release: ImageRelease): Step => ({
  id: 'push',
  name: 'push it',
  why: 'the tag appears when the registry has everything',
  actions: [{ do: 'run', command: { argv: ['docker', 'push', imageOf(release)], deadline: minutes(20) } }],
  leaves: 'the registry has the tag or has it not; a second run says which',
  next: `see that the login may push to ${release.repository} (write:packages), then ${release.again}`,
  interruptible: true,
});
