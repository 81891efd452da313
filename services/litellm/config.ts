import { toYaml } from '../../compose/yaml';
import { Failure } from '../../foundation/failure';
import { generatedBy } from '../defaults';
import { declarationOf, type SecretName } from '../settings/catalogue';
import type { LitellmModel } from './models';

export interface LitellmConfigProps {
  readonly models: readonly LitellmModel[];
  /** Whether it keeps keys and spending in its own database. */
  readonly database: boolean;
}

/** LiteLLM's way to name a variable of its environment (LiteLLM documentation, "Config.yaml"). */
export type EnvironmentReference = `os.environ/${SecretName}`;

/** A reference to a declared secret: another name does not compile, and one that LiteLLM does not get fails the render. */
export const fromEnvironment = (name: SecretName): EnvironmentReference => `os.environ/${name}`;

/**
 * LiteLLM's `config.yaml`. It holds no secret, only references to the service's environment.
 *
 * @throws Failure with every fault of the model list: names and defaults that are there twice, and secrets that the
 *   LiteLLM service does not read
 */
export function renderLitellmConfig({ models, database }: LitellmConfigProps): string {
  requireSound(models);
  return `# ${generatedBy}\n${toYaml({
    model_list: models.map(entryOf),
    litellm_settings: {
      // The application bills by it.
      include_cost_in_streaming_usage: true,
      json_logs: true,
      // What people ask and are told stays out of logs.
      turn_off_message_logging: true,
      redact_user_api_key_info: true,
      request_timeout: 600,
      num_retries: 2,
    },
    general_settings: {
      master_key: fromEnvironment('LITELLM_MASTER_KEY'),
      ...(database ? databaseSettings : {}),
    },
  })}`;
}

const databaseSettings = {
  database_url: fromEnvironment('LITELLM_DATABASE_URL'),
  // Of the server's 100 connections.
  database_connection_pool_limit: 10,
  // Answers go on while the database is away; it is reached by nobody outside (LiteLLM documentation, "Production").
  allow_requests_on_db_unavailable: true,
  // This file is the one list of models.
  store_model_in_db: false,
} as const;

const entryOf = ({ name, model, apiKey, zeroDataRetention = false, info }: LitellmModel) => ({
  model_name: name,
  litellm_params: {
    model,
    api_key: fromEnvironment(apiKey),
    ...(zeroDataRetention ? { extra_body: { provider: { zdr: true } } } : {}),
  },
  model_info: {
    display_name: info.displayName,
    is_free: info.free,
    provider_key: info.provider,
    ...(zeroDataRetention ? { is_zdr: true } : {}),
    ...(info.defaultFor === undefined
      ? {}
      : { metadata: { cogni: { [`default_${info.defaultFor}`]: true } } }),
  },
});

function requireSound(models: readonly LitellmModel[]): void {
  const faults = [...modelFaults(models)];
  if (faults.length === 0) return;
  throw new Failure({
    what: "LiteLLM's list of models cannot be used",
    faults,
    next: 'mend services/litellm/models.ts, then run this again',
  });
}

function* modelFaults(models: readonly LitellmModel[]): Generator<string> {
  if (models.length === 0) yield 'it is empty: the application would have nothing to ask';
  for (const [index, { name, apiKey, info }] of models.entries()) {
    const before = models.slice(0, index);
    if (before.some((other) => other.name === name)) {
      yield `${name} is there twice: LiteLLM would spread its requests over both`;
    }
    if (!declarationOf(apiKey).consumers.includes('runtime/litellm')) {
      yield `${name} is paid with ${apiKey}, which the LiteLLM service does not read: add it to its consumers`;
    }
    const { defaultFor } = info;
    if (defaultFor !== undefined && before.some((other) => other.info.defaultFor === defaultFor)) {
      yield `${name} is a second default for ${defaultFor}`;
    }
    if (defaultFor === 'free' && !info.free) yield `${name} is the default for free, and is not free`;
  }
}
