import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { tryReadFile, writeAtomically } from '../../foundation/files';
import { Secret } from '../../foundation/secret';
import type { World } from '../world';
import type { S3Account } from '../../foundation/s3-sign';

/** An account of the S3 server by its access key; its secret is made once: `<folder>/secrets/s3.json`, mode 0600. */
export function ensureAccount(world: World, key: string): S3Account {
  const file = join(world.folder, 'secrets', 's3.json');
  const there = JSON.parse(tryReadFile(file) ?? '{}') as Readonly<Record<string, string>>;
  // Hexadecimal: it needs no quoting wherever it goes.
  const secret = there[key] ?? randomBytes(20).toString('hex');
  if (there[key] === undefined) {
    writeAtomically(file, `${JSON.stringify({ ...there, [key]: secret }, null, 2)}\n`, 0o600);
  }
  return { key, secret: Secret.of('ARCHIVE_SECRET', secret) };
}
