import type { Output } from '../foundation/process';
import { Failure } from '../foundation/failure';
import type { Sensitive } from '../foundation/secret';
import type { AttachedCode, AttachedCommand, AttachOptions } from './attach';

/**
 * A command for a host, as data: an argv array and what goes to its standard input. `--dry-run` prints it, tests
 * compare it, a {@link Transport} runs it.
 */
export interface RemoteCommand {
  /** Program and arguments; no shell comes in between, and no secret: process lists are public. */
  readonly argv: readonly [string, ...string[]];
  /** Written to standard input, which is then closed. The only way in for secrets. */
  readonly stdin?: Sensitive;
  /** Milliseconds after which it is ended, on the host as well as here. */
  readonly deadline: number;
}

export interface TransportOptions {
  /** Ends the command when aborted; what it had begun on the host may go on until its deadline. */
  readonly signal?: AbortSignal;
  /** Called with each chunk of output as it comes. */
  readonly onOutput?: (chunk: string, stream: 'stdout' | 'stderr') => void;
}

/** A command that keeps running on the host for as long as this side wants, and no longer than the connection. */
export interface Held {
  /** Its first line of output: how it says that it is in place. */
  readonly line: string;
  /** False once it has ended or the connection to it is gone. */
  alive(): boolean;
  /** Settles when it has ended, or the connection to it. */
  readonly ended: Promise<void>;
  /** Writes to its standard input, without waiting; lost when it has ended meanwhile. */
  send(text: string): void;
  /** Closes its standard input and waits until it has ended. Safe to call twice. */
  release(): Promise<void>;
}

/** How commands reach a host: over SSH, or on this machine. */
export interface Transport {
  /** Where the commands run, for people: `deploy@203.0.113.7`, `this machine`. */
  describe(): string;
  /**
   * Runs a command to its end and says how it ended, whatever that was.
   *
   * @throws ConnectionLost when how it ended cannot be known.
   */
  run(command: RemoteCommand, options?: TransportOptions): Promise<Output>;
  /**
   * Starts a command whose standard input stays open after `stdin`, and waits for its first line (at most `deadline`).
   * It is the command's business to end when its input does: then it lives exactly as long as this process and the
   * connection do, a `kill -9` of either included.
   *
   * @returns the running command, or how it ended when it did so before its first line.
   * @throws ConnectionLost when the connection went away meanwhile.
   */
  hold(command: RemoteCommand, options?: TransportOptions): Promise<Held | Output>;
  /**
   * Runs a command with somebody listening, for as long as it takes.
   *
   * @returns its exit code.
   * @throws ConnectionLost when the connection went away meanwhile.
   */
  attach(command: AttachedCommand, options: AttachOptions): Promise<AttachedCode>;
  close(): Promise<void>;
}

export const isHeld = (result: Held | Output): result is Held => 'alive' in result;

/** The connection went away while a command ran: whether that command was carried out is not known. */
export class ConnectionLost extends Failure {
  override readonly name = 'ConnectionLost';
}
