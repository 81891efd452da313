import { hostName, imageDigest } from '../settings/formats';
import { copiesFaults, type Copies } from '../copies/copies';
import { keepFaults, type Keep } from './keep';
import { receiverFaults, type Receiver } from './receiver';

/**
 * Where the database of an environment is archived, off its host, and how. Credentials and the passphrase are settings
 * (`ARCHIVE_KEY` and its neighbours). Adding, changing or removing it restarts the database once at the next deploy.
 */
export interface Archive {
  /**
   * PostgreSQL 15 with pgBackRest, by digest: built from `services/database/image/` (docs/backup.md, "The image"). It takes the place
   * of the official image.
   */
  readonly image: string;
  /** DNS name of the S3 server, with its port where that is not 443. A certificate for an IP address is not taken. */
  readonly endpoint: string;
  /** Made beforehand with versions and object lock (docs/backup.md, "The bucket"). Another one begins an archive anew. */
  readonly bucket: string;
  /** As the provider names it; any word where it has none. */
  readonly region: string;
  /**
   * Seconds after which what was committed leaves the host, also where little is: what can be lost with it, but for the
   * time that sending takes. A small one makes more objects.
   * @default 15
   */
  readonly timeout?: number;
  /**
   * MiB of write-ahead log that wait on the host while the archive does not take them. What is over is dropped, because a
   * full disk would end the service: the backups then have a gap, which the next full backup closes. The disk has to have room for
   * it and 1 GiB more, or what makes backups is unhealthy.
   * @default 8192
   */
  readonly backlog?: number;
  /** How often a backup is made; between them the log is archived continuously. */
  readonly every?: {
    /** Days between full backups. @default 7 */
    readonly fullDays?: number;
    /** Hours between incremental ones. @default 24 */
    readonly hours?: number;
  };
  /** Which backups are still wanted, in restic's words. Whatever no rule keeps may be removed, elsewhere than on the host. */
  readonly keep: Keep;
  /** What is copied beside the archive, in a form that needs nothing of it. @default - nothing */
  readonly copies?: Copies;
  /** What receives the log on another host as it is written. @default - nothing: what the archive does not have yet is lost with the host */
  readonly receiver?: Receiver;
}

/** An {@link Archive} with nothing left out. */
export interface ArchivePolicy {
  readonly timeout: number;
  readonly backlog: number;
  readonly fullDays: number;
  readonly hours: number;
}

/** What an archive says, and what is meant where it says nothing. */
export const policyOf = ({ timeout = 15, backlog = 8192, every = {} }: Archive): ArchivePolicy => ({
  timeout,
  backlog,
  fullDays: every.fullDays ?? 7,
  hours: every.hours ?? 24,
});

/** Host and port of an {@link Archive.endpoint}. */
export const endpointOf = (endpoint: string): { readonly host: string; readonly port: number } => {
  const [host = '', port = '443'] = endpoint.split(':');
  return { host, port: Number(port) };
};

/** Everything wrong with it, each as the end of a sentence that begins with the field. */
export function archiveFaults(archive: Archive): readonly string[] {
  const { endpoint, bucket, region } = archive;
  const { timeout, backlog, fullDays, hours } = policyOf(archive);
  const { host, port } = endpointOf(endpoint);
  const unless = (fits: boolean, problem: string): readonly string[] => (fits ? [] : [problem]);
  const whole = (value: number, least: number, most: number): boolean =>
    Number.isInteger(value) && value >= least && value <= most;
  return [
    ...unless(
      imageDigest.safeParse(archive.image).success,
      `image "${archive.image}" is not an image by digest: <registry>/<name>@sha256:<64 hex digits>`,
    ),
    ...unless(
      /^[^:]+(?::\d{1,5})?$/.test(endpoint) && hostName.safeParse(host).success && port > 0 && port < 65_536,
      `endpoint "${endpoint}" is not a DNS name with or without a port, such as s3.example.net`,
    ),
    ...unless(
      !/^[\d.]+$/.test(host),
      `endpoint "${endpoint}" is an IP address: pgBackRest believes no certificate for one`,
    ),
    ...unless(
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket),
      `bucket "${bucket}" is not 3 to 63 of a-z 0-9 . -, beginning and ending with a letter or digit`,
    ),
    ...unless(/^[a-z0-9-]{1,40}$/.test(region), `region "${region}" is not 1 to 40 of a-z 0-9 -`),
    ...unless(
      whole(timeout, 5, 45),
      `timeout ${timeout} is not a number of seconds from 5 to 45: with sending, no more than a minute may be lost`,
    ),
    ...unless(
      whole(backlog, 256, 1_048_576),
      `backlog ${backlog} is not a number of MiB from 256 to 1048576`,
    ),
    ...unless(whole(fullDays, 1, 31), `every.fullDays ${fullDays} is not a number of days from 1 to 31`),
    ...unless(whole(hours, 1, 24), `every.hours ${hours} is not a number of hours from 1 to 24`),
    ...keepFaults(archive.keep).map((fault) => `keep ${fault}`),
    ...(archive.copies === undefined ? [] : copiesFaults(archive.copies).map((fault) => `copies.${fault}`)),
    ...(archive.receiver === undefined
      ? []
      : receiverFaults(archive.receiver).map((fault) => `receiver ${fault}`)),
  ];
}
