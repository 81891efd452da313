import * as formats from '../formats';
import { generatedSecret } from '../generators';
import type { Setting } from '../setting';

/** The application, and the release that is deployed. */
export const appSettings = {
  DOMAIN: {
    description: 'Host name of the site',
    kind: 'plain',
    required: true,
    scope: 'environment-record',
    format: formats.hostName,
    consumers: ['runtime/app'],
  },
  AUTH_SECRET: {
    description: 'Key with which the application signs its sessions; a new one logs everybody out',
    kind: 'secret',
    required: true,
    scope: 'environment-secret',
    format: formats.secret(32),
    consumers: ['runtime/app'],
    generate: generatedSecret,
  },
  METRICS_TOKEN: {
    description: "Token of the application's metrics; without one it gives none",
    kind: 'secret',
    required: false,
    scope: 'environment-secret',
    format: formats.secret(32),
    consumers: ['runtime/app', 'runtime/alloy'],
    generate: generatedSecret,
  },
  APP_IMAGE: {
    description: 'Image of the application, by digest',
    kind: 'plain',
    required: true,
    scope: 'release',
    format: formats.imageDigest,
    consumers: ['runtime/app'],
  },
  MIGRATOR_IMAGE: {
    description: 'Image with the migrations of the same build, by digest',
    kind: 'plain',
    required: true,
    scope: 'release',
    format: formats.imageDigest,
    consumers: ['runtime/db-migrate'],
  },
} as const satisfies Readonly<Record<string, Setting>>;
