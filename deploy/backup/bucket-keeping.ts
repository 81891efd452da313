import { messageOf } from '../../foundation/failure';
import type { HttpsAnswer } from '../../foundation/https';
import type { S3Client } from '../../foundation/s3-client';
import { archiveFolder, stanza } from '../../services';

/** An object of the log that was never written: what may be done with it shows what may be done with history, and nothing is lost by it. */
const neverWritten = `${archiveFolder}/archive/${stanza}/never-written`;

/** A version that no object has; every storage takes any text there. */
const noVersion = '00000000-0000-4000-8000-000000000000';

export interface KeepingQuestions {
  readonly bucket: string;
  /** Calls as the account that removes, which may read how the bucket is kept. */
  readonly expirer: S3Client;
  /** Calls as the account of the host. @default - its key is not here, and what it may do is not asked */
  readonly uploader?: S3Client | undefined;
}

/**
 * Asks a storage whether history in a bucket is kept from whoever takes a host over: every version stays, none can be deleted before its
 * time, and the host's key deletes none. Changes nothing that was written.
 *
 * @returns everything that speaks against it
 */
export async function keepingFaults({ bucket, expirer, uploader }: KeepingQuestions): Promise<string[]> {
  const path = `/${bucket}`;
  const versions = await asked(expirer({ method: 'GET', path, query: { versioning: '' } }));
  const lock = await asked(expirer({ method: 'GET', path, query: { 'object-lock': '' } }));
  const history = `${path}/${neverWritten}`;
  return [
    ...versionFaults(bucket, versions),
    ...lockFaults(bucket, lock),
    ...(uploader === undefined
      ? []
      : [
          ...deletionFaults('history', await asked(uploader({ method: 'DELETE', path: history }))),
          ...deletionFaults(
            'versions of history',
            await asked(uploader({ method: 'DELETE', path: history, query: { versionId: noVersion } })),
          ),
        ]),
  ];
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

const asked = (answer: Promise<HttpsAnswer>): Promise<Answer> =>
  answer.then(
    ({ status, body }) => ({ status, text: body.toString('utf8') }),
    (thrown: unknown) => ({ status: 0, text: messageOf(thrown) }),
  );

const valueOf = (name: string, { text }: Answer): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];

const unread = (what: string, answer: Answer): string =>
  `${what} of the bucket cannot be read (${answer.status === 0 ? answer.text : `${answer.status} ${valueOf('Code', answer) ?? ''}`.trim()}): the account that removes needs the right to (services/archive/bucket.ts)`;

/** Amazon S3 API Reference, "GetBucketVersioning": no status where versions were never asked for. */
function versionFaults(bucket: string, answer: Answer): readonly string[] {
  if (answer.status !== 200) return [unread('versioning', answer)];
  const status = valueOf('Status', answer);
  return status === 'Enabled'
    ? []
    : [`${bucket} keeps no versions (${status ?? 'never asked for'}): what is written over is gone`];
}

/** Amazon S3 API Reference, "GetObjectLockConfiguration". */
function lockFaults(bucket: string, answer: Answer): readonly string[] {
  const none = `${bucket} locks no object: what is deleted with the right key is gone`;
  if (valueOf('Code', answer) === 'ObjectLockConfigurationNotFoundError') return [none];
  if (answer.status !== 200) return [unread('object lock', answer)];
  if (valueOf('ObjectLockEnabled', answer) !== 'Enabled') return [none];
  const mode = valueOf('Mode', answer);
  const time = Number(valueOf('Days', answer) ?? valueOf('Years', answer) ?? 0);
  return mode === 'COMPLIANCE' && time > 0
    ? []
    : [
        `${bucket} locks objects ${mode === undefined ? 'for no time' : `in the mode ${mode}`}: a default retention in the mode COMPLIANCE keeps them from everybody`,
      ];
}

const deletionFaults = (what: string, answer: Answer): readonly string[] =>
  answer.status === 403
    ? []
    : answer.status === 0 || answer.status >= 500
      ? [`whether the key of the host deletes ${what} is not known (${answer.status || answer.text})`]
      : [`the key of the host (ARCHIVE_KEY) may delete ${what}: the storage answered ${answer.status}`];
