import * as formats from '../formats';
import type { Setting } from '../setting';

/** What belongs to the whole repository: the account that the hosts are rented with, and the place of Terraform's states. */
export const repositorySettings = {
  CHERRY_AUTH_TOKEN: {
    description: 'Token of the Cherry Servers API, from its portal under "API keys"',
    kind: 'secret',
    required: { unlessSet: ['CHERRY_AUTH_KEY'] },
    scope: 'repository-secret',
    format: formats.secret(8),
    consumers: ['cherry-provider', 'cli', 'stacks'],
  },
  CHERRY_AUTH_KEY: {
    description: 'The same under the older name that the provider also reads; one of the two is enough',
    kind: 'secret',
    required: false,
    scope: 'operator',
    format: formats.secret(8),
    consumers: ['cherry-provider', 'cli', 'stacks'],
  },
  CHERRY_PROJECT_ID: {
    description: "Number of the Cherry project that the hosts are rented in: it is in the portal's address",
    kind: 'plain',
    required: true,
    scope: 'repository-variable',
    format: formats.identifyingNumber,
    consumers: ['records'],
  },
  AWS_ACCESS_KEY_ID: {
    description: 'Key that opens the bucket of the state, where that is in S3',
    kind: 'plain',
    required: { whenSet: ['AWS_SECRET_ACCESS_KEY'] },
    scope: 'repository-secret',
    format: formats.accessKey,
    consumers: ['terraform-state'],
  },
  AWS_SECRET_ACCESS_KEY: {
    description: 'Its secret half',
    kind: 'secret',
    required: { whenSet: ['AWS_ACCESS_KEY_ID'] },
    scope: 'repository-secret',
    format: formats.secret(16),
    consumers: ['terraform-state'],
  },
  PG_CONN_STR: {
    description: 'Connection to the database of the state, where that is in PostgreSQL',
    kind: 'secret',
    required: false,
    scope: 'repository-secret',
    // The one connection that is not composed: role, password and server are another system's, and Terraform's backend reads them
    // under this name alone (Terraform documentation, "Backend Type: pg").
    format: formats.postgresConnection,
    consumers: ['terraform-state'],
  },
  TF_HTTP_USERNAME: {
    description: 'Account on the HTTP server of the state, where it is on one',
    kind: 'plain',
    required: { whenSet: ['TF_HTTP_PASSWORD'] },
    scope: 'repository-secret',
    format: formats.line,
    consumers: ['terraform-state'],
  },
  TF_HTTP_PASSWORD: {
    description: 'Its password',
    kind: 'secret',
    required: { whenSet: ['TF_HTTP_USERNAME'] },
    scope: 'repository-secret',
    format: formats.secret(8),
    consumers: ['terraform-state'],
  },
  TEAM_WEBHOOK_URL: {
    description:
      "Incoming webhook of the team's chat, which is told of every release: whoever knows the address can write there",
    kind: 'secret',
    required: false,
    scope: 'repository-secret',
    format: formats.webhook,
    consumers: ['cli'],
  },
} as const satisfies Readonly<Record<string, Setting>>;
