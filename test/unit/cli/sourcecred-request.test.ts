import { sourcecredRequest } from '../../../cli/sourcecred-request';
import { ExitCode } from '../../../foundation/failure';
import type { Environment } from '../../../stacks/environment';
import { loadEnvironment } from '../../../stacks/load';
import { digest, resolvedLock } from '../services/example';
import { record, surroundings } from '../stacks/example';

const mockedDigest = digest('e');
/** On a host of 4 GiB. */
const mockedEnvironment = (sourcecred: number): Environment =>
  loadEnvironment(
    'preview',
    [
      record({
        sourcecred: {
          repositories: ['cogni-dao/cogni-template'],
          currency: { name: 'Cogni', suffix: 'COG' },
        },
        runtime: { litellm: 'with-database', alloy: true, memory: { litellm: 512, sourcecred } },
      }),
    ],
    surroundings(),
  );
let mockedMebibytes = 256;

jest.mock('../../../stacks/here', () => ({
  ...jest.requireActual<object>('../../../stacks/here'),
  findEnvironment: () => mockedEnvironment(mockedMebibytes),
}));
jest.mock('../../../stacks/image-lock', () => ({ imageLockOf: () => resolvedLock() }));
jest.mock('../../../services/sourcecred/runner.lock.json', () => ({
  image: 'ghcr.test/cogni/runner',
  source: 'a test',
  get release() {
    const releasedAt = '2026-01-02T03:04:05.000Z';
    return { tag: 'sc0.11.2', digest: mockedDigest, releasedAt, base: 'base', buildBase: 'base' };
  },
}));
jest.mock('../../../cli/settings-source', () => ({
  settingsSource: () => ({
    SOURCECRED_GITHUB_TOKEN: 'ghp_0123456789abcdefABCDEF',
    GHCR_USERNAME: 'bot',
    GHCR_DEPLOY_TOKEN: 'registry-token',
  }),
}));
jest.mock('../../../cli/host-access', () => ({ findHost: () => Promise.resolve({ address: '192.0.2.7' }) }));

describe('what bringing SourceCred to a host needs to know', () => {
  it('is gathered where it fits beside the others', async () => {
    mockedMebibytes = 256;
    const { request } = await sourcecredRequest('preview', undefined);
    expect(request).toMatchObject({
      environment: 'preview',
      domain: 'preview.cogni.dev',
      image: `ghcr.test/cogni/runner@${mockedDigest}`,
    });
  });

  it('is refused where it does not, before anything is asked', async () => {
    mockedMebibytes = 2048;
    await expect(sourcecredRequest('preview', undefined)).rejects.toMatchObject({
      exitCode: ExitCode.refused,
      what: expect.stringContaining('does not fit together'),
    });
  });
});
