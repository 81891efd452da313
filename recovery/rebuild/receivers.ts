import type { Receiver } from '../../services';
import type { RebuildBegun } from './journal';

type Receivers = NonNullable<RebuildBegun['receivers']>;

/** The part of a record that tells who receives its log. */
interface ReceivedRecord {
  readonly name: string;
  readonly archive?: { readonly receiver?: Receiver };
}

/**
 * The receivers that a lost host leaves behind: that of its own log, which knows the old address and host key, and those of other
 * environments that ran on it. Pure.
 *
 * @param environment the one that is rebuilt
 * @param records of all environments
 * @returns undefined where there are none
 */
export function receiversOf(
  environment: ReceivedRecord,
  records: readonly ReceivedRecord[],
): Receivers | undefined {
  const waitsOf = ({ synchronous }: Receiver): Receivers['here'][number]['waits'] => synchronous ?? 'never';
  const own = environment.archive?.receiver;
  const here = records.flatMap(({ name, archive }) => {
    const { receiver } = archive ?? {};
    return receiver !== undefined && 'on' in receiver && receiver.on === environment.name
      ? [{ name, waits: waitsOf(receiver) }]
      : [];
  });
  if (own === undefined && here.length === 0) return undefined;
  return { ...(own === undefined ? {} : { own: waitsOf(own) }), here };
}

/** What a person has to do while the release is deployed; undefined where no commit waits for a receiver at all times. */
export const whileDeployed = (environment: string, receivers: Receivers | undefined): string | undefined =>
  receivers?.own === 'always'
    ? `commits of ${environment} wait for the receiver of its log, always, and this stage waits with them until that knows the new host: ./cogni receiver up ${environment} on another terminal. Where it ends with 1 because there is no database yet, the receiver goes on trying`
    : undefined;

/** What is left to a person of receivers, a line each. */
export const receiverErrands = (environment: string, receivers: Receivers | undefined): readonly string[] => [
  ...(receivers?.own === undefined
    ? []
    : [
        `the receiver of its log fetches nothing before it knows the new address and host key${receivers.own === 'never' ? '' : ', and commits wait for it'}: ./cogni receiver up ${environment} (where its host is lost as well: another one in the record first, and ./cogni receiver key ${environment})`,
      ]),
  ...(receivers?.here ?? []).map(
    ({ name, waits }) =>
      `the log of ${name} was received on the lost host, and the receiver is gone with its key${waits === 'always' ? `: nothing can be written to ${name} until there is one` : ''}: ./cogni receiver key ${name} makes another key and says what comes next, up to ./cogni receiver up ${name}`,
  ),
];
