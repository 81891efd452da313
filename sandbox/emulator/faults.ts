import { z } from 'zod';

/**
 * The hook by which a test makes the API misbehave. A fault says which calls it meets and what happens to them then.
 */
export const faultSchema = z.strictObject({
  when: z.strictObject({
    /** @default any method */
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
    /** Path with `*` for one segment: `/v1/servers/*`. @default any path */
    path: z.string().startsWith('/').optional(),
    /** Query parameters that the call must have, with exactly these values: `{"fields": "state"}`. */
    query: z.record(z.string(), z.string()).optional(),
    /** Only calls on this server: its own path and what is below it. */
    server: z.int().optional(),
    /** Which of the calls that fit is the first one it meets. @default 1 */
    nth: z.int().min(1).default(1),
    /** How many calls it meets from then on; null = all. @default 1 */
    times: z.int().min(1).nullable().default(1),
  }),
  then: z.discriminatedUnion('kind', [
    z.strictObject({
      /** Answers this instead. */
      kind: z.literal('answer'),
      status: z.int().min(200).max(599),
      headers: z.record(z.string(), z.string()).default({}),
      /** A string goes out as it is (as HTML unless the headers say otherwise), anything else as JSON. @default no body */
      body: z.unknown().optional(),
      /** Whether the call takes effect all the same. @default false */
      committed: z.boolean().default(false),
    }),
    /** Waits, in real milliseconds, then answers as usual. */
    z.strictObject({ kind: z.literal('delay'), milliseconds: z.int().min(0) }),
    /** Resets the connection; the call has no effect. */
    z.strictObject({ kind: z.literal('reset') }),
    /** Never answers and keeps the connection open; the call has no effect. */
    z.strictObject({ kind: z.literal('silence') }),
    /** The call takes effect, then the connection is reset. */
    z.strictObject({ kind: z.literal('lose-answer') }),
    /** Answers as usual, but with top-level properties of the JSON body replaced or taken out. */
    z.strictObject({
      kind: z.literal('alter'),
      set: z.record(z.string(), z.unknown()).default({}),
      remove: z.array(z.string()).default([]),
    }),
  ]),
});

type FaultOrder = z.infer<typeof faultSchema>;

export interface Fault extends FaultOrder {
  readonly id: number;
  /** Calls that fitted so far. */
  readonly seen: number;
}

export interface FaultCall {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * Counts a call against all faults and gives the first one that it meets. Every fault that fits counts, so that two
 * faults on one path do not shift each other.
 */
export function meet(
  faults: readonly Fault[],
  call: FaultCall,
): { faults: readonly Fault[]; met: Fault | undefined } {
  const counted = faults.map((fault) => (fits(fault, call) ? { ...fault, seen: fault.seen + 1 } : fault));
  const met = counted.find((fault, index) => fault !== faults[index] && inReach(fault));
  return { faults: counted.some((fault, index) => fault !== faults[index]) ? counted : faults, met };
}

function fits({ when }: Fault, call: FaultCall): boolean {
  const ofServer = new RegExp(`^/v1/servers/${when.server}(/|$)`);
  return (
    (when.method === undefined || when.method === call.method) &&
    (when.path === undefined || pathFits(when.path, call.path)) &&
    (when.server === undefined || ofServer.test(call.path)) &&
    Object.entries(when.query ?? {}).every(([name, value]) => call.query.get(name) === value)
  );
}

const inReach = ({ when, seen }: Fault): boolean =>
  seen >= when.nth && (when.times === null || seen < when.nth + when.times);

function pathFits(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length && wanted.every((part, index) => part === '*' || part === given[index])
  );
}
