import { targetWord, type Target } from '../../deploy/backup/choose';
import { layout } from '../../deploy/rolling/layout';
import type { Secret } from '../../foundation/secret';
import type { DrillPlaceProps } from '../drill/containers';
import { restoreId } from './volume';

/** What every change of a host's data by a restore needs to know. */
export interface RestoreSite {
  readonly environment: string;
  /** Host name of its site. */
  readonly domain: string;
  /** Name of the host, which a person has to say. */
  readonly machine: string;
  /** How containers on the host reach the archive; `keys` is left to {@link keysFile}. */
  readonly place: Omit<DrillPlaceProps, 'keys'>;
  /** Who asks for it, and from which machine. */
  readonly by: { readonly who: string; readonly from: string };
  readonly at: Date;
  /** `<machine>@<target>`: the data that serve may be taken away for this. */
  readonly replace?: string;
}

export interface RestoreRequest extends RestoreSite {
  readonly target: Target;
  /** The archive's key, its secret and its passphrase, by the names that pgBackRest reads. */
  readonly keys: Readonly<Record<string, Secret | string>>;
  /** Name of the host that is restored although no backup of its present state could be made. */
  readonly withoutBackup?: string;
  /** Name of the host that is restored although the receiver of its log cannot be asked. */
  readonly withoutReceiver?: string;
}

export interface UndoRequest extends RestoreSite {
  /** Of the restore. */
  readonly id: string;
}

/** Where the archive's keys are on the host while a container that needs them is started: in memory, in a folder that goes with the connection. */
export const keysFolder = ({ at }: Pick<RestoreSite, 'at'>): string =>
  `${layout.login}restore-${restoreId(at)}`;
export const keysFile = 'archive.env';

/** The word that a restore asks for. */
export const replaceWord = ({ machine, target }: Pick<RestoreRequest, 'machine' | 'target'>): string =>
  `${machine}@${targetWord(target)}`;

/** How it is begun again. */
export const restoreCommand = ({
  environment,
  target,
  replace,
  withoutBackup,
  withoutReceiver,
}: Pick<
  RestoreRequest,
  'environment' | 'target' | 'replace' | 'withoutBackup' | 'withoutReceiver'
>): string =>
  [
    `./cogni restore ${environment} --to ${targetWord(target)}`,
    ...(replace === undefined ? [] : [`--replace ${replace}`]),
    ...(withoutBackup === undefined ? [] : [`--without-backup ${withoutBackup}`]),
    ...(withoutReceiver === undefined ? [] : [`--without-receiver ${withoutReceiver}`]),
  ].join(' ');

export const undoCommand = ({ environment, machine }: RestoreSite, id: string): string =>
  `./cogni restore ${environment} --undo ${id} --replace ${machine}@${id}`;
