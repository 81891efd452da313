import * as formats from '../formats';
import type { Setting } from '../setting';

/** What belongs to the whole repository: the account that the hosts are rented with. */
export const repositorySettings = {
  CHERRY_AUTH_TOKEN: {
    description: 'Token of the Cherry Servers API, from its portal under "API keys"',
    kind: 'secret',
    required: true,
    scope: 'repository-secret',
    format: formats.secret(8),
    consumers: ['cherry-provider'],
  },
} as const satisfies Readonly<Record<string, Setting>>;
