import * as formats from '../formats';
import { generatedSecret } from '../generators';
import type { Random, Setting } from '../setting';

/**
 * The AI proxy. All of it is optional here: whether LiteLLM runs, and with a database, is the environment's own record,
 * and a deploy of one where it does refuses to begin without them.
 */
export const litellmSettings = {
  LITELLM_MASTER_KEY: {
    description: 'Key that the application shows to LiteLLM, and whoever administers it; begins with sk-',
    kind: 'secret',
    required: false,
    scope: 'environment-secret',
    format: formats.secret(32).refine((key) => key.startsWith('sk-'), 'does not begin with sk-'),
    consumers: ['runtime/app', 'runtime/litellm'],
    generate: (random: Random) => `sk-${generatedSecret(random)}`,
  },
  OPENROUTER_API_KEY: {
    description: 'Key of the OpenRouter account that pays for the models',
    kind: 'secret',
    required: { whenSet: ['OPENROUTER_API_BASE'] },
    scope: 'environment-secret',
    format: formats.secret(16),
    consumers: ['runtime/litellm'],
  },
  OPENROUTER_API_BASE: {
    description:
      'Where the models are asked for, if not at OpenRouter itself: a stand-in that speaks its protocol',
    kind: 'plain',
    required: false,
    scope: 'environment-variable',
    format: formats.webUrl,
    consumers: ['runtime/litellm'],
  },
  LITELLM_DB_USER: {
    description: 'Role that LiteLLM logs in to its own database with',
    kind: 'plain',
    required: { whenSet: ['LITELLM_DB_PASSWORD', 'LITELLM_DB_NAME'] },
    scope: 'environment-secret',
    format: formats.databaseRole,
    consumers: ['runtime/db-provision', 'database-url'],
    generate: () => 'cogni_litellm',
  },
  LITELLM_DB_PASSWORD: {
    description: "LiteLLM's password",
    kind: 'secret',
    required: { whenSet: ['LITELLM_DB_USER', 'LITELLM_DB_NAME'] },
    scope: 'environment-secret',
    format: formats.secret(16),
    consumers: ['runtime/db-provision', 'database-url'],
    generate: generatedSecret,
  },
  LITELLM_DB_NAME: {
    description: "LiteLLM's own database: keys and spending",
    kind: 'plain',
    required: { whenSet: ['LITELLM_DB_USER', 'LITELLM_DB_PASSWORD'] },
    scope: 'environment-secret',
    format: formats.databaseName,
    consumers: ['runtime/db-provision', 'database-url'],
    generate: () => 'cogni_litellm',
  },
  LITELLM_DATABASE_URL: {
    description: 'Where and as whom LiteLLM reaches its database',
    kind: 'secret',
    required: false,
    scope: 'derived',
    format: formats.postgresUrl,
    consumers: ['runtime/litellm'],
  },
} as const satisfies Readonly<Record<string, Setting>>;
