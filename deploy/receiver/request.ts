import { receiverCommand, receiverPlace, type RenderedFile } from '../../services';
import { layout } from '../rolling/layout';
import type { HostLock } from '../lock/hold';

/** Everything that bringing a receiver to its host needs to know, as plain data. */
export interface ReceiverRequest {
  /** Whose log is received. */
  readonly environment: string;
  /** Of `renderReceiver`; none where only its key is asked for. */
  readonly files: readonly RenderedFile[];
  /** By digest; pulled without a login. */
  readonly image: string;
  /** Public half of the key that the record lets in; undefined where it names none yet. */
  readonly key: string | undefined;
  /** Nothing of ours bootstraps the host of the database: a person lets the key in there. */
  readonly byHand: boolean;
  /** Commits wait for it also when it is away. */
  readonly always: boolean;
  /** Who asks for it, and from which machine. */
  readonly by: { readonly who: string; readonly from: string };
  readonly at: Date;
}

/** Not that of deploys: neither waits for the other. */
export const lockOf = (environment: string): HostLock => ({
  lock: `${layout.deploy.folder}/receiver-${environment}.lock`,
  holder: `${layout.deploy.folder}/receiver-${environment}.lock.holder`,
});

/** What lets a key in on the host of the database, as a line of authorized_keys. */
export const lineOf = (key: string): string => `restrict,command="${receiverCommand.join(' ')}" ${key}`;

/** The two words of a public key that say which one it is. */
export const identityOf = (key: string): string => key.trim().split(/\s+/).slice(0, 2).join(' ');

/** Where its files are, with the folder of versions among them. */
export const versionsFolder = (environment: string): string => `${receiverPlace(environment).folder}/files`;
