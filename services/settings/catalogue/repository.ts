import * as formats from '../formats';
import type { Setting } from '../setting';

/**
 * What belongs to the whole repository: the account that the hosts are rented with.
 */
export const repositorySettings = {
  CHERRY_AUTH_TOKEN: {
    description: 'Token of the Cherry Servers API, from its portal under "API keys"',
    kind: 'secret',
    required: { unlessSet: ['CHERRY_AUTH_KEY'] },
    scope: 'repository-secret',
    format: formats.secret(8),
    consumers: ['cherry-provider', 'stacks'],
  },
  CHERRY_AUTH_KEY: {
    description: 'The same under the older name that the provider also reads; one of the two is enough',
    kind: 'secret',
    required: false,
    scope: 'operator',
    format: formats.secret(8),
    consumers: ['cherry-provider', 'stacks'],
  },
  CHERRY_PROJECT_ID: {
    description: "Number of the Cherry project that the hosts are rented in: it is in the portal's address",
    kind: 'plain',
    required: true,
    scope: 'repository-variable',
    format: formats.identifyingNumber,
    consumers: ['cherry-provider', 'stacks'],
  },
} as const satisfies Readonly<Record<string, Setting>>;
