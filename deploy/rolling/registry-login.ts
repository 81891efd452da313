import type { Settings } from '../../services';
import type { RemoteCommand } from '../transport';
import type { Step } from '../step';
import { quick, remove } from './commands';
import { layout } from './layout';

/**
 * A private folder, there for as long as its input is open. Fixed; the folder is its argument. It is locked, so that one
 * whose holder was killed is told from one in use.
 */
export const folderWhileHeld =
  'trap "exit 1" HUP INT TERM; mkdir -m 0700 -- "$1" || exit 1; trap \'rm -rf -- "$1"\' EXIT; exec 9<"$1"; flock 9; echo made; cat >/dev/null';

/** Removes folders of {@link folderWhileHeld} that nobody holds. What they begin with is its argument. */
export const removeUnheldFolders =
  'for each in "$1"*; do [ ! -d "$each" ] || ! flock --nonblock "$each" true || rm -rf -- "$each"; done';

/**
 * Words of find(1) for such folders that nobody holds, one that is in use being no leftover. It asks each by taking its lock for a moment,
 * so it changes nothing.
 *
 * @param begins what they begin with, absolute
 */
export const unheldFolders = (begins: string): readonly string[] => [
  '-path',
  `${begins}*`,
  ...['-exec', 'flock', '--nonblock', '{}', 'true', ';'],
];

/** Logins of deploys that were killed together with their end on the host. */
export const forgetLogins: RemoteCommand = {
  argv: ['sh', '-c', removeUnheldFolders, 'sh', layout.login],
  deadline: quick,
};

/** Done when all these images are on the host. */
export const isHere = (...images: string[]): NonNullable<Step['doneWhen']> => [
  {
    do: 'run',
    command: { argv: ['docker', 'image', 'inspect', '--format={{.Id}}', ...images], deadline: quick },
  },
];

export const pull = (image: string, deadline: number, ...options: string[]): Step['actions'][number] => ({
  do: 'run',
  command: { argv: ['docker', ...options, 'pull', '--quiet', image], deadline },
});

/**
 * Pulls images of ours, where they are not there already. The login lasts as long as the pull: it lies in memory, in a
 * folder that goes with this connection.
 *
 * @param images by digest, all of one registry
 * @param run tells the folders of runs apart
 * @param deadline milliseconds for each image
 */
export function pullWithLogin(
  images: readonly [string, ...string[]],
  settings: Settings,
  run: string,
  deadline: number,
): Pick<Step, 'doneWhen' | 'actions' | 'cleanUp' | 'spends'> {
  const folder = `${layout.login}${run}`;
  const [registry = ''] = images[0].split('/');
  const login = ['--config', folder, 'login', '--username', settings.plain('GHCR_USERNAME')];
  return {
    doneWhen: isHere(...images),
    actions: [
      {
        do: 'hold',
        command: { argv: ['sh', '-c', folderWhileHeld, 'sh', folder], deadline: quick },
        until: 'end of step',
      },
      {
        do: 'run',
        command: {
          argv: ['docker', ...login, '--password-stdin', registry],
          stdin: settings.secret('GHCR_DEPLOY_TOKEN'),
          deadline: 60_000,
        },
      },
      ...images.map((image) => pull(image, deadline, '--config', folder)),
    ],
    cleanUp: [remove(folder)],
    spends: 'pull',
  };
}
