import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryReadFile, writeAtomically } from '../../foundation/files';
import type { Progress } from '../../foundation/progress';
import { ensureCertificate, type CertificateAuthority } from '../certificates';
import type { Docker } from '../docker';
import { s3Image } from '../images/s3';
import { ensureAccount } from '../s3/accounts';
import { ensureBucket } from '../s3/bucket';
import { s3Client } from '../../foundation/s3-client';
import type { S3Account } from '../../foundation/s3-sign';
import { sandboxNames, type World } from '../world';
import { askAt } from './ask';
import { ensureContainer, untilReady } from './container';
import type { SandboxNetwork } from './network';

/** The object storage of one environment: a bucket, and two accounts with different rights (`bucketPolicy`). */
export interface ArchiveStore {
  /** DNS name of the server; it speaks TLS on port 443. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly uploader: S3Account;
  readonly expirer: S3Account;
}

/** versitygw's own. */
const region = 'us-east-1';

/** Days for which nobody can delete a version: the fewest that S3 knows, since a sandbox does not live long. */
const lockedDays = 1;

/**
 * The S3 server, and in it a bucket for each environment.
 *
 * @param environments their names
 * @returns what each environment has, once the server answers
 */
export async function ensureS3<Name extends string>(
  docker: Docker,
  world: World,
  network: SandboxNetwork,
  authority: CertificateAuthority,
  environments: readonly Name[],
  progress: Progress,
): Promise<Readonly<Record<Name, ArchiveStore>>> {
  const name = sandboxNames.s3;
  const address = network.parts.s3;
  const rootAccount = ensureAccount(world, 'root');
  const stores = environments.map((environment) => ({
    environment,
    endpoint: name,
    region,
    bucket: `cogni-${environment}`,
    uploader: ensureAccount(world, `${environment}-uploader`),
    expirer: ensureAccount(world, `${environment}-expirer`),
  }));

  const certificate = await ensureCertificate(world, authority, [name]);
  const folder = join(world.folder, 'parts', 's3');
  const atStart: Readonly<Record<string, string>> = {
    'certificate.pem': readFileSync(certificate.certificate, 'utf8'),
    'key.pem': readFileSync(certificate.key, 'utf8'),
    'root.env': `ROOT_ACCESS_KEY_ID=${rootAccount.key}\nROOT_SECRET_ACCESS_KEY=${rootAccount.secret.reveal()}\n`,
  };
  // Read at each request: an account comes and goes without a restart.
  const live = { 'users.json': usersFile(stores.flatMap(({ uploader, expirer }) => [uploader, expirer])) };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [file, content] of Object.entries({ ...atStart, ...live })) {
    const path = join(folder, file);
    if (tryReadFile(path) !== content) writeAtomically(path, content, 0o600);
  }
  await ensureContainer(
    docker,
    world,
    {
      part: 's3',
      image: await s3Image(docker, progress),
      network,
      address,
      dns: network.parts.dns,
      folders: { '/etc/s3': folder },
      volumes: { '/data': 's3' },
      reads: Object.values(atStart),
    },
    progress,
  );
  const https = askAt(address, authority);
  await untilReady(docker, world, 's3', async () => {
    const { status } = await https({ url: `https://${name}/health`, deadline: 5_000 });
    if (status !== 200) throw new Error(`it answers ${status} for /health`);
  });

  const root = s3Client(https, name, region, rootAccount);
  for (const { bucket, uploader, expirer } of stores) {
    await ensureBucket(root, bucket, { uploader: uploader.key, expirer: expirer.key }, lockedDays);
  }
  return Object.fromEntries(stores.map(({ environment, ...store }) => [environment, store])) as Record<
    Name,
    ArchiveStore
  >;
}

/** versitygw's file of accounts (its source, auth/iam.go, `Account`); a `user` may do what a bucket's policy says. */
const usersFile = (accounts: readonly S3Account[]): string =>
  `${JSON.stringify({
    accessAccounts: Object.fromEntries(
      accounts.map(({ key, secret }) => [
        key,
        { access: key, secret: secret.reveal(), role: 'user', userID: 0, groupID: 0, projectID: 0 },
      ]),
    ),
  })}\n`;
