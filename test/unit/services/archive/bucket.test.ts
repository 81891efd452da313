import { bucketPolicy } from '../../../../services';

const policy = bucketPolicy('cogni-preview', { uploader: 'up', expirer: 'ex' });
const actionsOf = (account: string, resource: RegExp): readonly string[] =>
  policy.Statement.filter(
    ({ Principal, Resource }) =>
      Principal.AWS.includes(account) && Resource.some((one) => resource.test(one)),
  ).flatMap(({ Action }) => Action);

describe('the rights in an archive’s bucket', () => {
  it('let the uploader read, list and write, and nothing else', () => {
    expect(actionsOf('up', /:::cogni-preview$/)).toEqual(['s3:ListBucket']);
    expect(actionsOf('up', /:::cogni-preview\/\*$/)).toEqual(['s3:GetObject', 's3:PutObject']);
  });

  it('let the uploader delete the link that pgBackRest replaces and what a backup that was cut off leaves: no manifest of a whole one, no log, no version', () => {
    const deleting = policy.Statement.filter(
      ({ Principal, Action }) =>
        Principal.AWS.includes('up') && Action.some((action) => action.includes('Delete')),
    );
    const backups = 'arn:aws:s3:::cogni-preview/pgbackrest/backup/cogni';
    expect(deleting.flatMap(({ Resource }) => Resource)).toEqual([
      `${backups}/latest`,
      `${backups}/*/bundle/*`,
      `${backups}/*/pg_*`,
      `${backups}/*/backup.manifest.copy`,
    ]);
    expect(deleting.flatMap(({ Action }) => Action)).toEqual(['s3:DeleteObject']);
  });

  it('give nobody a right over the policy, the lock or the retention but to see whether versions and lock are on', () => {
    const all = policy.Statement.flatMap(({ Action, Principal }) =>
      Action.map((action) => [...Principal.AWS, action].join(' ')),
    );
    expect(all.filter((action) => /\*|Policy|Retention|Lock|Legal|Bypass|Versioning/.test(action))).toEqual(
      ['s3:GetBucketVersioning', 's3:GetBucketObjectLockConfiguration'].map((action) => `ex ${action}`),
    );
  });

  it('give the two accounts to different names', () => {
    expect(policy.Statement.every(({ Principal }) => Principal.AWS.length === 1)).toBe(true);
    expect(actionsOf('ex', /\/\*$/)).toContain('s3:DeleteObjectVersion');
  });
});
