import { createHash } from 'node:crypto';
import { Failure } from '../../foundation/failure';
import type { HttpsAnswer } from '../../foundation/https';
import { bucketPolicy, type ArchiveAccounts } from '../../services';
import type { S3Client } from '../../foundation/s3-client';

/**
 * Makes a bucket for an archive, or brings the one that is there to the same: every version is kept, none can be deleted by
 * anybody for `lockedDays` after it was written, and each account has its rights and no others.
 *
 * @param root calls as the server's own account
 */
export async function ensureBucket(
  root: S3Client,
  bucket: string,
  accounts: ArchiveAccounts,
  lockedDays: number,
): Promise<void> {
  const path = `/${bucket}`;
  const change = async (
    what: string,
    query: Readonly<Record<string, string>>,
    body: string,
    headers: Readonly<Record<string, string>> = {},
    alsoFine: readonly number[] = [],
  ): Promise<void> => {
    // What changes how a bucket is kept must carry its own checksum (Amazon S3 API Reference, "PutObjectLockConfiguration").
    const checksum = body === '' ? {} : { 'content-md5': createHash('md5').update(body).digest('base64') };
    const answer = await root({ method: 'PUT', path, query, body, headers: { ...headers, ...checksum } });
    if (answer.status >= 300 && !alsoFine.includes(answer.status)) throw refused(bucket, what, answer);
  };
  // 409: it is there. Object lock can be asked for only when a bucket is made; it brings the versions with it.
  await change('be made', {}, '', { 'x-amz-bucket-object-lock-enabled': 'true' }, [409]);
  await change('lock its objects', { 'object-lock': '' }, objectLock(lockedDays));
  await change('give rights', { policy: '' }, JSON.stringify(bucketPolicy(bucket, accounts)));
}

/** Amazon S3 API Reference, "PutObjectLockConfiguration". */
const objectLock = (days: number): string =>
  `<ObjectLockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>${days}</Days></DefaultRetention></Rule></ObjectLockConfiguration>`;

const refused = (bucket: string, what: string, answer: HttpsAnswer): Failure =>
  new Failure({
    what: `the sandbox's S3 server did not let the bucket ${bucket} ${what}: it answered ${answer.status}`,
    next: './cogni sandbox down, then ./cogni sandbox up',
    output: answer.body.toString('utf8').slice(0, 2_000),
  });
