import type { Archive } from '../../../../services';

/** A sound archive. */
export const archive: Archive = {
  image: `ghcr.test/cogni/postgres-pgbackrest@sha256:${'f'.repeat(64)}`,
  endpoint: 's3.cogni.test',
  bucket: 'cogni-preview',
  region: 'us-east-1',
  keep: { daily: 7, weekly: 4 },
};
