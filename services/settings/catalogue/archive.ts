import * as formats from '../formats';
import { generatedSecret } from '../generators';
import type { Setting } from '../setting';

/** The archive of the database. Whether there is one is the environment's own record; a deploy of one refuses to begin without them. */
export const archiveSettings = {
  ARCHIVE_KEY: {
    description:
      'Account of the object storage that may write and not delete. Another one restarts the database once',
    kind: 'plain',
    required: { whenSet: ['ARCHIVE_SECRET'] },
    scope: 'environment-secret',
    format: formats.accessKey,
    consumers: ['runtime/postgres', 'runtime/backup', 'runtime/copies'],
  },
  ARCHIVE_SECRET: {
    description: 'Its secret half',
    kind: 'secret',
    required: { whenSet: ['ARCHIVE_KEY'] },
    scope: 'environment-secret',
    format: formats.secret(16),
    consumers: ['runtime/postgres', 'runtime/backup', 'runtime/copies'],
  },
  ARCHIVE_PASSPHRASE: {
    description:
      'What the archive is encrypted with, for ever. Keep a copy elsewhere: without it no backup can be read',
    kind: 'secret',
    required: { whenSet: ['ARCHIVE_KEY'] },
    scope: 'environment-secret',
    format: formats.secret(32),
    consumers: ['runtime/postgres', 'runtime/backup'],
    generate: generatedSecret,
  },
  ARCHIVE_EXPIRER_KEY: {
    description:
      'Account of the object storage that may delete: for ./cogni backup expire, on a machine that is no host',
    kind: 'plain',
    required: { whenSet: ['ARCHIVE_EXPIRER_SECRET'] },
    scope: 'operator',
    format: formats.accessKey,
    consumers: ['cli'],
  },
  ARCHIVE_EXPIRER_SECRET: {
    description: 'Its secret half',
    kind: 'secret',
    required: { whenSet: ['ARCHIVE_EXPIRER_KEY'] },
    scope: 'operator',
    format: formats.secret(16),
    consumers: ['cli'],
  },
} as const satisfies Readonly<Record<string, Setting>>;
