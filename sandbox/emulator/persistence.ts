import { Failure, messageOf } from '../../foundation/failure';
import { tryReadFile, writeAtomically } from '../../foundation/files';
import type { State } from './state';

/** Grows with every change of shape that an older file cannot be read as. */
const version = 1;

/** Ports that the emulator listens on, on the loopback address. */
export interface Ports {
  readonly proxy: number;
  readonly control: number;
}

/** What one emulator process leaves to the next. */
export interface Kept {
  /** The ports it had, so that the next one is found where this one was. */
  readonly ports: Ports | undefined;
  readonly state: State;
}

/**
 * What the last process left, or undefined when there was none.
 * @throws Failure when the file is there but is not one of this version's.
 */
export function tryLoad(file: string): Kept | undefined {
  const text = tryReadFile(file);
  if (text === undefined) return undefined;
  const next = `remove ${file} to begin with an empty account (servers in it are forgotten), then start the emulator again`;
  try {
    const document = JSON.parse(text) as Kept & { readonly version: number };
    if (document.version === version) return document;
    throw new Failure({
      what: `the emulator's state file ${file} is of version ${document.version}; this emulator reads version ${version}`,
      next,
    });
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure({
      what: `the emulator's state file ${file} cannot be read: ${messageOf(cause)}`,
      next,
      cause,
    });
  }
}

/** Written for its owner only: jobs that wait hold user-data. */
export const save = (file: string, kept: Kept): void =>
  writeAtomically(file, `${JSON.stringify({ version, ...kept })}\n`, 0o600);
