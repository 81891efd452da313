import { Failure } from '../../foundation/failure';
import { carryOutPlan } from '../carry-out';
import { watchedAdapters, withHost, type DeployAdapters } from '../rolling/deploy';
import type { SshHost } from '../ssh';
import { keyCommand, planDown, planKey, planUp } from './plan';
import { identityOf, type ReceiverRequest } from './request';

export interface ReceiverResult {
  /** Id of the run in the journal of the receiving host. */
  readonly run: string;
  readonly journalProblem?: string;
}

/**
 * Has a key made on the receiving host, where there is none.
 *
 * @returns its public half: type and base64
 * @throws Failure when the receiving host cannot be reached, or its image has no ssh-keygen
 */
export function receiverKey(
  request: ReceiverRequest,
  host: SshHost,
  adapters: DeployAdapters = {},
): Promise<ReceiverResult & { readonly key: string }> {
  const watched = watchedAdapters(adapters);
  return withHost(host, watched, async (transport) => {
    const { run, journalProblem } = await carryOutPlan(
      planKey({ ...request, key: undefined }),
      errandOf(request),
      transport,
      watched,
    );
    const { code, stdout, stderr } = await transport.run(keyCommand(request));
    const key = identityOf(stdout);
    if (code !== 0 || !key.startsWith('ssh-')) {
      throw new Failure({
        what: `${transport.describe()} does not say what the key of the receiver is`,
        output: stdout + stderr,
        next: `./cogni receiver key ${request.environment}`,
      });
    }
    return { key, run, ...(journalProblem === undefined ? {} : { journalProblem }) };
  });
}

/**
 * Brings a receiver to its host, or takes it away ({@link planUp}, {@link planDown}).
 *
 * @throws Failure when the receiving host cannot be reached, when another change of it is under way (exit code 4), and when a step failed
 */
export function changeReceiver(
  what: 'up' | 'down' | 'down with log',
  request: ReceiverRequest,
  host: SshHost,
  adapters: DeployAdapters = {},
): Promise<ReceiverResult> {
  const watched = watchedAdapters(adapters);
  const plan = what === 'up' ? planUp(request) : planDown(request, what === 'down with log');
  return withHost(host, watched, async (transport) => {
    const { run, journalProblem } = await carryOutPlan(plan, errandOf(request), transport, watched);
    return { run, ...(journalProblem === undefined ? {} : { journalProblem }) };
  });
}

const errandOf = ({ environment, by }: ReceiverRequest) =>
  ({ command: 'receiver', environment, by, result: 'applied' }) as const;
