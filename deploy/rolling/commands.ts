import { layout } from './layout';
import type { RemoteCommand } from '../transport';

type Argv = RemoteCommand['argv'];

/** For commands that only touch a few files. */
export const quick = 30_000;

/**
 * `docker compose` on the runtime's project.
 *
 * @param files `current`: what serves. `next`: the release that is being deployed, from its own folder, so that nothing
 *   of what serves is touched; folders that services mount are those of the runtime all the same, because a container
 *   keeps its paths when the release becomes the current one.
 */
export const runtimeCompose = (files: 'current' | 'next', ...words: string[]): Argv => [
  ...composeOn(files, layout.runtime.folder),
  ...words,
];

/** The same for one-shot jobs: those of the next release also mount the folders of that release. */
export const jobCompose = (files: 'current' | 'next', ...words: string[]): Argv => [
  ...composeOn(files, files === 'next' ? layout.runtime.next : layout.runtime.folder),
  ...words,
];

const composeOn = (files: 'current' | 'next', folder: string): Argv => {
  const place = files === 'next' ? layout.runtime.next : layout.runtime.folder;
  return [
    'docker',
    'compose',
    '--ansi=never',
    '--progress=plain',
    `--project-name=${layout.runtime.project}`,
    `--project-directory=${folder}`,
    `--file=${place}/${layout.runtime.compose}`,
    `--env-file=${place}/${layout.runtime.settings}`,
  ];
};

/**
 * Runs a program in the container of the edge, with its environment. By the container's name: Docker Compose would first
 * read its files to find the same one, which takes longer than the question.
 */
export const execInEdge = (...words: string[]): Argv => [
  'docker',
  'exec',
  `${layout.edge.project}-${layout.edge.service}-1`,
  ...words,
];

/** BusyBox knows no retries and ignores `-t`; GNU's would try twenty times. Its own timeout (-T) crashes BusyBox 1.35. */
const wget = ['wget', '-q', '-t', '1', '-O'] as const;

/** Asks from the edge's own container. */
export const askFromEdge = (url: string): Argv => execInEdge(...wget, '-', url);

/**
 * Fixed; three times in a row `$1` must answer with success and `$2` the same as before, which is then printed. BusyBox
 * and GNU both sleep for parts of a second.
 */
const readyThenPrint = `unset -v first
for time in 1 2 3; do
  [ "$time" = 1 ] || sleep 0.05
  ${wget.join(' ')} /dev/null "$1" || { echo "no success from $1" >&2; exit 1; }
  said=$(${wget.join(' ')} - "$2") || { echo "no success from $2" >&2; exit 1; }
  [ "\${first=$said}" = "$said" ] || { echo "$2 said $first and then $said" >&2; exit 1; }
done
printf '%s\\n' "$said"`;

/**
 * Asks the application from the edge's own container, over the network that requests will take: whether it is ready, and
 * what it prints at another path, three times in a row. All in one, because entering a container takes longer than asking.
 */
export const askAppFromEdge = (ready: string, printed: string): Argv =>
  execInEdge('sh', '-c', readyThenPrint, 'sh', ready, printed);

/** Which images there are, by digest; `<none>` where one has no repository or digest. */
export const listImages: RemoteCommand = {
  argv: ['docker', 'image', 'ls', '--digests', '--no-trunc', '--format={{.Repository}}@{{.Digest}}'],
  deadline: quick,
};

/**
 * Fixed; for about a second, or until `$1` was not among them three times in a row, and then prints them as they were
 * last: the upstreams of the edge, with the requests that are on their way there (Caddy, "API",
 * reverse_proxy/upstreams).
 */
const watchUpstreams = `gone=0 time=0
while [ "$gone" -lt 3 ]; do
  time=$((time + 1))
  said=$(${wget.join(' ')} - http://127.0.0.1:2019/reverse_proxy/upstreams) || { echo 'no answer from the admin API' >&2; exit 1; }
  case $said in
    *'"'"$1"'"'*) gone=0; [ "$time" -lt 10 ] || break ;;
    *) gone=$((gone + 1)) ;;
  esac
  [ "$gone" -eq 3 ] || sleep 0.1
done
printf '%s\n' "$said"`;

/**
 * Waits about a second for the last request to an upstream to end, and prints which upstreams the edge then has. All in
 * one: entering a container ten times a second takes processor time from those whose requests are waited for.
 */
export const upstreamsOfEdge = (without: string): Argv =>
  execInEdge('sh', '-c', watchUpstreams, 'sh', without);

/** A job's container has a fixed name: what a deploy that was cut off left running is found again. */
export const jobContainer = (job: string): string => `${layout.runtime.project}-${job}`;

/** The end of a service's logs, for a failure: found by the project's name, whatever files there are. */
export const logsOf = (service: string, project: string = layout.runtime.project): RemoteCommand => ({
  argv: ['docker', 'compose', `--project-name=${project}`, 'logs', '--no-color', '--tail=50', service],
  deadline: quick,
});

/** State of a service's containers, for a failure. */
export const stateOf = (service: string): RemoteCommand => ({
  argv: ['docker', 'compose', `--project-name=${layout.runtime.project}`, 'ps', '--all', service],
  deadline: quick,
});

/** What Docker saw when it last checked the health of a service's container, for a failure. */
export const healthOf = (service: string): RemoteCommand => ({
  argv: [
    'docker',
    'inspect',
    '--format={{println .State.Status}}{{with .State.Health}}{{range .Log}}{{println .End "exit code" .ExitCode .Output}}{{end}}{{end}}',
    `${layout.runtime.project}-${service}-1`,
  ],
  deadline: quick,
});

export const remove = (path: string): RemoteCommand => ({
  argv: ['rm', '--recursive', '--force', '--', path],
  deadline: quick,
});

/** Replaces a file or link in one move: readers see the old one or the new one. */
export const rename = (from: string, to: string): RemoteCommand => ({
  argv: ['mv', '--force', '--no-target-directory', '--', from, to],
  deadline: quick,
});
