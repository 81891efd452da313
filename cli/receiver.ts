import { join } from 'node:path';
import { requireArchive, lookAtReceiver } from '../deploy/backup/report';
import type { JudgedReceiver } from '../deploy/backup/receiver';
import { tryReadPins } from '../deploy/host/pins';
import { lineOf, type ReceiverRequest } from '../deploy/receiver/request';
import { lookAtReceiving, type Receiving } from '../deploy/receiver/status';
import { connect, type SshHost } from '../deploy/ssh';
import { systemClock } from '../foundation/clock';
import { ExitCode, Failure } from '../foundation/failure';
import { writeAtomically } from '../foundation/files';
import {
  committedImageLock,
  loadImageLock,
  renderReceiver,
  type Receiver,
  type ReceiverProps,
} from '../services';
import type { Environment } from '../stacks/environment';
import { environments } from '../stacks/environments';
import { environmentFolder, findEnvironment } from '../stacks/here';
import { runtimePropsOf } from '../stacks/runtime';
import { requireFitOf } from '../stacks/whole-host';
import { receiverText } from './backup-text';
import { findHost, hostKeyAlias } from './host-access';
import { operator } from './operator';

interface Received {
  readonly environment: Environment;
  readonly receiver: Receiver;
  /** By digest. */
  readonly image: ReceiverProps['image'];
}

/** @throws Failure (exit code 3) for an environment whose log nobody receives */
function requireReceiver(name: string): Received {
  const environment = findEnvironment(name);
  const archive = requireArchive(name, environment.archive);
  const { receiver } = archive;
  if (receiver !== undefined)
    return { environment, receiver, image: archive.image as ReceiverProps['image'] };
  throw new Failure({
    what: `${name} has no receiver of its log: its record in stacks/environments.ts lacks archive.receiver`,
    state: 'nothing was changed; one that runs somewhere goes on running',
    next: 'docs/backup.md, "Receiver", says what to write there',
    exitCode: ExitCode.refused,
  });
}

/** The host that receives: another environment's, or one by its address, whose key the record pins. */
async function receivingHost({ environment: { name }, receiver }: Received): Promise<SshHost> {
  if (process.env['VM_HOST']) {
    throw new Failure({
      what: `VM_HOST names one host, and a receiver is about two: that of ${name} and the one that receives`,
      next: 'unset VM_HOST and VM_HOST_KEY, and run it where both hosts are known',
      exitCode: ExitCode.usage,
    });
  }
  if ('on' in receiver) return findHost(findEnvironment(receiver.on));
  const { address, user = 'deploy', hostKey } = receiver;
  const knownHosts = join(environmentFolder(name), 'receiver_known_hosts');
  const alias = `${hostKeyAlias(name)}-receiver`;
  writeAtomically(knownHosts, `# From archive.receiver.hostKey of the record.\n${alias} ${hostKey}\n`, 0o600);
  return { environment: name, address, user, knownHosts, hostKeyAlias: alias };
}

/** Where the log of an environment is received. @throws Failure (exit code 3) where it is not */
export const receivingHostOf = (name: string): Promise<SshHost> => receivingHost(requireReceiver(name));

/**
 * What bringing a receiver to its host needs to know.
 *
 * @param needs `key`: it is made, so that the record can name it. `host`: the record names it, and the host of the database is known and pinned
 * @throws Failure (exit code 3) where the record has no receiver or does not let its key in, or the database's host is not pinned
 */
export async function receiverRequest(
  name: string,
  needs: 'key' | 'host' | 'nothing',
): Promise<{ readonly request: ReceiverRequest; readonly host: SshHost }> {
  const found = requireReceiver(name);
  const { environment, receiver, image } = found;
  const { key } = receiver;
  if (needs === 'host' && key === undefined) {
    throw new Failure({
      what: `the record of ${name} lets no receiver in: archive.receiver has no key`,
      state: 'nothing was changed',
      next: `./cogni receiver key ${name}    (makes one, and says what to write there)`,
      exitCode: ExitCode.refused,
    });
  }
  if (needs === 'host' && 'on' in receiver) requireRoomOn(receiver.on);
  const files =
    needs === 'host'
      ? renderReceiver({
          environment: name,
          image,
          receiver,
          ...(await databaseOf(environment)),
        })
      : [];
  return {
    request: {
      environment: name,
      files,
      image,
      key,
      always: receiver.synchronous === 'always',
      byHand: environment.host.kind === 'existing',
      by: operator(),
      at: systemClock.now(),
    },
    host: await receivingHost(found),
  };
}

/** @throws Failure (exit code 3) where all that runs on the receiving host does not fit together with it */
function requireRoomOn(name: string): void {
  const environment = findEnvironment(name);
  const lock = environment.sandbox ? loadImageLock(environment.sandbox.imageLockFile) : committedImageLock();
  requireFitOf(environment, runtimePropsOf(environment, lock), environments);
}

/** @throws Failure (exit code 3) for a host whose key is not pinned: the receiver would trust whatever answers */
async function databaseOf(environment: Environment): Promise<Pick<ReceiverProps, 'database' | 'pins'>> {
  const { address, user, port, knownHosts, hostKeyAlias: alias } = await findHost(environment);
  const pins = tryReadPins(knownHosts, alias);
  if (pins === undefined || address === '') {
    throw new Failure({
      what: `${address === '' ? 'no host is known' : 'no host key is pinned'} for ${environment.name}: the receiver could not tell another machine from it`,
      state: 'nothing was changed',
      next: `./cogni host pin ${environment.name}, then ./cogni receiver up ${environment.name}`,
      exitCode: ExitCode.refused,
    });
  }
  return {
    database: { address, user, alias, ...(port === undefined ? {} : { port }) },
    pins: pins.keys.map(({ type, base64 }) => `${alias} ${type} ${base64}\n`).join(''),
  };
}

/** @throws Failure (exit code 3) where commits wait for it also when it is away */
export function refuseDownWhereAlways({ environment, always }: ReceiverRequest): void {
  if (!always) return;
  throw new Failure({
    what: `commits of ${environment} wait for its receiver, always: without it nothing could be written`,
    state: 'nothing was changed',
    next: `take archive.receiver.synchronous out of its record (or make it 'while-there'), ./cogni deploy ${environment} --image-tag <tag>, then ./cogni receiver down ${environment}`,
    exitCode: ExitCode.refused,
  });
}

/** A receiver, seen from both of its ends. */
export interface ReceiverStatus {
  readonly environment: string;
  readonly at: string;
  readonly receiving: Receiving;
  /** What the database says; undefined where it does not answer. */
  readonly database: JudgedReceiver | undefined;
  /** Nothing is wrong with it. */
  readonly well: boolean;
  readonly alarms: readonly string[];
}

/** Looks at the receiving host and at the database. @throws Failure when the receiving host cannot be reached */
export async function receiverStatus(name: string): Promise<ReceiverStatus> {
  const found = requireReceiver(name);
  const { environment } = found;
  const archive = requireArchive(name, environment.archive);
  const host = await receivingHost(found);
  const there = await connect(host);
  const receiving = await lookAtReceiving(there, name).finally(() => there.close());
  const judged = await databaseSays(environment, archive);
  const alarms =
    typeof judged === 'string' ? [judged] : [...(judged?.alarms ?? ['the database did not answer'])];
  return {
    environment: name,
    at: there.describe(),
    receiving,
    database: typeof judged === 'string' ? undefined : judged?.receiver,
    well: receiving.state === 'fetches' && alarms.length === 0,
    alarms,
  };
}

/** A host that is gone is what a receiver is for: it says so, and is no reason to say nothing of the receiver. */
async function databaseSays(
  environment: Environment,
  archive: Parameters<typeof lookAtReceiver>[2],
): Promise<Awaited<ReturnType<typeof lookAtReceiver>> | string> {
  try {
    const transport = await connect(await findHost(environment));
    return await lookAtReceiver(transport, environment.name, archive).finally(() => transport.close());
  } catch (thrown) {
    if (thrown instanceof Failure) return `the host of ${environment.name} was not asked: ${thrown.what}`;
    throw thrown;
  }
}

/** The same for people. */
export function statusText({ environment, at, receiving, database, alarms }: ReceiverStatus): string {
  const { state, why, log } = receiving;
  const last = log?.at(-1);
  const states: Readonly<Record<Receiving['state'], string>> = {
    fetches: 'fetches the log',
    tries: `runs, and does not get the log: ${why ?? ''}`,
    stopped: `does not run (${why ?? ''})`,
    missing: 'is not there',
  };
  return [
    `the receiver of ${environment} on ${at} ${states[state]}`,
    ...(log === undefined
      ? []
      : [
          `log  ${log.length} pieces${last === undefined ? '' : `, ${Math.round(log.reduce((sum, { bytes }) => sum + bytes, 0) / 1024 ** 2)} MiB, last written ${last.at.toISOString()}`}`,
        ]),
    ...(database === undefined ? [] : [`the database says that it ${receiverText(database)}`]),
    ...alarms.map((alarm) => `! ${alarm}`),
    ...(state === 'fetches'
      ? []
      : [
          `next: ./cogni receiver up ${environment}${state === 'tries' ? ', which tells it address and host key of the database as they are known here (those of a rebuilt host are others)' : ''}`,
        ]),
    '',
  ].join('\n');
}

/** The key of a receiver, and what to do with it. */
export function keyText({ environment, key: known, byHand }: ReceiverRequest, key: string): string {
  if (known?.startsWith(key)) return `the record of ${environment} has this key:\n  ${key}`;
  return [
    `write this into archive.receiver of ${environment} (stacks/environments.ts):`,
    `  key: '${key}',`,
    'then let it in, tell the database, and start it:',
    byHand
      ? `  the authorized_keys of who deploys on the host of ${environment} gets this line:\n    ${lineOf(key)}`
      : `  ./cogni host converge ${environment}`,
    `  ./cogni deploy ${environment} --image-tag <tag>`,
    `  ./cogni receiver up ${environment}`,
  ].join('\n');
}
