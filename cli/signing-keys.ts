import { join } from 'node:path';
import { keyFault, type SigningKey } from '../deploy';
import { ExitCode, Failure } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
import { checkout } from '../infra/checkout';

/**
 * The keys that an environment's images must be signed with.
 *
 * @param files relative to the checkout
 * @throws Failure with every file that is missing or holds no such key: nothing is deployed without a check that was
 *   asked for
 */
export function signingKeysOf(
  environment: string,
  files: readonly string[],
  read: (path: string) => string | undefined = tryReadFile,
): readonly SigningKey[] {
  const found = files.map((file) => ({ file, pem: read(join(checkout, file)) }));
  const faults = found.flatMap(({ file, pem }) => {
    const fault = pem === undefined ? 'does not exist' : keyFault(pem);
    return fault === undefined ? [] : [`${file} ${fault}`];
  });
  if (faults.length > 0) {
    throw new Failure({
      what: `${environment} wants signed images (signing.keyFiles in stacks/environments.ts), and its keys are not sound`,
      faults,
      next: 'put the public half there: "cosign generate-key-pair" writes it to cosign.pub; the private half never comes near this repository',
      exitCode: ExitCode.refused,
    });
  }
  return found.map(({ file, pem = '' }) => ({ file, pem }));
}
