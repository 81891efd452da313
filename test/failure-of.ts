import { Failure } from '../foundation/failure';

/** The {@link Failure} that some work ends with. Work that succeeds, or ends with anything else, fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown: unknown = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (thrown instanceof Failure) return thrown;
  throw thrown;
}
