import type { ReceiverProps, RuntimeProps } from '../services';
import { requireFit } from '../services/whole-host';
import type { Environment, EnvironmentRecord } from './environment';
import { sourcecredPropsOf } from './sourcecred';
import { edgePropsOf } from './user-data';

/**
 * Holds everything that runs on an environment's host against each other, and against the memory of its plan. The hosts of
 * a sandbox are all of one size, whatever plan they play: there it is not asked.
 *
 * @param records of all environments: some may have their log received on this host
 * @throws Failure with every fault (exit code 3)
 */
export function requireFitOf(
  environment: Environment,
  { hostGibibytes, ...runtime }: RuntimeProps,
  records: readonly EnvironmentRecord[],
): void {
  const sourcecred = sourcecredPropsOf(environment);
  requireFit(environment.name, {
    ...(environment.host.kind === 'cherry' ? { edge: edgePropsOf(environment) } : {}),
    runtime: environment.sandbox || hostGibibytes === undefined ? runtime : { ...runtime, hostGibibytes },
    ...(sourcecred ? { sourcecred } : {}),
    receivers: receiversOn(environment.name, records),
  });
}

/** What receives the log of others on the host of an environment. How it reaches their databases plays no part in what it needs. */
const receiversOn = (environment: string, records: readonly EnvironmentRecord[]): readonly ReceiverProps[] =>
  records.flatMap(({ name, archive }) => {
    const receiver = archive?.receiver;
    if (archive === undefined || receiver === undefined) return [];
    if (!('on' in receiver) || receiver.on !== environment) return [];
    return [
      {
        environment: name,
        image: archive.image as ReceiverProps['image'],
        receiver,
        database: { address: '', user: '', alias: '' },
        pins: '',
      },
    ];
  });
