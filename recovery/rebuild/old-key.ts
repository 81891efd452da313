import type { S3Client } from '../../foundation/s3-client';
import { leaves } from './gate';

/** Who gives a machine up, and whether anybody here can switch it off. */
export interface GivenUpMachine {
  readonly host: 'cherry' | 'existing';
  /** A machine is given up; false where one that holds nothing is filled. */
  readonly replaces: boolean;
  /** Its number at the provider, by which it is switched off; undefined where there is none. */
  readonly server: number | undefined;
  /** What `./cogni host check` has found, by its id. */
  readonly verdict: string;
}

/**
 * The key to the archive that the given-up machine must have lost before the new one is filled; undefined where that machine is switched off
 * by the provider. One that goes on somewhere would write its own log and backups into the same archive, and drills, rebuilds and expiry follow what came last.
 *
 * @param current `ARCHIVE_KEY` of the settings of now
 * @param revoked the key of that machine, as a person named it: the settings may have another one already
 */
export function keyToEnd(
  { host, replaces, server, verdict }: GivenUpMachine,
  current: string | undefined,
  revoked: string | undefined,
): string | undefined {
  if (!replaces) return undefined;
  // With no number and a verdict that is sure, the project was read and has no such server.
  const unreachable = host === 'existing' || (server === undefined && leaves[verdict] === 'unsure');
  return revoked ?? (unreachable ? current : undefined);
}

/** What a storage says of a key: it lets it in, it has none of that name, or what it said instead. */
export type KeyStanding = 'known' | 'ended' | { readonly untold: string };

/**
 * Asks a storage whether it still has a key, without its secret: a call that is signed by another one is refused either way, and the refusal tells a
 * wrong signature from a key that is not there (Amazon S3 API Reference, "Error responses", SignatureDoesNotMatch and InvalidAccessKeyId).
 *
 * @param ask calls as that key with any secret that is not its own
 */
export async function standingOfKey(ask: S3Client, bucket: string): Promise<KeyStanding> {
  const { status, body } = await ask({
    method: 'GET',
    path: `/${bucket}`,
    query: { 'list-type': '2', 'max-keys': '1' },
  });
  const code = /<Code>([^<]*)<\/Code>/.exec(body.toString('utf8'))?.[1] ?? '';
  switch (code) {
    case 'InvalidAccessKeyId':
      return 'ended';
    case 'SignatureDoesNotMatch':
      return 'known';
    default:
      return { untold: `${status}${code === '' ? '' : ` ${code}`}` };
  }
}

/** What still speaks against filling the new host; nothing: the given-up machine has no way into the archive. Pure. */
export function oldKeyFaults(
  old: string,
  standing: KeyStanding,
  { current, revoked }: { readonly current: string | undefined; readonly revoked: string | undefined },
): readonly string[] {
  return [
    ...(standing === 'known' ? [`the storage still has the key ${old}, which the given-up machine has`] : []),
    ...(typeof standing === 'object' && revoked !== old
      ? [
          `the storage does not tell whether it still has the key ${old} (${standing.untold}): when a person has ended it there, --revoked ${old}`,
        ]
      : []),
    ...(current === old ? [`the settings still name it: ARCHIVE_KEY is ${old}`] : []),
  ];
}
