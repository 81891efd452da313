import type { RebuildBegun } from '../../../../recovery/rebuild/journal';
import type { RebuildShape } from '../../../../recovery/rebuild/plan';

export const begun: RebuildBegun = {
  kind: 'begun',
  id: '20261121T123000Z',
  environment: 'preview',
  host: 'preview-cogni',
  by: { who: 'ada', from: 'laptop' },
  verdict: { id: 'replaced-silently', means: 'another machine stands behind it' },
  replaces: true,
  givenUp: { server: 811287, address: '192.0.2.7' },
  target: 'newest',
  backup: { label: '20261121-030000F', at: '2026-11-21T03:00:00.000Z' },
  reaches: '2026-11-21T12:29:30.000Z',
  copy: {
    name: '20261121-020000',
    at: '2026-11-21T02:00:00.000Z',
    parts: ['edge.tar.age', 'host.tar.age', 'roles.sql.age'],
  },
  release: {
    from: 'record',
    name: '20261121T081500Z-preview-0123abc',
    tag: 'preview-0123abc',
    images: {
      app: `ghcr.io/cogni/app@sha256:${'a'.repeat(64)}`,
      migrator: `ghcr.io/cogni/app@sha256:${'b'.repeat(64)}`,
    },
  },
};

export const shape: RebuildShape = {
  environment: 'preview',
  domain: 'preview.example.org',
  host: 'cherry',
  begun,
  archive: { endpoint: 's3.example.org', bucket: 'cogni-preview' },
};
