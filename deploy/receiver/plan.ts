import { keyProgram, receiverHome, receiverPlace, waitBudgets } from '../../services';
import { holdLock } from '../lock/hold';
import { logsOf, quick, remove } from '../rolling/commands';
import { layout } from '../rolling/layout';
import { isHere, pull } from '../rolling/registry-login';
import type { Plan, Step } from '../step';
import type { RemoteCommand } from '../transport';
import { identityOf, lineOf, lockOf, versionsFolder, type ReceiverRequest } from './request';

/** Milliseconds. */
const limits = { pull: 10 * 60_000, stop: 60_000 } as const;

const upCommand = (environment: string): string => `./cogni receiver up ${environment}`;

/** Prints the public half of the receiver's key, which is made where there is none. */
export const keyCommand = ({
  environment,
  image,
}: Pick<ReceiverRequest, 'environment' | 'image'>): RemoteCommand => ({
  argv: [
    ...(['docker', 'run', '--rm', '--network=none', '--user=root', '--read-only'] as const),
    ...['--cap-drop=ALL', '--cap-add=CHOWN', '--cap-add=FOWNER', '--cap-add=DAC_OVERRIDE'],
    `--volume=${receiverPlace(environment).volume}:${receiverHome}`,
    '--entrypoint=/bin/sh',
    image,
    '-c',
    keyProgram,
    'sh',
    receiverPlace(environment).project,
  ],
  deadline: 2 * quick,
});

/** The key alone, as data: the record has to name it before anything can be received. */
export const planKey = (request: ReceiverRequest): Plan => ({
  title: `make the key of the receiver of ${request.environment}`,
  steps: [lock(request, 'making its key'), pullStep(request), keyStep(request)],
});

/** A receiver that runs as rendered and fetches the log, as data. */
export const planUp = (request: ReceiverRequest): Plan => ({
  title: `receive the log of ${request.environment}`,
  steps: [
    lock(request, 'starting it'),
    pullStep(request),
    keyStep(request),
    write(request),
    start(request),
    tidy(request),
  ],
});

/** A receiver that is gone, as data. @param withLog also what it has received, and its key */
export function planDown(request: ReceiverRequest, withLog: boolean): Plan {
  const { environment } = request;
  const { project, folder, volume } = receiverPlace(environment);
  return {
    title: `take the receiver of ${environment} away`,
    steps: [
      lock(request, 'taking it away'),
      {
        id: 'stop',
        name: 'stop the receiver',
        why: 'the database keeps nothing for it: nothing is left there to be taken away',
        actions: [
          {
            do: 'run',
            command: {
              argv: ['docker', 'compose', `--project-name=${project}`, 'down', '--remove-orphans'],
              deadline: limits.stop,
            },
          },
          { do: 'run', command: remove(folder) },
        ],
        leaves: 'the receiver may still run; what it has received is untouched',
        next: `./cogni receiver down ${environment}`,
      },
      ...(withLog
        ? [
            {
              id: 'forget',
              name: 'remove what it has received, and its key',
              why: 'asked for by --with-log',
              actions: [
                {
                  do: 'run' as const,
                  command: {
                    argv: ['docker', 'volume', 'rm', '--force', volume] as const,
                    deadline: limits.stop,
                  },
                },
              ],
              leaves: 'the receiver is stopped; its log may be there',
              next: `./cogni receiver down ${environment} --with-log`,
            },
          ]
        : []),
    ],
  };
}

const untouched = 'the database serves as before';

const lock = ({ environment, by, at }: ReceiverRequest, doing: string): Step => ({
  id: 'lock',
  name: 'take the lock of the receiver',
  why: 'one change of it at a time; deploys of what else runs on that host go on meanwhile',
  actions: [
    holdLock(
      `${by.who} on ${by.from}, ${doing} for ${environment} since ${at.toISOString()}`,
      lockOf(environment),
    ),
  ],
  leaves: `${untouched}; nothing was changed`,
  next: `see that ${layout.deploy.folder} on the receiving host is there and can be written to by who logs in, and that no other run is under way; then ${upCommand(environment)}`,
});

const pullStep = ({ environment, image }: ReceiverRequest): Step => ({
  id: 'pull',
  name: 'pull the image of the archive',
  why: 'it has the programs of the database’s own version; by digest, and without a login',
  doneWhen: isHere(image),
  actions: [pull(image, limits.pull)],
  spends: 'pull',
  leaves: untouched,
  next: `see that the receiving host reaches the registry of ${image.split('@')[0] ?? image}, then ${upCommand(environment)}`,
  interruptible: true,
});

/** The volume carries the labels that Compose would give it, which takes it for its own. */
const keyStep = (request: ReceiverRequest): Step => {
  const { environment, key } = request;
  const { project, volume } = receiverPlace(environment);
  return {
    id: 'key',
    name: 'have a key for the receiver',
    why: 'made on the receiving host, which its private half never leaves',
    actions: [
      {
        do: 'run',
        command: {
          argv: [
            ...(['docker', 'volume', 'create'] as const),
            `--label=com.docker.compose.project=${project}`,
            '--label=com.docker.compose.volume=log',
            volume,
          ],
          deadline: quick,
        },
      },
      {
        do: 'run',
        command: keyCommand(request),
        ...(key === undefined ? {} : { expect: { stdout: { equals: identityOf(key) } } }),
      },
    ],
    leaves: untouched,
    next:
      key === undefined
        ? `see that the image of the archive has ssh-keygen (docs/backup.md, "The image"), then ./cogni receiver key ${environment}`
        : `where the key above is another than archive.receiver.key of the record: ./cogni receiver key ${environment} says what to write there`,
  };
};

const write = ({ environment, files }: ReceiverRequest): Step => ({
  id: 'write',
  name: 'write its files',
  why: 'beside those of before, which a running one still reads; nothing in them is secret',
  actions: [{ do: 'write', folder: receiverPlace(environment).folder, files }],
  leaves: `${untouched}; a receiver that ran goes on`,
  next: `see that ${layout.deploy.folder} on the receiving host has room, then ${upCommand(environment)}`,
});

function start({ environment, byHand, key = '' }: ReceiverRequest): Step {
  const { project, folder, service } = receiverPlace(environment);
  const wait = waitBudgets.receiver.toMilliseconds();
  return {
    id: 'start',
    name: 'start the receiver, and wait until it fetches the log',
    why: 'through SSH, with its own key and the pinned key of the database’s host',
    actions: [
      {
        do: 'run',
        command: {
          argv: [
            ...(['docker', 'compose', '--ansi=never', '--progress=plain'] as const),
            `--project-name=${project}`,
            `--project-directory=${folder}`,
            `--file=${folder}/compose.yaml`,
            ...['up', '--detach', '--pull=never', '--remove-orphans', '--wait'],
            `--wait-timeout=${wait / 1000}`,
            service,
          ],
          deadline: wait + limits.stop,
        },
      },
    ],
    diagnose: [logsOf(service, project)],
    spends: 'start',
    leaves: `${untouched}; the receiver runs and goes on trying, each second`,
    next: `${
      byHand
        ? `put this line into the authorized_keys of who deploys on the host of ${environment}: ${lineOf(key)}`
        : `./cogni host converge ${environment} (lets its key in)`
    }, ./cogni deploy ${environment} --image-tag <tag> (the database knows a receiver from then on), then ${upCommand(environment)}`,
    interruptible: true,
  };
}

function tidy({ environment, files }: ReceiverRequest): Step {
  const folder = versionsFolder(environment);
  const current = files.flatMap(({ path }) => /^files\/([0-9a-f]+)\//.exec(path)?.[1] ?? [])[0] ?? '';
  return {
    id: 'tidy',
    name: 'remove files of earlier versions',
    why: 'nothing reads them any more',
    actions: [
      {
        do: 'run',
        command: {
          argv: [
            ...(['find', folder, '-mindepth', '1', '-maxdepth', '1', '-not', '-name', current] as const),
            ...['-exec', 'rm', '--recursive', '--force', '--', '{}', '+'],
          ],
          deadline: quick,
        },
      },
    ],
    leaves: 'the receiver fetches the log; some old files are left',
    next: upCommand(environment),
  };
}
