import { Failure } from '../foundation/failure';
import type { ReceiverProps, RuntimeProps } from '../services';
import { requireFit, type WholeHost } from '../services/whole-host';
import type { Environment, EnvironmentRecord } from './environment';
import { sourcecredNotes, sourcecredPropsOf } from './sourcecred';
import { edgePropsOf } from './user-data';

/**
 * Holds everything that runs on an environment's host against each other, and against the memory of its plan. The hosts of
 * a sandbox are all of one size, whatever plan they play: there it is not asked. SourceCred counts once a runner of it was
 * released.
 *
 * @param records of all environments: some may have their log received on this host
 * @throws Failure with every fault (exit code 3)
 */
export const requireFitOf = (
  environment: Environment,
  runtime: RuntimeProps,
  records: readonly EnvironmentRecord[],
): void =>
  requireFit(environment.name, wholeHostOf(environment, runtime, records, sourcecredPropsOf(environment)));

/**
 * The same for a release of the application, which a side project cannot stop: SourceCred is not held against the others.
 *
 * @returns what to say of SourceCred: that it is left out, or does not fit beside the others
 * @throws Failure with every fault of the others (exit code 3)
 */
export function requireReleaseFit(
  environment: Environment,
  runtime: RuntimeProps,
  records: readonly EnvironmentRecord[],
): readonly string[] {
  requireFit(environment.name, wholeHostOf(environment, runtime, records, environment.sourcecred && 'apart'));
  const { name } = environment;
  try {
    requireFitOf(environment, runtime, records);
    return sourcecredNotes(environment);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const beside = `SourceCred of ${name} is left out of what must fit: with it, `;
    return thrown.faults.map((fault) => `${beside}${fault}`);
  }
}

const wholeHostOf = (
  environment: Environment,
  { hostGibibytes, ...runtime }: RuntimeProps,
  records: readonly EnvironmentRecord[],
  sourcecred: WholeHost['sourcecred'] | undefined,
): WholeHost => ({
  ...(environment.host.kind === 'cherry' ? { edge: edgePropsOf(environment) } : {}),
  runtime: environment.sandbox || hostGibibytes === undefined ? runtime : { ...runtime, hostGibibytes },
  // Its volume counts as there also while it has no runner: a deploy makes it where it is to be copied.
  ...(sourcecred ? { sourcecred } : environment.sourcecred ? { sourcecred: 'apart' } : {}),
  receivers: receiversOn(environment.name, records),
});

/** What receives the log of others on the host of an environment. How it reaches their databases plays no part in what it needs. */
export const receiversOn = (
  environment: string,
  records: readonly EnvironmentRecord[],
): readonly ReceiverProps[] =>
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
