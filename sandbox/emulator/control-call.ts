import { z } from 'zod';
import type { Pools } from './addresses';
import type { Jobs } from './jobs';
import { afterTime } from './lifecycle';
import type { Machines } from './machines';
import type { RequestLog } from './request-log';
import { own, type Server, type State } from './state';
import type { Store } from './store';
import type { Tokens } from './tokens';

/** What the handlers of the control API have in common. */

export interface ControlProps {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly machines: Machines;
  readonly requests: RequestLog;
  readonly tokens: Tokens;
  readonly pools: Pools;
  /** Milliseconds on the emulator's clock. */
  readonly now: () => number;
  /** What a reset brings back. */
  readonly initial: () => State;
  readonly log: (line: string) => void;
}

export interface ControlCall {
  readonly props: ControlProps;
  /** What stands for `{}` in the path. */
  readonly id: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** A call of the control API that cannot be done: a status, and what is wrong in plain words. */
export class Rejected extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Handlers by method and path; `{}` stands for one segment. What a handler returns is the answer. */
export type Controls = Readonly<Record<string, (call: ControlCall) => unknown>>;

/** The state as of now. */
export const present = ({ store, now }: ControlProps): State =>
  store.change((state) => afterTime(state, now()));

export function serverOf(props: ControlProps, id: string): Server {
  const server = own(present(props).servers, id);
  if (!server) throw new Rejected(404, `there is no server ${id}`);
  return server;
}

/** @throws Rejected for a body that is not of the shape, with everything that is wrong with it */
export function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  throw new Rejected(400, z.prettifyError(result.error));
}
