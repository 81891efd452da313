import type { Transport } from '../deploy/transport';
import { runtimeChanges, runtimeItems, type RuntimeChange } from '../deploy/diff/runtime';
import { servingSlot } from '../deploy/diff/serving-slot';
import { connect } from '../deploy/ssh';
import { Failure } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
import type { RuntimeFacts } from '../review';
import type { Environment } from '../stacks/environment';
import { findHost } from './host-access';
import { comparedProjects, maskOf } from './render-environment';

/** Milliseconds for all that a host is asked: a report is not to wait for one that does not answer. */
const deadline = 20_000;

export interface RuntimeQuestion {
  /** False where it is known that there is no host yet. */
  readonly there: boolean;
  readonly signal?: AbortSignal | undefined;
  /** @default - over SSH, as a deploy does */
  readonly open?: (environment: Environment, signal: AbortSignal) => Promise<Transport>;
}

/**
 * What would run on the host of an environment, and what of it would change there: for a review, by host name. A host that
 * cannot be asked is unknown, with the reason; it fails nothing.
 *
 * @throws Failure when nothing can be rendered, or the signal was aborted
 */
export async function runtimeFactsOf(
  environment: Environment,
  question: RuntimeQuestion,
): Promise<Readonly<Record<string, RuntimeFacts>>> {
  return {
    [environment.host.name]: {
      rendered: runtimeItems(comparedProjects(environment)),
      compared: await compared(environment, question),
    },
  };
}

async function compared(
  environment: Environment,
  { there, signal, open = overSsh }: RuntimeQuestion,
): Promise<RuntimeFacts['compared']> {
  if (!there) return { unknown: 'there is no host in the state' };
  const late = AbortSignal.timeout(deadline);
  try {
    const changes = await untilAborted(
      late,
      askHost(environment, open, signal ? AbortSignal.any([signal, late]) : late),
    );
    return { changes };
  } catch (thrown) {
    signal?.throwIfAborted();
    if (late.aborted) return { unknown: `the host did not answer within ${deadline / 1000} s` };
    if (thrown instanceof Failure) return { unknown: `the host was not asked: ${thrown.what}` };
    throw thrown;
  }
}

/** A command that runs on the host has a deadline of its own, and is not waited for. */
const untilAborted = <Result>(late: AbortSignal, work: Promise<Result>): Promise<Result> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => {
      late.addEventListener('abort', () => reject(late.reason as Error), { once: true });
    }),
  ]);

async function askHost(
  environment: Environment,
  open: NonNullable<RuntimeQuestion['open']>,
  signal: AbortSignal,
): Promise<readonly RuntimeChange[]> {
  const transport = await open(environment, signal);
  try {
    return await runtimeChanges({
      transport,
      projects: comparedProjects(environment, await servingSlot(transport)),
      mask: maskOf(environment, []),
      again: `./cogni render ${environment.name} --diff`,
    });
  } finally {
    await transport.close();
  }
}

/** @throws Failure at once where nobody could log in, or the host's key is not pinned here */
async function overSsh(environment: Environment, signal: AbortSignal): Promise<Transport> {
  const host = await findHost(environment);
  if (tryReadFile(host.knownHosts) === undefined) {
    throw new Failure({
      what: `its key is not pinned here (./cogni host pin ${environment.name})`,
      next: `./cogni host pin ${environment.name}`,
    });
  }
  if (!process.env['SSH_AUTH_SOCK']) {
    throw new Failure({
      what: 'there is no SSH agent (SSH_AUTH_SOCK)',
      next: 'start one and add the deploy key',
    });
  }
  return connect(host, { signal });
}
