import { keepingFaults } from '../../../../deploy/backup/bucket-keeping';
import type { S3Client } from '../../../../foundation/s3-client';
import type { S3Call } from '../../../../foundation/s3-sign';

type Answer = readonly [status: number, body: string];

const kept: Readonly<Record<string, Answer>> = {
  versioning: [200, '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'],
  'object-lock': [
    200,
    '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>14</Days></DefaultRetention></Rule></ObjectLockConfiguration>',
  ],
};
const denied: Answer = [403, '<Error><Code>AccessDenied</Code></Error>'];

const client =
  (answerTo: (call: Omit<S3Call, 'host'>) => Answer): S3Client =>
  (call) => {
    const [status, body] = answerTo(call);
    return Promise.resolve({ status, headers: {}, body: Buffer.from(body) });
  };
const faultsOf = (
  changed: Readonly<Record<string, Answer>> = {},
  uploader: Answer = denied,
): Promise<readonly string[]> =>
  keepingFaults({
    bucket: 'cogni-preview',
    expirer: client(({ query = {} }) => ({ ...kept, ...changed })[Object.keys(query)[0] ?? ''] ?? denied),
    uploader: client(() => uploader),
  });

describe('a bucket that keeps history', () => {
  it('has versions, a lock that nobody opens, and refuses the key of the host to delete', async () => {
    expect(await faultsOf()).toEqual([]);
  });

  it.each(['', '<Status>Suspended</Status>'])('does not without versions: "%s"', async (status) => {
    const faults = await faultsOf({ versioning: [200, `<VersioningConfiguration>${status}</…>`] });
    expect(faults).toEqual([expect.stringMatching(/^cogni-preview keeps no versions/)]);
  });

  it('does not without a lock, with one that has no time, or one that somebody opens', async () => {
    const faultOf = async (answer: Answer): Promise<string> =>
      (await faultsOf({ 'object-lock': answer })).join();
    const none = [404, '<Error><Code>ObjectLockConfigurationNotFoundError</Code></Error>'] as const;
    expect(await faultOf(none)).toContain('locks no object');
    const enabled = '<ObjectLockEnabled>Enabled</ObjectLockEnabled>';
    expect(await faultOf([200, enabled])).toContain('locks objects for no time');
    const governed = `${enabled}<Mode>GOVERNANCE</Mode><Days>14</Days>`;
    expect(await faultOf([200, governed])).toContain('in the mode GOVERNANCE');
  });

  it('does not where the key of the host may delete, also what is not there', async () => {
    expect(await faultsOf({}, [204, ''])).toEqual([
      'the key of the host (ARCHIVE_KEY) may delete history: the storage answered 204',
      'the key of the host (ARCHIVE_KEY) may delete versions of history: the storage answered 204',
    ]);
  });

  it('is not taken for one where the storage does not say', async () => {
    expect(await faultsOf({ versioning: denied, 'object-lock': denied }, [503, ''])).toEqual([
      expect.stringMatching(/^versioning of the bucket cannot be read \(403 AccessDenied\)/),
      expect.stringMatching(/^object lock of the bucket cannot be read \(403 AccessDenied\)/),
      'whether the key of the host deletes history is not known (503)',
      'whether the key of the host deletes versions of history is not known (503)',
    ]);
  });

  it('is asked without the key of the host where that is not here', async () => {
    const expirer = client(({ query = {} }) => kept[Object.keys(query)[0] ?? ''] ?? denied);
    expect(await keepingFaults({ bucket: 'cogni-preview', expirer })).toEqual([]);
  });
});
