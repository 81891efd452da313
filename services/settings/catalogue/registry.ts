import * as formats from '../formats';
import type { Setting } from '../setting';

/** Pulling our own images. */
export const registrySettings = {
  GHCR_USERNAME: {
    description: 'Account that may pull our images, such as a bot of the organisation',
    kind: 'plain',
    required: true,
    scope: 'repository-variable',
    format: formats.accountName,
    consumers: ['registry-login'],
  },
  GHCR_DEPLOY_TOKEN: {
    description: "That account's personal access token with read:packages and nothing else",
    kind: 'secret',
    required: true,
    scope: 'repository-secret',
    format: formats.secret(8),
    consumers: ['registry-login'],
  },
} as const satisfies Readonly<Record<string, Setting>>;
