/** Where in a bucket the archive of a database is: the rest of the bucket is for other things of the same environment. */
export const archiveFolder = 'pgbackrest';

/** Where the portable copies are in it. */
export const copiesFolder = 'copies';

/** pgBackRest's name for the one database server of an environment (its documentation, "Stanza"). */
export const stanza = 'cogni';

/** Accounts of an object storage, by what they are for; the form of their names is the storage's own. */
export interface ArchiveAccounts {
  /** Its credentials are on the host. */
  readonly uploader: string;
  /** Its credentials are anywhere else: they can end history, and a stolen host must not. */
  readonly expirer: string;
}

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: { readonly AWS: readonly string[] };
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** A bucket's policy (Amazon S3 User Guide, "Policies and permissions"); JSON as it is. */
export interface BucketPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/**
 * What each account may do in the bucket of an archive. Nothing but this is allowed to them.
 *
 * - The uploader reads, lists and writes. It deletes `latest`, a link that pgBackRest makes anew with each backup, and the parts that a backup has
 *   beside its manifest: pgBackRest removes those of one that was cut off before it makes another one, and without this right no later backup would
 *   succeed. It can neither take the manifest of a whole backup away nor any log, and of what it deletes or writes over the bucket's versions keep
 *   the one before, and its object lock keeps that version from everybody.
 * - The expirer reads, lists and deletes, sees whether versions and lock are on, and writes pgBackRest's own lists, which name the backups that are left.
 */
export const bucketPolicy = (bucket: string, { uploader, expirer }: ArchiveAccounts): BucketPolicy => {
  const whole = `arn:aws:s3:::${bucket}`;
  const objects = `${whole}/*`;
  const allow = (
    Sid: string,
    account: string,
    Action: readonly string[],
    Resource: readonly string[],
  ): Statement => ({ Sid, Effect: 'Allow', Principal: { AWS: [account] }, Action, Resource });
  return {
    Version: '2012-10-17',
    Statement: [
      allow('UploaderLists', uploader, ['s3:ListBucket'], [whole]),
      allow('UploaderReadsAndWrites', uploader, ['s3:GetObject', 's3:PutObject'], [objects]),
      allow(
        'UploaderRemovesWhatItBegan',
        uploader,
        ['s3:DeleteObject'],
        ['latest', '*/bundle/*', '*/pg_*', '*/backup.manifest.copy'].map(
          (path) => `${whole}/${archiveFolder}/backup/${stanza}/${path}`,
        ),
      ),
      allow('ExpirerLists', expirer, ['s3:ListBucket', 's3:ListBucketVersions'], [whole]),
      allow(
        'ExpirerSeesHowItIsKept',
        expirer,
        ['s3:GetBucketVersioning', 's3:GetBucketObjectLockConfiguration'],
        [whole],
      ),
      allow('ExpirerDeletes', expirer, ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [objects]),
      // A version that is still locked stays all the same.
      allow('ExpirerDeletesVersions', expirer, ['s3:GetObjectVersion', 's3:DeleteObjectVersion'], [objects]),
    ],
  };
};
