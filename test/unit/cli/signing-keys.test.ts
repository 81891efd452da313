import { signingKeysOf } from '../../../cli/signing-keys';
import { ExitCode } from '../../../foundation/failure';
import { keyPair } from '../deploy/cosign';

describe('the keys that images must be signed with', () => {
  const { pem } = keyPair();

  test('are read from the files that the environment names', () => {
    expect(signingKeysOf('preview', ['keys/cosign.pub'], () => pem)).toEqual([
      { file: 'keys/cosign.pub', pem },
    ]);
    expect(signingKeysOf('preview', [])).toEqual([]);
  });

  test('stop the deploy when they are missing or not sound, all of them at once', () => {
    const files = ['keys/gone.pub', 'keys/broken.pub'];
    const read = (path: string): string | undefined => (path.endsWith('broken.pub') ? 'x' : undefined);
    const refused = expect.objectContaining({
      faults: ['keys/gone.pub does not exist', 'keys/broken.pub is no public key in PEM'],
      exitCode: ExitCode.refused,
    }) as Error;
    expect(() => signingKeysOf('preview', files, read)).toThrow(refused);
  });
});
