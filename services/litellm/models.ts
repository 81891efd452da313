import type { SecretName } from '../settings/catalogue';

/**
 * A model that the application may ask for, under a name that stays when what is behind it changes. What the
 * application's model list shows is `info`: it reads `/model/info` and keeps the answer for about an hour.
 */
export interface LitellmModel {
  /** What the application asks for: `claude-sonnet-4.5`. Unique in a list. */
  readonly name: string;
  /** LiteLLM's name of provider and model: `openrouter/anthropic/claude-sonnet-4.5` (LiteLLM documentation, "Providers"). */
  readonly model: `${string}/${string}`;
  /** The secret that the provider is paid with. Only one that the LiteLLM service reads is allowed. */
  readonly apiKey: SecretName;
  /** Only to providers that keep nothing of a request (OpenRouter documentation, "Zero Data Retention"). @default false */
  readonly zeroDataRetention?: boolean;
  readonly info: {
    readonly displayName: string;
    /** Costs nothing; the provider may take it away or slow it down at any time. */
    readonly free: boolean;
    /** Whose model it is, for its picture: `anthropic`. */
    readonly provider: string;
    /** Chosen by itself: for those who do not pay (`free`), for all others (`preferred`). One model of a list each. */
    readonly defaultFor?: 'free' | 'preferred';
  };
}

const viaOpenRouter = (
  name: string,
  id: `${string}/${string}`,
  info: LitellmModel['info'],
  more: Pick<LitellmModel, 'zeroDataRetention'> = {},
): LitellmModel => ({ name, model: `openrouter/${id}`, apiKey: 'OPENROUTER_API_KEY', ...more, info });

/**
 * The models of the specification's system, all by way of OpenRouter. A free one that its provider takes away makes
 * requests for it fail: look the names up under openrouter.ai/models when that happens. A changed list restarts LiteLLM
 * at the next deploy, and nothing else.
 */
export const models: readonly LitellmModel[] = [
  viaOpenRouter('nova-2-lite', 'amazon/nova-2-lite-v1:free', {
    displayName: 'Amazon Nova 2 Lite',
    free: true,
    provider: 'amazon',
    defaultFor: 'free',
  }),
  viaOpenRouter('gpt-oss-20b', 'openai/gpt-oss-20b:free', {
    displayName: 'OpenAI gpt-oss 20B',
    free: true,
    provider: 'openai',
  }),
  viaOpenRouter('gpt-5-nano', 'openai/gpt-5-nano', {
    displayName: 'OpenAI GPT-5 nano',
    free: false,
    provider: 'openai',
  }),
  viaOpenRouter('gpt-5', 'openai/gpt-5', {
    displayName: 'OpenAI GPT-5',
    free: false,
    provider: 'openai',
  }),
  viaOpenRouter(
    'claude-sonnet-4.5',
    'anthropic/claude-sonnet-4.5',
    { displayName: 'Anthropic Claude Sonnet 4.5', free: false, provider: 'anthropic' },
    { zeroDataRetention: true },
  ),
  viaOpenRouter(
    'claude-opus-4.5',
    'anthropic/claude-opus-4.5',
    { displayName: 'Anthropic Claude Opus 4.5', free: false, provider: 'anthropic' },
    { zeroDataRetention: true },
  ),
  viaOpenRouter(
    'gemini-2.5-flash',
    'google/gemini-2.5-flash',
    {
      displayName: 'Google Gemini 2.5 Flash',
      free: false,
      provider: 'google',
      defaultFor: 'preferred',
    },
    { zeroDataRetention: true },
  ),
  viaOpenRouter('deepseek-v3.1', 'deepseek/deepseek-chat-v3.1', {
    displayName: 'DeepSeek V3.1',
    free: false,
    provider: 'deepseek',
  }),
  viaOpenRouter('kimi-k2', 'moonshotai/kimi-k2-thinking', {
    displayName: 'Moonshot Kimi K2',
    free: false,
    provider: 'kimi',
  }),
  viaOpenRouter('grok-4.1-fast', 'x-ai/grok-4.1-fast', {
    displayName: 'xAI Grok 4.1 Fast',
    free: false,
    provider: 'xai',
  }),
];
