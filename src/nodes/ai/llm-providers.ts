import { ToolError, closest } from '../../core/index.js';
import { AI_PATH, type AiOptions, type ProviderOptions } from './ai.options.js';
import { apiKeyOf } from './api-key.js';
import type { Fetch, ProviderHttp } from './http/provider-http.js';
import type { LlmProvider } from './llm-provider.js';
import { parseModelName } from './model-name.js';
import { AnthropicProvider } from './providers/anthropic.provider.js';
import { OllamaProvider } from './providers/ollama.provider.js';
import { OpenAiProvider } from './providers/openai.provider.js';

/** A model with its provider, found. */
export interface ResolvedModel {
  readonly provider: LlmProvider;
  readonly model: string;
}

/** What of the section the providers are made of. */
export type LlmProvidersOptions = Pick<
  AiOptions,
  'providers' | 'defaultModel' | 'timeoutMs' | 'maxResponseBytes' | 'maxLineBytes'
>;

/** The providers of language models of this server, by name. Their packages are loaded when they are first asked. */
export class LlmProviders {
  readonly #providers = new Map<string, LlmProvider>();

  /**
   * @param fetch - what every request goes through. @default globalThis.fetch
   * @throws Error listing every key file that cannot be used
   */
  constructor(
    private readonly options: LlmProvidersOptions,
    fetch: Fetch = globalThis.fetch,
  ) {
    const faults: string[] = [];
    for (const [name, entry] of Object.entries(options.providers)) {
      try {
        this.add(providerOf(name, entry, options, fetch));
      } catch (error) {
        faults.push((error as Error).message);
      }
    }
    if (faults.length > 0) throw new Error(`Providers of language models cannot be set up:\n- ${faults.join('\n- ')}`);
  }

  /** Their names, in the order of the configuration. */
  get names(): readonly string[] {
    return [...this.#providers.keys()];
  }

  /**
   * Adds a team's own.
   *
   * @throws Error when there is one of that name
   */
  add(provider: LlmProvider): void {
    const { name } = provider;
    if (this.#providers.has(name)) throw new Error(`There are two providers of language models named "${name}".`);
    this.#providers.set(name, provider);
  }

  /** @throws ToolError when there is none of that name, with the nearest that there is, or what to configure */
  get(name: string): LlmProvider {
    const provider = this.#providers.get(name);
    if (provider !== undefined) return provider;
    const { names } = this;
    if (names.length === 0) {
      throw new ToolError(
        `No provider of language models is configured. Set ${AI_PATH}.providers, for example ${AI_PATH}.providers.ollama: { type: ollama, baseUrl: http://127.0.0.1:11434 }.`,
      );
    }
    const near = closest(name, names);
    const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
    const shown = name.length > 32 ? `${name.slice(0, 32)}…` : name;
    throw new ToolError(
      `There is no provider "${shown}".${hint} A model is written provider:name; configured in ${AI_PATH}.providers: ${names.join(', ')}.`,
    );
  }

  /**
   * Finds a model, or the default one.
   *
   * @throws ToolError when no model is named and none is the default, when it is not written `provider:name`, and as
   *   {@link get}
   */
  resolve(model: string | undefined = this.options.defaultModel): ResolvedModel {
    // Said first: whatever is named, it could not work.
    if (this.#providers.size === 0) this.get(model ?? '');
    if (model === undefined) {
      throw new ToolError(`No model is named. Give one as provider:name, or set ${AI_PATH}.defaultModel.`);
    }
    const { provider, model: name } = parseModelName(model);
    return { provider: this.get(provider), model: name };
  }
}

function providerOf(name: string, entry: ProviderOptions, options: LlmProvidersOptions, fetch: Fetch): LlmProvider {
  const path = `${AI_PATH}.providers.${name}`;
  const http: ProviderHttp = {
    provider: name,
    path,
    apiKey: apiKeyOf(entry, path),
    timeoutMs: entry.timeoutMs ?? options.timeoutMs,
    retries: entry.retries,
    maxBytes: options.maxResponseBytes,
    maxLineBytes: options.maxLineBytes,
    fetch,
  };
  const baseUrl = entry.baseUrl.replace(/\/+$/, '');
  if (entry.type === 'ollama') return new OllamaProvider(baseUrl, http);
  if (entry.type === 'anthropic') return new AnthropicProvider(baseUrl.replace(/\/v1$/, ''), http, entry.apiVersion);
  const own = new URL(baseUrl).hostname === 'api.openai.com';
  const { maxTokensField = own ? 'max_completion_tokens' : 'max_tokens', structuredOutput } = entry;
  return new OpenAiProvider(baseUrl, http, { maxTokensField, structuredOutput });
}
